/**
 * What a scan costs in processor time beside gitleaks and beside other built checkouts: a history of many files, made from a seed, or
 * the whole history of a given repository; and 25,000 tokens in one file.
 *
 *   npm --prefix tools/bench run security [-- --rounds N] [--seed N] [--repository GIT_DIR] [--gitleaks PATH] [CHECKOUT...]     N = 5
 *
 * Contenders take turns; what counts is user and system time of the process and its children. Waiting is left out: on a busy
 * machine it is other processes'. gitleaks reads patches and we read whole objects, so a history of few large changes favours us less.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { interleave, median, printGoals, printTable, seedOrder } from '../ratio-table.mjs';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    repository: { type: 'string' },
    gitleaks: { type: 'string', default: 'gitleaks' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help === true) {
  console.log(readFileSync(fileURLToPath(import.meta.url), 'utf8').split(' */')[0]);
  process.exit(0);
}
seedOrder(Number(values.seed));
const work = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));

const letters = (name, length) =>
  createHash('sha512')
    .update(`${values.seed} ${name}`)
    .digest('base64')
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(0, length);
const git = (folder, ...words) =>
  execFileSync('git', ['-C', folder, '-c', 'user.name=b', '-c', 'user.email=b@mail.example', ...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();

/** A repository with an empty first commit and one commit for each set of files. */
function repositoryOf(name, commits) {
  const folder = join(work, name);
  mkdirSync(folder);
  git(folder, 'init', '-q');
  git(folder, 'commit', '-q', '--allow-empty', '-m', 'first');
  for (const files of commits) {
    for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text);
    git(folder, 'add', '.');
    git(folder, 'commit', '-q', '-m', 'work');
  }
  return join(folder, '.git');
}

const WORDS =
  'const token value return await secret name password key from import export function user api this data config'.split(
    ' ',
  );
function sourceText(name) {
  const bytes = createHash('shake256', { outputLength: 1_000 }).update(`${values.seed} ${name}`).digest();
  return [...bytes].map((byte, at) => `${WORDS[byte % WORDS.length]}${at % 9 === 8 ? ';\n' : ' '}`).join('');
}

const history = Array.from({ length: 60 }, (_, n) =>
  Object.fromEntries(
    Array.from({ length: 20 }, (_, file) => [`f${(n * 7 + file) % 200}.js`, sourceText(`${n} ${file}`)]),
  ),
);
const flood = Array.from(
  { length: 25_000 },
  (_, n) => `t${n} = "${['gh', 'p_'].join('')}${letters(`flood ${n}`, 36)}"`,
).join('\n');
const cases = {
  'history of 60 commits, 1,200 files': repositoryOf('history', history),
  '25,000 tokens in a file': repositoryOf('flood', [{ flood }]),
};
if (values.repository !== undefined) cases[values.repository] = values.repository;

const ONCE = `
const [checkout, gitDir, base, head] = process.argv.slice(1);
const { scanSecrets } = await import(checkout + '/packages/security-gate/dist/index.js');
const scan = await scanSecrets({ git: { gitDir }, base, head, timeoutMs: 900_000 });
if (scan.kind !== 'scanned') throw new Error(JSON.stringify(scan));`;
const TIMED = 'TIMEFORMAT="%3U %3S"; time "$@" >/dev/null 2>/dev/null';

/** Processor seconds of a command and of what it waited for; a command that could not scan has none. */
function cpuSeconds(command, sound) {
  const run = spawnSync('bash', ['-c', `${TIMED}; exit $?`, 'bash', ...command], { encoding: 'utf8' });
  if (!sound.includes(run.status)) throw new Error(`${command[0]} ended with ${run.status}: ${run.stderr}`);
  return run.stderr
    .trim()
    .split(/\s+/)
    .map(Number)
    .reduce((sum, one) => sum + one, 0);
}

const hasGitleaks = spawnSync(values.gitleaks, ['version']).status === 0;
const goals = [];
for (const [name, gitDir] of Object.entries(cases)) {
  const head = git(gitDir, 'rev-parse', 'HEAD');
  const base = git(gitDir, 'rev-list', '--max-parents=0', 'HEAD').split('\n').at(-1);
  const ours = (checkout) => () =>
    cpuSeconds([process.execPath, '--input-type=module', '-e', ONCE, checkout, gitDir, base, head], [0]);
  const theirs = [values.gitleaks, 'git', gitDir, '--no-banner', '--exit-code', '0', '--log-opts', `${base}..${head}`];
  const samples = await interleave(
    Number(values.rounds),
    {
      ours: ours(ROOT),
      ...Object.fromEntries(positionals.map((checkout) => [checkout, ours(checkout)])),
      ...(hasGitleaks ? { gitleaks: () => cpuSeconds(theirs, [0]) } : {}),
    },
    1,
  );
  const rows = Object.entries(samples).map(([who, all]) => [who, median(all), median(samples.ours) / median(all)]);
  printTable(name, ['contender', 'processor seconds, median', 'ours / it'], rows);
  if (hasGitleaks)
    goals.push({
      what: name,
      ours: median(samples.ours),
      against: 'gitleaks',
      reference: median(samples.gitleaks),
      unit: 's',
      atMost: 1,
      blind: 'waiting; memory',
    });
}
if (goals.length > 0) printGoals(goals);
