/** A bare remote made of a local clone: main at a pinned commit with a policy, and a branch for each situation. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const DEADLINE = '600s';
const SHORT_DEADLINE = '25s';
const PASSED_ON = [
  'SOAK_PACKAGES',
  'SOAK_MAVEN',
  'PIP_CACHE_DIR',
  'GOCACHE',
  'GOMODCACHE',
  'CARGO_HOME',
  'RUSTUP_HOME',
];

export function git(dir, ...args) {
  const who = { GIT_AUTHOR_NAME: 'Ann', GIT_AUTHOR_EMAIL: 'a@example.org' };
  const by = { GIT_COMMITTER_NAME: 'Ann', GIT_COMMITTER_EMAIL: 'a@example.org' };
  const env = { PATH: process.env.PATH, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', ...who, ...by };
  return execFileSync('git', ['-C', dir, ...args], { encoding: 'utf8', env, maxBuffer: 1 << 28 }).trim();
}

/** Where the clone of `owner/name` lies below `repos`: bare or with a work tree, as `owner+name`, with or without a folder `repo`. */
export function findClone(repos, name) {
  const places = [name, name.replace('/', '+')].flatMap((place) => [join(repos, place, 'repo'), join(repos, place)]);
  return places.find((place) => existsSync(join(place, 'HEAD')) || existsSync(join(place, '.git'))) ?? null;
}

/** Makes `dir/remote.git` with every branch; answers its path. A place that an edit names and the commit lacks is an error. */
export function makeRemote({ row, clone, dir }) {
  const [remote, work] = [join(dir, 'remote.git'), join(dir, 'work')];
  mkdirSync(dir, { recursive: true });
  git(dir, 'clone', '--quiet', '--bare', clone, remote);
  for (const ref of git(remote, 'for-each-ref', '--format=%(refname)', 'refs/heads').split('\n'))
    if (ref !== '') git(remote, 'update-ref', '-d', ref);
  git(remote, 'update-ref', 'refs/heads/main', row.commit);
  git(remote, 'symbolic-ref', 'HEAD', 'refs/heads/main');
  git(dir, 'clone', '--quiet', remote, work);
  const branch = (name, from, edits) => {
    git(work, 'checkout', '--quiet', '-B', name, from);
    for (const edit of edits) apply(work, edit);
    git(work, 'add', '--all', '--force');
    git(work, 'commit', '--quiet', '--allow-empty', '-m', name);
  };
  branch('main', 'main', [policy(row, DEADLINE)]);
  const { path, find, puts } = row.conflict;
  git(work, 'branch', 'fork');
  branch('main', 'main', [{ path, find, put: puts[0] }]);
  branch('main-flaky', 'main', [row.flaky]);
  branch('main-slow', 'main', [row.slow, policy(row, SHORT_DEADLINE)]);
  for (const name of ['good', 'flaky', 'slow']) branch(name, 'fork', [row.good]);
  branch('red', 'fork', [row.red]);
  branch('conflict', 'fork', [{ path, find, put: puts[1] }]);
  for (const [at, edits] of Object.values(row.cheats).entries()) branch(`cheat-${at}`, 'fork', [row.red, ...edits]);
  git(work, 'branch', 'empty-contained', 'fork');
  branch('empty-twin', 'fork', [{ path, find, put: puts[0] }]);
  branch('empty-undone', 'fork', [row.good]);
  git(work, 'revert', '--no-edit', 'HEAD');
  git(work, 'push', '--quiet', '--force', 'origin', 'refs/heads/*:refs/heads/*');
  rmSync(work, { recursive: true });
  return remote;
}

function policy({ setup, command }, timeout) {
  const test = { ...(setup === undefined ? {} : { setup }), command, timeout, env: PASSED_ON };
  return { path: 'gatehouse.yaml', text: `${JSON.stringify({ version: 1, test })}\n` };
}

function apply(work, edit) {
  const file = join(work, edit.path);
  mkdirSync(dirname(file), { recursive: true });
  if (edit.add !== undefined) return appendFileSync(file, edit.add);
  if (edit.text !== undefined) return writeFileSync(file, edit.text, { mode: edit.mode ?? 0o644 });
  const before = readFileSync(file, 'utf8');
  const after = before.replace(edit.all ?? edit.find, edit.all === undefined ? () => edit.put : edit.put);
  if (after === before) throw new Error(`${edit.path} has no ${edit.all ?? JSON.stringify(edit.find)}`);
  return writeFileSync(file, after);
}
