/**
 * The flake laboratory with real git and real processes: a suite of main fails at a known rate, and a branch is innocent, guilty, or
 * mends one test and breaks another. `node --conditions=gatehouse:src soak/flake-lab-real.mjs [--verdicts 20] [--asks 4] [--rates 1,10,30,50]
 * [--names rerunnable,named,unnamed] [--polluted] [--json]`. A verdict that is put off is asked again, as a service does. With
 * --polluted a test fails only after an earlier test of its own process, never alone. One line a cell; exits 1 when an innocent branch was blamed.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fetchMirror, openMirror } from '@gatehouse/git';
import { checkBranchMergeable, memoryCertificates, memoryLease } from '@gatehouse/merge-gate';

const { values } = parseArgs({
  options: {
    verdicts: { type: 'string', default: '20' },
    asks: { type: 'string', default: '4' },
    rates: { type: 'string', default: '1,10,30,50' },
    names: { type: 'string', default: 'rerunnable,named,unnamed' },
    polluted: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

/** What the branch changes, on a main in which `a` holds and `b` holds (or, for the mender, `a` does not). */
const BRANCHES = {
  innocent: { main: 'export const a = 1, b = 1;\n', file: 'notes.md', text: 'words\n', blamed: false },
  guilty: { main: 'export const a = 1, b = 1;\n', file: 'f.mjs', text: 'export const a = 1, b = 2;\n', blamed: true },
  'mends a, breaks b': {
    main: 'export const a = 2, b = 1;\n',
    file: 'f.mjs',
    text: 'export const a = 1, b = 2;\n',
    blamed: true,
  },
};

/** The flake is drawn anew in each process, so that no seed of ours decides it. */
const suite = (rate) => `import { test } from 'node:test';
import assert from 'node:assert';
import { a, b } from './f.mjs';
let isPolluted = ${!values.polluted};
test('first', () => { isPolluted = true; });
test('a is one', () => assert.ok(!isPolluted || a === 1));
test('b is one', () => assert.ok(!isPolluted || b === 1));
test('flaky', () => assert.ok(!isPolluted || Math.random() >= ${rate / 100}));
`;
const NAMINGS = { rerunnable: 'node --test', named: 'sh suite.sh', unnamed: 'node --test > out.log 2>&1' };

function git(dir, ...args) {
  const who = { GIT_AUTHOR_NAME: 'Ann', GIT_AUTHOR_EMAIL: 'a@example.org' };
  const by = { GIT_COMMITTER_NAME: 'Ann', GIT_COMMITTER_EMAIL: 'a@example.org' };
  const env = { PATH: process.env.PATH, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', ...who, ...by };
  return execFileSync('git', ['-C', dir, ...args], { encoding: 'utf8', env }).trim();
}

function commit(dir, files) {
  for (const [path, text] of Object.entries(files)) writeFileSync(join(dir, path), text);
  git(dir, 'add', '--all');
  git(dir, 'commit', '--quiet', '-m', Object.keys(files).join(' '));
  return git(dir, 'rev-parse', 'HEAD');
}

/** How the verdicts of one cell were distributed, and what they cost. */
async function measure({ rate, naming, branch }) {
  const root = mkdtempSync(join(tmpdir(), 'gatehouse-lab-'));
  const { main, file, text } = BRANCHES[branch];
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', join(root, 'origin')]);
  const origin = join(root, 'origin');
  const base = commit(origin, {
    'f.mjs': main,
    'f.test.mjs': suite(rate),
    'suite.sh': 'node --test\n',
  });
  git(origin, 'checkout', '--quiet', '-b', 'task');
  const head = commit(origin, { [file]: text });
  const url = `file://${origin}`;
  const opened = await openMirror({ dir: join(root, 'mirror.git'), url });
  if (opened.kind !== 'opened') throw new Error(JSON.stringify(opened));
  await fetchMirror({ repo: opened.repo, url });
  const kinds = {};
  let runs = 0;
  for (let at = 0; at < Number(values.verdicts); at += 1) {
    const request = {
      repo: 'lab',
      holder: 'lab',
      git: opened.repo,
      base,
      head,
      slotDir: join(root, 'slot'),
      policy: { command: NAMINGS[naming], timeoutMs: 600_000, minTests: 1, flaky: 'pass', env: [] },
      onRun: () => {
        runs += 1;
      },
    };
    const ports = { lease: memoryLease(), certificates: memoryCertificates() };
    let verdict = await checkBranchMergeable(request, ports);
    for (let ask = 1; ask < Number(values.asks) && verdict.kind === 'infra'; ask += 1)
      verdict = await checkBranchMergeable(request, ports);
    if (verdict.kind === 'mergeable') await ports.lease.release(verdict.proof);
    kinds[verdict.kind] = (kinds[verdict.kind] ?? 0) + 1;
  }
  rmSync(root, { recursive: true, force: true });
  return { rate, naming, branch, kinds, runs: runs / Number(values.verdicts) };
}

let wrong = 0;
for (const naming of values.names.split(','))
  for (const branch of Object.keys(BRANCHES))
    for (const rate of values.rates.split(',').map(Number)) {
      const cell = await measure({ rate, naming, branch });
      if (!BRANCHES[branch].blamed && (cell.kinds.red ?? 0) > 0) wrong += 1;
      const seen = Object.entries(cell.kinds).map(([kind, count]) => `${kind} ${count}`);
      console.log(
        values.json
          ? JSON.stringify(cell)
          : `${values.polluted ? 'polluted, ' : ''}${naming}, ${branch}, ${rate} %: ${seen.join(', ')}; ${cell.runs.toFixed(1)} runs a verdict`,
      );
    }
if (wrong > 0) console.error(`${wrong} cells blame an innocent branch`);
process.exitCode = wrong === 0 ? 0 : 1;
