/**
 * What the git package costs on top of git itself. Each line is a ratio against the very same git calls made without the
 * package, in one run: rounds alternate, the median counts. `npm --prefix tools/bench run git`, with the number of rounds.
 * It does not show: a network, a cold disk, branches that conflict, other versions of git than the one on PATH.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  catchUp,
  checkoutSlot,
  fetchMirror,
  importHistory,
  openMirror,
  pushBranch,
  rebaseOnto,
} from '../../../packages/git/src/index.ts';
import { makeCalls, Recorder } from './bare-calls.mjs';
import { BRANCHES, COMMITS, FILES, sampleHistory } from './sample-history.mjs';

const ROUNDS = Number(process.argv[2] ?? 9);
const committer = { name: 'Gatehouse', email: 'gatehouse@localhost' };

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const sum = (values) => values.reduce((total, value) => total + value, 0);

async function timed(body) {
  const start = performance.now();
  await body();
  return performance.now() - start;
}

function expectKind(answer, kind) {
  if (answer.kind !== kind) throw new Error(JSON.stringify(answer));
  return answer;
}

async function prepare(root) {
  const { gitDir: url } = expectKind(
    await importHistory({ dir: join(root, 'source'), main: 'main', stream: sampleHistory() }),
    'imported',
  );
  const { repo } = expectKind(await openMirror({ dir: join(root, 'mirror'), url }), 'opened');
  const { heads } = expectKind(await fetchMirror({ repo, url }), 'fetched');
  const names = Array.from({ length: BRANCHES }, (_, number) => `side-${number}`);
  return { root, url, repo, heads, names, base: heads.main, dir: join(root, 'slot'), recorder: new Recorder(root) };
}

/** Rounds of several ways to do the same, in alternating order; ratios are against the first way. */
async function compare(ways) {
  const names = Object.keys(ways);
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1)
    for (const name of round % 2 === 0 ? names : names.toReversed()) times[name].push(await ways[name]());
  const ratio = (name) => median(times[names[0]].map((time, round) => time / times[name][round]));
  return Object.fromEntries(names.map((name) => [name, { ms: median(times[name]), ratio: ratio(name) }]));
}

/** A script has no other way to write a commit, and before git 2.40 no other way to name a merge base. */
function withCommitTree(calls, base) {
  return calls.flatMap((call) => {
    const at = call.args.indexOf('merge-tree');
    if (at === -1) return [call];
    const [ours, theirs] = call.args.slice(-2);
    const write = {
      ...call,
      args: [...call.args.slice(0, at), 'commit-tree', '-m', 'x', '-p', ours, `${theirs}^{tree}`],
    };
    const env = { ...call.env, GIT_AUTHOR_NAME: 'x', GIT_AUTHOR_EMAIL: 'x@example.test' };
    return ours === base ? [call, { ...write, env }] : [{ ...write, env }, call, { ...write, env }];
  });
}

async function catchUpAll({ repo, dir, base, heads, names }, gitPath) {
  for (const name of names) {
    const request = { repo, dir, base, head: heads[name], mode: 'rebase', committer, gitPath };
    const answer = expectKind(await catchUp(request), 'caught-up');
    if (answer.path !== 'fast' || answer.commits !== COMMITS) throw new Error(JSON.stringify(answer));
  }
}

/** All branches caught up without a work tree. */
async function benchCatchUp(scene) {
  const { repo, dir, base, heads, names, recorder } = scene;
  const first = await timed(() => catchUp({ repo, dir, base, head: heads[names[0]], mode: 'rebase', committer }));
  const calls = await recorder.during((gitPath) => catchUpAll(scene, gitPath));
  const scripted = withCommitTree(calls, base);
  const { ours, bare, script } = await compare({
    ours: () => timed(() => catchUpAll(scene)),
    bare: () => timed(() => makeCalls(calls)),
    script: () => timed(() => makeCalls(scripted)),
  });
  const work = await timed(() => rebaseOnto({ repo, dir, base, head: heads[names[0]], mode: 'rebase', committer }));
  const warm = await timed(() => rebaseOnto({ repo, dir, base, head: heads[names[1]], mode: 'rebase', committer }));
  const commits = BRANCHES * COMMITS;
  const each = ours.ms / commits;
  console.log(`catch-up of ${BRANCHES} branches x ${COMMITS} commits, ${FILES} files`);
  console.log(`  fast path ${ours.ms.toFixed(0)} ms, ${each.toFixed(2)} ms per replayed commit (goal <= 10)`);
  console.log(
    `  the ${calls.length} git calls it makes, alone: ${bare.ms.toFixed(0)} ms, ratio ${bare.ratio.toFixed(2)}`,
  );
  console.log(
    `  the ${scripted.length} of a script, with commit-tree: ${script.ms.toFixed(0)} ms, ratio ${script.ratio.toFixed(2)}`,
  );
  console.log(`  goal: ratio <= 1.30; ${(bare.ms / calls.length).toFixed(2)} ms per git call on this machine now`);
  console.log(`  first catch-up on a new base ${first.toFixed(0)} ms: it reads all attributes`);
  console.log(`  by a work tree instead: first ${work.toFixed(0)} ms, warm ${warm.toFixed(0)} ms a branch`);
  return bare.ratio <= 1.3 && each <= 10;
}

/** Puts the remote back to where it was before a push: refs and loose objects. */
function rewind({ url, heads, names }, loose) {
  const orders = names.map((name) => `update refs/heads/${name} ${heads[name]}\n`).join('');
  execFileSync('git', [`--git-dir=${url}`, 'update-ref', '--stdin'], { input: orders });
  for (const path of looseObjects(url)) if (!loose.has(path)) rmSync(path);
}

const looseObjects = (gitDir) =>
  readdirSync(join(gitDir, 'objects'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /^[0-9a-f]{38}$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));

async function serveBranch({ repo, url, dir, base, heads }, name, gitPath) {
  expectKind(await fetchMirror({ repo, url, gitPath }), 'fetched');
  const head = heads[name];
  const request = { repo, dir, base, head, mode: 'rebase', committer, gitPath };
  const { tested } = expectKind(await catchUp(request), 'caught-up');
  expectKind(await checkoutSlot({ repo, dir, commit: tested, gitPath }), 'ready');
  const push = { repo, url, branch: name, commit: tested, expected: head, gitPath };
  expectKind(await pushBranch(push), 'pushed');
}

/** Everything git does for one branch: fetch, catch-up, checkout, push. */
async function benchBranch(scene) {
  const names = scene.names.slice(0, 4);
  const loose = new Set(looseObjects(scene.url));
  const calls = [];
  for (const name of names) {
    rewind(scene, loose);
    calls.push(await scene.recorder.during((gitPath) => serveBranch(scene, name, gitPath)));
  }
  const each = async (body) => {
    const times = [];
    for (const [at, name] of names.entries()) {
      rewind(scene, loose);
      times.push(await timed(() => body(name, at)));
    }
    return sum(times) / names.length;
  };
  const { ours, bare } = await compare({
    ours: () => each((name) => serveBranch(scene, name)),
    bare: () => each((_, at) => makeCalls(calls[at])),
  });
  console.log(`fetch, catch-up, checkout and push of one branch, ${FILES} files, ${calls[0].length} git calls`);
  console.log(`  package ${ours.ms.toFixed(0)} ms, the same git calls alone ${bare.ms.toFixed(0)} ms`);
  console.log(`  ratio ${bare.ratio.toFixed(2)} (goal <= 1.15)`);
  return bare.ratio <= 1.15;
}

const root = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
try {
  const scene = await prepare(root);
  const met = [await benchCatchUp(scene), await benchBranch(scene)];
  process.exitCode = met.every(Boolean) ? 0 : 1;
} finally {
  rmSync(root, { recursive: true, force: true });
}
