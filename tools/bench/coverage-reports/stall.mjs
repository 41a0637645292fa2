// How long a coverage gate holds the event loop of the process that asks it: a report and a commit of many files.
//   npm run coverage:stall -- [--help] [--files N]
// --files [100000] are in the commit, in the report and in the baseline. The delay is that of a timer of one millisecond; beside it the CPU that
// our thread took meanwhile, since on a busy machine others are waited for, too. What a process does once (modules, what its containment can) is done
// by a small gate before. About half a minute, most of it git's checkout. Ends with 1 when the goal is not met.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PerformanceObserver } from 'node:perf_hooks';
import { printGoals, printTable } from '../ratio-table.mjs';

const words = process.argv.slice(2);
if (words.includes('--help')) {
  console.log('npm --prefix tools/bench run coverage:stall -- [--files N]');
  process.exit(0);
}
const many = Number(words.includes('--files') ? words[words.indexOf('--files') + 1] : 100_000);
const gate = await import('../../../packages/coverage-gate/dist/index.js');

const LINES = 3;
const pathOf = (at) => `packages/p${at % 500}/src/module${at % 7}/f${at}.js`;
const coveredOf = (at) => (at % 2 === 0 ? LINES : LINES - 1);
const numbers = (count) => Array.from({ length: count }, (_, at) => at);

const SHAPES = {
  'LCOV, as tracked': (count) => ({ report: 'lcov.info', text: lcov(count, '') }),
  'LCOV, in a container': (count) => ({ report: 'lcov.info', text: lcov(count, '/build/w/') }),
  'Cobertura, below a source': (count) => ({ report: 'cobertura.xml', text: cobertura(count) }),
};

function lcov(count, before) {
  const data = (at) => numbers(LINES).map((line) => `DA:${line + 1},${line < coveredOf(at) ? 1 : 0}\n`);
  return numbers(count)
    .map((at) => `SF:${before}${pathOf(at)}\n${data(at).join('')}end_of_record\n`)
    .join('');
}

function cobertura(count) {
  const tags = (at) =>
    numbers(LINES).map((line) => `<line number="${line + 1}" hits="${line < coveredOf(at) ? 1 : 0}"/>`);
  const classes = numbers(count).map(
    (at) => `<class filename="${pathOf(at).slice(9)}"><lines>${tags(at).join('')}</lines></class>\n`,
  );
  return `<coverage line-rate="1"><sources><source>/w/packages</source></sources><packages>${classes.join('')}</packages></coverage>`;
}

/** `main`, and `b`, which changes one file. */
function repository(dir, count) {
  execFileSync('git', ['init', '-q', '--bare', dir]);
  const data = (text) => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const who = 'committer a <a@example.org>';
  const content = (at) => `f(${at});\n`.repeat(8);
  const input = [
    ...numbers(count).map((at) => `blob\nmark :${at + 1}\n${data(content(at))}`),
    `commit refs/heads/main\nmark :${count + 1}\n${who} 1 +0000\n${data('base')}`,
    ...numbers(count).map((at) => `M 100644 :${at + 1} ${pathOf(at)}\n`),
    `\ncommit refs/heads/b\n${who} 2 +0000\n${data('change')}from :${count + 1}\nM 100644 inline ${pathOf(0)}\n${data('g();\n'.repeat(8))}\n`,
  ];
  const made = spawnSync('git', ['-C', dir, 'fast-import', '--quiet'], { input: input.join(''), encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.stderr);
  const name = (ref) => execFileSync('git', ['-C', dir, 'rev-parse', ref], { encoding: 'utf8' }).trim();
  return { gitDir: dir, base: name('main'), head: name('b'), tree: name('main^{tree}') };
}

function baselineOf(policy, { base, tree }, count) {
  const files = Object.fromEntries(numbers(count).map((at) => [pathOf(at), [coveredOf(at), LINES]]));
  const covered = numbers(count).reduce((sum, at) => sum + coveredOf(at), 0);
  const total = count * LINES;
  return {
    ...{ seq: 1, metric: 'lines', commandHash: gate.commandHash(policy), files },
    mark: { covered, total, commit: base },
    ref: { uncovered: total - covered, total },
    last: { covered, total, tree, commit: base },
  };
}

/** The longest delay of the event loop, the most CPU that our thread took within one, and the longest collection of garbage. */
async function watched(work) {
  let [delayMs, cpuMs, garbageMs] = [0, 0, 0];
  const garbage = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) garbageMs = Math.max(garbageMs, duration);
  });
  garbage.observe({ entryTypes: ['gc'] });
  const cpuNow = () => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  let [last, cpu] = [performance.now(), cpuNow()];
  const tick = setInterval(() => {
    const [now, used] = [performance.now(), cpuNow()];
    [delayMs, cpuMs] = [Math.max(delayMs, now - last - 1), Math.max(cpuMs, used - cpu)];
    [last, cpu] = [now, used];
  }, 1);
  const answer = await work();
  clearInterval(tick);
  garbage.disconnect();
  return { delayMs, cpuMs, garbageMs, answer };
}

async function gateOn(root, repo, { count, shape }) {
  const { report, text } = SHAPES[shape](count);
  const kept = join(root, 'made');
  writeFileSync(kept, text);
  const policy = {
    ...{ command: `cp ${kept} ${report}`, report, mode: 'both', minPpm: 100_000, epsilonPpm: 1000 },
    ...{ timeoutMs: 300_000, failClosed: false, env: [], patch: { minPpm: 0, policy: 'warn' } },
  };
  const baseline = baselineOf(policy, repo, count);
  const { gitDir, base, head } = repo;
  const reportsDir = mkdtempSync(join(root, 'reports-'));
  const asked = { git: { gitDir }, slotDir: join(root, 'slot'), base, head, commit: head, policy, reportsDir };
  const seen = await watched(() =>
    gate.checkBranchCoverage({ ...asked, baseline: () => ({ read: async () => baseline }) }),
  );
  const { verdict } = seen.answer;
  if (verdict?.status !== 'pass') throw new Error(`${shape}: ${verdict?.reason ?? seen.answer.kind}`);
  return seen;
}

const root = mkdtempSync(join(tmpdir(), 'bench-stall-'));
const rows = [];
try {
  await gateOn(root, repository(join(root, 'small.git'), 10), { count: 10, shape: 'LCOV, as tracked' });
  const repo = repository(join(root, 'large.git'), many);
  for (const shape of Object.keys(SHAPES)) rows.push({ shape, ...(await gateOn(root, repo, { count: many, shape })) });
} finally {
  rmSync(root, { recursive: true, force: true });
}
printTable(
  `the event loop beside a coverage gate of ${many} files`,
  ['report', 'longest delay, ms', 'CPU in one, ms', 'longest collection of garbage, ms'],
  rows.map(({ shape, delayMs, cpuMs, garbageMs }) => [shape, delayMs, cpuMs, garbageMs]),
);
const goals = rows.map(({ shape, cpuMs }) => ({
  what: `${shape}: CPU within one delay`,
  ours: cpuMs,
  unit: 'ms',
  against: 'our thread',
  atMost: 50,
  blind: 'what others hold the processor for',
}));
process.exitCode = printGoals(goals) === 0 ? 0 : 1;
