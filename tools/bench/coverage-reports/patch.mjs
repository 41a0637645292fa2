// How fast the new lines without a test are named, in CPU time of whole commands, beside diff-cover, which is looked for on PATH.
//   npm run coverage:patch -- [--help] [--mb N] [--rounds N] [--seed N] [--command FILE]
// --mb [100] is the size of the LCOV and Cobertura reports; --command is the JavaScript of another build, such as tools/pack-command.mjs leaves it.
// A minute at 100 MB. Ends with 1 when the goal is not met, or when the two name another number of lines.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { interleave, median, printGoals, printTable, seedOrder } from '../ratio-table.mjs';
import { writeReport } from './reports.mjs';

const words = process.argv.slice(2);
if (words.includes('--help')) {
  console.log('npm --prefix tools/bench run coverage:patch -- [--mb N] [--rounds N] [--seed N] [--command FILE]');
  process.exit(0);
}
const option = (name, usual) => (words.includes(name) ? words[words.indexOf(name) + 1] : usual);
const bytes = Number(option('--mb', 100)) * 1_000_000;
const rounds = Number(option('--rounds', 3));
const seed = Number(option('--seed', 1));
const command = option('--command', join(import.meta.dirname, '../../../apps/orchestrator/dist/main.js'));
seedOrder(seed);
if (spawnSync('diff-cover', ['--version']).status !== 0) {
  console.log('diff-cover is not on PATH: nothing was measured');
  process.exit(1);
}

const FILES = 40;
const CHANGED = 5;
const folder = mkdtempSync(join(tmpdir(), 'bench-patch-'));
const work = join(folder, 'work');
const git = (...args) =>
  execFileSync('git', ['-C', work, '-c', 'user.name=x', '-c', 'user.email=x@example.org', ...args], {
    stdio: 'ignore',
  });

/** The first files of the report; the branch changes 400 lines in each of some. */
function commit(message, wordOf) {
  for (let number = 0; number < FILES; number += 1) {
    const path = join(work, `packages/mod${number}/src/feature${number % 13}/component_${number}.ts`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, Array.from({ length: 3000 }, (_, at) => `${wordOf(number, at)} x${at} = ${at};\n`).join(''));
  }
  git('add', '-A');
  git('commit', '-qm', message);
}

/** User and system time of the command and of what it starts, and what it says. */
function run(file, args) {
  const timed = spawnSync('bash', ['-c', 'TIMEFORMAT="%U %S"; time "$@"', 'timed', file, ...args], {
    cwd: work,
    encoding: 'utf8',
  });
  const [user, system] = timed.stderr.trim().split('\n').at(-1).split(' ').map(Number);
  return { ms: (user + system) * 1000, said: timed.stdout };
}

const ours = (report) => {
  const { ms, said } = run(process.execPath, [
    ...[command, 'coverage', 'annotate', report],
    ...['--base', 'main', '--branch', 'b', '--json'],
  ]);
  const [, covered, total] = /\((\d+)\/(\d+)\)/.exec(JSON.parse(said).reason);
  return { ms, total, missing: total - covered };
};
const theirs = (report) => {
  const { ms, said } = run('diff-cover', [report, '--compare-branch', 'main']);
  return { ms, total: /Total:\s+(\d+)/.exec(said)?.[1], missing: Number(/Missing:\s+(\d+)/.exec(said)?.[1]) };
};

const goals = [];
let isEqual = true;
try {
  mkdirSync(work);
  git('init', '-q', '-b', 'main');
  commit('base', () => 'const');
  git('checkout', '-q', '-b', 'b');
  commit('change', (number, at) => (number < CHANGED && at >= 9 && at < 409 ? 'let' : 'const'));
  for (const [kind, end] of [
    ['lcov', 'info'],
    ['cobertura', 'xml'],
  ]) {
    const report = join(folder, `report.${end}`);
    writeReport(kind, report, { bytes, seed });
    const runs = await interleave(rounds, { ours: () => ours(report), 'diff-cover': () => theirs(report) }, 0);
    const medians = Object.fromEntries(
      Object.entries(runs).map(([name, all]) => [name, median(all.map(({ ms }) => ms))]),
    );
    printTable(
      `${kind}, the new lines of a branch`,
      ['command', 'CPU ms', 'new lines', 'without a test'],
      Object.entries(runs).map(([name, [first]]) => [name, medians[name], first.total, first.missing]),
    );
    isEqual &&= runs.ours[0].missing === runs['diff-cover'][0].missing;
    goals.push({
      what: `${kind}, diff-cover beside ours`,
      ours: medians['diff-cover'],
      reference: medians.ours,
      unit: 'ms',
      against: 'ours',
      atLeast: 20,
      blind: 'one branch, one shape of report',
    });
    rmSync(report);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = printGoals(goals) === 0 && isEqual ? 0 : 1;
