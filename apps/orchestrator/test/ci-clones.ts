/** Clones as CI systems make them, by the very commands that their runners run, and the environment of a run in one. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CiName } from '../src/cli/ci-environment.ts';
import { type Change, Forge, scratchFolder } from './scratch-forge.ts';

const WHO = ['-c', 'user.name=A', '-c', 'user.email=a@b.invalid'];

export function gitIn(dir: string, ...args: string[]): string {
  const env = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', LC_ALL: 'C', GIT_CONFIG_NOSYSTEM: '1' };
  return execFileSync('git', args, { cwd: dir, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

export interface Project {
  readonly forge: Forge;
  readonly url: string;
  readonly main: string;
  readonly topic: string;
  /** refs/pull/7/merge */
  readonly pull: string;
}

/** `topic` left `main` some commits ago; both have grown, and pull request 7 merges them. */
export async function projectWithPull(files: Change, change: Change = { 'topic.txt': 'x\n' }): Promise<Project> {
  const forge = await Forge.make(files);
  for (const n of [1, 2]) forge.push({ branch: 'main' }, { [`old-${n}`]: `${n}\n` });
  let topic = forge.push({ branch: 'topic', from: 'main' }, { 'first.txt': 'x\n' });
  topic = forge.push({ branch: 'topic' }, change);
  let main = forge.head('main');
  for (const n of [1, 2, 3]) main = forge.push({ branch: 'main' }, { [`new-${n}`]: `${n}\n` });
  const tree = forge.git('merge-tree', '--write-tree', main, topic).split('\n')[0] ?? '';
  const pull = forge.git(...WHO, 'commit-tree', tree, '-p', main, '-p', topic, '-m', 'merge');
  forge.git('update-ref', 'refs/pull/7/merge', pull);
  forge.git('update-ref', 'refs/pull/7/head', topic);
  forge.git('config', 'uploadpack.allowFilter', 'true');
  return { forge, url: `file://${forge.path}`, main, topic, pull };
}

export interface CiClone {
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
}

const started = (url: string): string => {
  const dir = join(scratchFolder(), 'builds');
  mkdirSync(dir);
  gitIn(dir, 'init', '--quiet');
  gitIn(dir, 'remote', 'add', 'origin', url);
  return dir;
};

function actionsPull({ url, main, topic }: Project, ref: string, sha: string): CiClone {
  const dir = started(url);
  const local = ref.replace('refs/', 'refs/remotes/');
  const quiet = ['-c', 'protocol.version=2', 'fetch', '--quiet', '--no-tags', '--prune', '--no-recurse-submodules'];
  gitIn(dir, ...quiet, '--depth=1', 'origin', `+${sha}:${local}`);
  gitIn(dir, 'checkout', '--quiet', '--force', local);
  const event = join(dir, '../event.json');
  const repository = { default_branch: 'main' };
  writeFileSync(event, JSON.stringify({ repository, pull_request: { head: { sha: topic }, base: { sha: main } } }));
  const names = { GITHUB_HEAD_REF: 'topic', GITHUB_BASE_REF: 'main', GITHUB_EVENT_NAME: 'pull_request' };
  return { dir, env: { GITHUB_ACTIONS: 'true', ...names, GITHUB_SHA: sha, GITHUB_REF: ref, GITHUB_EVENT_PATH: event } };
}

/** By system: a run for pull request 7, cloned as that system does by default. */
export const CI_CLONES: { readonly [Name in CiName]: (project: Project) => CiClone } = {
  github: (project) => actionsPull(project, 'refs/pull/7/merge', project.pull),
  gitea: (project) => {
    const clone = actionsPull(project, 'refs/pull/7/head', project.topic);
    return { ...clone, env: { ...clone.env, GITEA_ACTIONS: 'true' } };
  },
  gitlab: ({ url, topic }) => {
    const dir = started(url);
    gitIn(dir, 'fetch', '--quiet', '--depth', '1', '--prune', 'origin', '+refs/pull/7/head:refs/pipelines/9');
    gitIn(dir, 'checkout', '--quiet', '-f', topic);
    const project = { CI_PROJECT_ID: '5', CI_MERGE_REQUEST_PROJECT_ID: '5', CI_DEFAULT_BRANCH: 'main' };
    const names = { CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main', CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: 'topic' };
    const of = { GITLAB_CI: 'true', CI_PIPELINE_SOURCE: 'merge_request_event', CI_COMMIT_SHA: topic };
    return { dir, env: { ...of, ...project, ...names } };
  },
  woodpecker: ({ url, topic }) => {
    const dir = started(url);
    gitIn(dir, 'config', 'extensions.partialClone', 'origin');
    gitIn(dir, 'fetch', '--quiet', '--no-tags', '--depth=1', '--filter=tree:0', 'origin', `+${topic}:`);
    gitIn(dir, '-c', 'protocol.file.allow=always', 'reset', '--quiet', '--hard', topic);
    const names = { CI_COMMIT_TARGET_BRANCH: 'main', CI_COMMIT_SOURCE_BRANCH: 'topic', CI_REPO_DEFAULT_BRANCH: 'main' };
    return { dir, env: { CI: 'woodpecker', CI_PIPELINE_EVENT: 'pull_request', CI_COMMIT_SHA: topic, ...names } };
  },
  buildkite: ({ url, topic }) => {
    const dir = join(scratchFolder(), 'builds');
    gitIn('/', 'clone', '--quiet', '--', url, dir);
    gitIn(dir, 'fetch', '--quiet', '--prune', '--', 'origin', topic);
    gitIn(dir, 'checkout', '--quiet', '-f', topic);
    const names = {
      BUILDKITE_BRANCH: 'topic',
      BUILDKITE_PULL_REQUEST_BASE_BRANCH: 'main',
      BUILDKITE_PULL_REQUEST: '7',
    };
    return { dir, env: { BUILDKITE: 'true', BUILDKITE_COMMIT: topic, ...names } };
  },
};

const OF_CI = /^(?:CI|CI_.*|GITHUB_.*|GITEA_.*|FORGEJO_.*|GITLAB_.*|BUILDKITE.*)$/;

/** Runs `body` in the environment of a run, and of no other CI; this process has its own back afterwards. */
export async function inEnvironment<T>(env: Readonly<Record<string, string>>, body: () => Promise<T>): Promise<T> {
  const before = { ...process.env };
  for (const name of Object.keys(process.env)) if (OF_CI.test(name)) delete process.env[name];
  Object.assign(process.env, env);
  try {
    return await body();
  } finally {
    for (const name of Object.keys(env)) delete process.env[name];
    Object.assign(process.env, before);
  }
}
