/**
 * Any remote over https or ssh that has branches and nothing else. It lands by a plain push, which the server takes as a
 * fast-forward or not at all, and main says what came of it.
 */
import { remoteBranch, resolveCommit } from '@gatehouse/git';
import { describeCrash } from '@gatehouse/verdict';
import { describeGitFailure } from '../platform/describe-git-failure.ts';
import type { Unsupported } from '../platform/tell-answer.ts';
import type { ForgeAccess } from './choose.ts';
import { deleteTaskBranch, fetchHeads, type MintRemote, missing, pushTaskBranch, wayOf } from './git-remote.ts';
import { landByGit } from './land-by-git.ts';
import type { CannotLand, Forge, LandRequest, PrepareAnswer } from './port.ts';
import { remoteOf } from './remote-of.ts';
import { adviceOn } from './remote-trouble.ts';
import { withoutPeople } from './without-people.ts';

/** A forge over the remote of `access`, with the credential that it names. */
export function gitForge(access: ForgeAccess): Forge {
  const remote = remoteOf(access);
  return {
    name: 'git',
    credential: access.credential ?? null,
    fetch: (request) => fetchHeads(remote, request),
    cannotLand: (main) => cannotLand(remote, main),
    requiredChecks: async () => NOT_HERE,
    prepare: readyByGit,
    land: (request) => landByGit(remote, request),
    pushBranch: (order) => pushTaskBranch(remote, order),
    deleteBranch: (order) => deleteTaskBranch(remote, order),
    ...withoutPeople(NOT_HERE.reason),
  };
}

const NOT_HERE: Unsupported = {
  kind: 'unsupported',
  reason: 'a plain git remote has branches and nothing else: no pull requests, checks, statuses, comments or webhooks',
};

const ASK_MS = 60_000;

/** Whether main can be read; who may push to it, only a push tells. */
export async function cannotLand(mint: MintRemote, main: string): Promise<CannotLand | null> {
  const remote = await mint();
  if (remote.kind === 'no-credential')
    return { reason: missing(remote), next: 'set it for the service and start it again' };
  const { url } = remote;
  const found = await remoteBranch({ ...wayOf(remote), branch: main, timeoutMs: ASK_MS });
  switch (found.kind) {
    case 'found':
      return null;
    case 'absent':
      return { reason: `${url} has no branch ${main}`, next: 'pass the name of its main branch with --main' };
    case 'refused':
      return { reason: found.reason, next: 'correct the address' };
    case 'git-failed': {
      const next = adviceOn(found.stderr, remote);
      return {
        reason: `${url} cannot be read: ${describeGitFailure(found)}`,
        next: next ?? `try \`git ls-remote ${url}\` on this machine`,
      };
    }
    case 'crashed':
      return { reason: describeCrash(found), next: 'report it: this is a bug' };
  }
}

/** A plain push brings the commit and moves main in one step: there is nothing to do before but to have it. */
export async function readyByGit({ git, commit, signal }: LandRequest): Promise<PrepareAnswer> {
  const held = await resolveCommit({ repo: git, ref: commit, signal });
  switch (held.kind) {
    case 'found':
      return { kind: 'prepared' };
    case 'unknown-ref':
      return { kind: 'unprepared', reason: `the mirror does not hold ${commit.slice(0, 12)}` };
    case 'git-failed':
      return { kind: 'unprepared', reason: `the tested commit cannot be read: git ${held.op}: ${held.trouble}` };
    case 'crashed':
      return { kind: 'unprepared', reason: describeCrash(held) };
  }
}
