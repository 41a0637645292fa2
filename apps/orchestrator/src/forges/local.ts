/**
 * The embedded forge: a bare repository on this machine. Landing is an ancestry check and one compare-and-swap of main,
 * done by a child that no stop or group kill reaches (docs/adr/0003-the-tested-commit-lands.md).
 */
import { fastForward, type GitRepo, importCommit, resolveCommit } from '@gatehouse/git';
import { faultOfGit } from '@gatehouse/merge-gate';
import { describeCrash } from '@gatehouse/verdict';
import { describeGitFailure } from '../platform/describe-git-failure.ts';
import type { Unsupported } from '../platform/tell-answer.ts';
import { deleteTaskBranch, fetchHeads, plainRemote, pushTaskBranch } from './git-remote.ts';
import type { CannotLand, Forge, LandingAnswer, LandRequest, PrepareAnswer } from './port.ts';
import { withoutPeople } from './without-people.ts';

/** A forge over the bare repository at `path` (absolute). */
export function localForge(path: string): Forge {
  const into = { gitDir: path };
  const remote = plainRemote(path);
  return {
    name: 'local',
    credential: null,
    fetch: (request) => fetchHeads(remote, request),
    cannotLand: (main) => cannotLand(into, main),
    requiredChecks: async () => NOT_HERE,
    prepare: (request) => prepare(into, request),
    land: (request) => land(into, request),
    pushBranch: (order) => pushTaskBranch(remote, order),
    deleteBranch: (order) => deleteTaskBranch(remote, order),
    ...withoutPeople(NOT_HERE.reason),
  };
}

const NOT_HERE: Unsupported = {
  kind: 'unsupported',
  reason: 'a bare repository has branches and nothing else: no pull requests, checks, statuses, comments or webhooks',
};

async function cannotLand(into: GitRepo, main: string): Promise<CannotLand | null> {
  const head = await resolveCommit({ repo: into, ref: `refs/heads/${main}` });
  if (head.kind === 'found') return null;
  if (head.kind === 'unknown-ref')
    return {
      reason: `${into.gitDir} has no branch ${main}`,
      next: 'pass the name of its main branch with --main',
    };
  return {
    reason: `${into.gitDir} is not a bare git repository that can be read`,
    next: 'make one with `git clone --bare`',
  };
}

async function prepare(into: GitRepo, request: LandRequest): Promise<PrepareAnswer> {
  const { git, commit, signal } = request;
  const bounded = signal === undefined ? {} : { signal };
  const imported = await importCommit({ from: git, into, commit, ref: `refs/gatehouse/landing/${commit}`, ...bounded });
  if (imported.kind === 'imported') return { kind: 'prepared' };
  const because = (why: string): string => `the tested commit cannot be brought to the forge: ${why}`;
  if (imported.kind === 'crashed') return { kind: 'unprepared', reason: because(describeCrash(imported)) };
  if (imported.kind === 'refused') return { kind: 'unprepared', reason: because(imported.reason) };
  const reason = because(describeGitFailure(imported));
  return faultOfGit(imported) === 'disk'
    ? { kind: 'cannot-land', reason: `${reason}; make room in ${into.gitDir}, or let this service write there` }
    : { kind: 'unprepared', reason };
}

async function land(into: GitRepo, request: LandRequest): Promise<LandingAnswer> {
  const { commit, main, from } = request;
  const moved = await fastForward({ repo: into, ref: `refs/heads/${main}`, from, to: commit });
  switch (moved.kind) {
    case 'moved':
      return { kind: 'landed' };
    case 'stale':
      return {
        kind: 'base-moved',
        reason: `${main} is at ${moved.found?.slice(0, 12) ?? 'no commit'}, not at ${from.slice(0, 12)}`,
      };
    case 'not-fast-forward':
      return { kind: 'base-moved', reason: `${commit.slice(0, 12)} does not contain ${from.slice(0, 12)}` };
    case 'git-failed':
      return moved.trouble === 'denied'
        ? { kind: 'cannot-land', reason: `no permission to move ${main} in ${into.gitDir}` }
        : { kind: 'in-doubt', reason: `${main} could not be moved: ${describeGitFailure(moved)}` };
    case 'crashed':
      return { kind: 'in-doubt', reason: describeCrash(moved) };
  }
}
