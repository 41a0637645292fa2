/**
 * What a verdict costs when nothing has to be run, because the tree was seen green before: the time of the whole check, and
 * its ratio to the very same git calls made without the package in a row, as a script makes them, in one run. The check lets
 * some of them overlap. Needs a build; run `node tools/bench/merge-gate/cache-hit.mjs [ROUNDS]`, behind `taskset -c 0` for
 * what it costs where nothing can overlap.
 * It does not show: a network, a cold disk, a test run, a store behind the memory of results, other versions of git.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchMirror, importHistory, openMirror } from '../../../packages/git/dist/index.js';
import { checkBranchMergeable, memoryLease, readEnvironment } from '../../../packages/merge-gate/dist/index.js';
import { makeCalls, Recorder } from '../git/bare-calls.mjs';
import { FILES, sampleHistory } from '../git/sample-history.mjs';
import { interleave, median, percentile, printGoals, printTable } from '../ratio-table.mjs';

const ROUNDS = Number(process.argv[2] ?? 15);
const BRANCH = 'side-0';
const POLICY = { command: 'false', timeoutMs: 60_000, minTests: 1, flaky: 'pass', env: [] };

function expectKind(answer, kind) {
  if (answer.kind !== kind) throw new Error(JSON.stringify(answer));
  return answer;
}

async function timed(body) {
  const start = performance.now();
  await body();
  return performance.now() - start;
}

async function prepare(root) {
  const { gitDir: url } = expectKind(
    await importHistory({ dir: join(root, 'source'), main: 'main', stream: sampleHistory() }),
    'imported',
  );
  const { repo } = expectKind(await openMirror({ dir: join(root, 'mirror'), url }), 'opened');
  const { heads } = expectKind(await fetchMirror({ repo, url }), 'fetched');
  return { repo, url, base: heads.main, head: heads[BRANCH], slotDir: join(root, 'slots/one') };
}

/** One check of a branch behind main whose combined tree is remembered as green. */
async function check({ repo, url, base, head, slotDir }, lease) {
  const request = { repo: 'bench', holder: 'bench', git: repo, base, head, slotDir, policy: POLICY };
  const watch = { base: 'refs/heads/main', head: `refs/heads/${BRANCH}`, url };
  const results = { lookup: async () => 'green', record: async () => {} };
  const verdict = expectKind(await checkBranchMergeable({ ...request, watch }, { lease, results }), 'mergeable');
  if (verdict.evidence.kind !== 'remembered') throw new Error(verdict.evidence.kind);
  await lease.release(verdict.proof);
}

/** The git calls of one check, taken down by a stand-in that comes first on PATH. */
async function record(root, body) {
  const place = join(root, 'recorder');
  mkdirSync(place);
  const recorder = new Recorder(place);
  const git = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  writeFileSync(join(place, 'git'), readFileSync(recorder.gitPath, 'utf8').replace('exec git', `exec ${git}`), {
    mode: 0o755,
  });
  const path = process.env.PATH;
  const calls = await recorder.during(async () => {
    process.env.PATH = `${place}:${path}`;
    await body();
    process.env.PATH = path;
  });
  return calls.map((call) => ({ ...call, env: { ...call.env, PATH: path } }));
}

const root = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
try {
  const scene = await prepare(root);
  const lease = memoryLease();
  await check(scene, lease);
  const calls = await record(root, () => check(scene, lease));
  const look = async () => expectKind(await readEnvironment({ policy: POLICY, slotDir: scene.slotDir }), 'probed');
  const samples = await interleave(ROUNDS, {
    'the check': () => timed(() => check(scene, lease)),
    'its git calls alone': () => timed(() => makeCalls(calls)),
    'the look at the environment alone': () => timed(look),
  });
  const rows = Object.entries(samples).map(([name, values]) => [name, median(values), percentile(values, 0.95)]);
  printTable(`A verdict from memory: ${FILES} files, ${calls.length} git calls, ms`, ['what', 'median', 'p95'], rows);
  const [whole, bare, environment] = rows.map(([, value]) => value);
  const missed = printGoals([
    {
      what: 'git work of a check',
      ours: whole - environment,
      reference: bare,
      against: 'the same calls, bare, in a row',
      unit: 'ms',
      atMost: 1.15,
      blind: 'one branch at a time; a local remote',
    },
  ]);
  process.exitCode = missed === 0 ? 0 : 1;
} finally {
  rmSync(root, { recursive: true, force: true });
}
