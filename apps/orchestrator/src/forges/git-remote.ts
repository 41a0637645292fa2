/**
 * What every forge does by git: fetch heads, push a task's branch, delete it. The url and its credential are fetched at each
 * call, so that a token is as fresh as possible, and only that call uses them: no row, no answer and no log holds them.
 */
import {
  deleteBranch,
  fetchPullHeads,
  type GitFailed,
  pushBranch,
  refreshMirror,
  type SshAccess,
} from '@gatehouse/git';
import { faultOfGit } from '@gatehouse/merge-gate';
import { describeCrash } from '@gatehouse/verdict';
import type {
  DeleteBranchAnswer,
  DeleteBranchRequest,
  FetchAnswer,
  FetchRequest,
  PushBranchAnswer,
  PushBranchRequest,
} from './port.ts';
import { describeRemoteFailure, type UsedRemote } from './remote-trouble.ts';

/** The way to a remote, for one call. */
export type RemoteAnswer =
  | (Way & { readonly kind: 'remote' /** Its name, for people. */; readonly credential?: string })
  /** The credential that the repository names is not there, or lacks what this remote needs. */
  | {
      readonly kind: 'no-credential';
      readonly name: string;
      readonly lacks?: 'token' | 'private key';
      /** Why no token could be made of it. */
      readonly because?: string;
    };

/** What one call of git is given. */
export interface Way {
  readonly url: string;
  readonly authorization?: string;
  readonly ssh?: SshAccess;
}

export type MintRemote = () => Promise<RemoteAnswer>;

/** Branches under a url that needs no credential. */
export const plainRemote =
  (url: string): MintRemote =>
  async () => ({ kind: 'remote', url });

/** Every branch head comes into the mirror of `dir`. */
export async function fetchHeads(mint: MintRemote, request: FetchRequest): Promise<FetchAnswer> {
  const { dir, main, timeoutMs, signal } = request;
  const remote = await mint();
  if (remote.kind === 'no-credential') return { kind: 'unreachable', reason: missing(remote) };
  const way = { ...wayOf(remote), timeoutMs, signal };
  // Only what is known to be the same repository, or was accepted by a person, gets another address.
  const fetched = await refreshMirror({ dir, main, takesOver: true, ...way });
  if (fetched.kind === 'crashed') return { kind: 'unreachable', reason: describeCrash(fetched) };
  if (fetched.kind === 'refused') return { kind: 'unreachable', reason: fetched.reason, trouble: 'network' };
  if (fetched.kind === 'git-failed') return unreachable(fetched, remote);
  const git = fetched.repo;
  if (fetched.broken.includes(main))
    return {
      kind: 'unreachable',
      reason: `the forge has lost objects of ${main}`,
      trouble: 'network',
      isAboutObjects: true,
    };
  const branches = { kind: 'fresh', git, heads: fetched.heads, broken: fetched.broken } as const;
  if (request.pullHeads === undefined) return branches;
  const pulls = await fetchPullHeads({ repo: git, ...way, refs: request.pullHeads });
  if (pulls.kind === 'crashed') return { kind: 'unreachable', reason: describeCrash(pulls) };
  if (pulls.kind === 'refused') return { kind: 'unreachable', reason: pulls.reason };
  if (pulls.kind === 'git-failed') return unreachable(pulls, remote);
  // Without a prototype, like that of the branches.
  const heads = Object.assign(Object.create(null), fetched.heads, pulls.heads) as typeof fetched.heads;
  return { ...branches, heads, broken: [...fetched.broken, ...pulls.broken] };
}

/** No branch can make a fetch fail: what does concerns every task of the repository. */
function unreachable(failed: GitFailed, remote: UsedRemote): FetchAnswer {
  const reason = describeRemoteFailure(failed, remote);
  if (failed.trouble === 'cancelled') return { kind: 'unreachable', reason };
  const locked = failed.trouble === 'locked' ? ({ isLocked: true } as const) : {};
  const objects = ABOUT_OBJECTS.has(failed.trouble) ? ({ isAboutObjects: true } as const) : {};
  return { kind: 'unreachable', reason, trouble: faultOfGit(failed) ?? 'network', ...locked, ...objects };
}

const ABOUT_OBJECTS: ReadonlySet<GitFailed['trouble']> = new Set(['missing-object', 'corrupt', 'other']);

export async function pushTaskBranch(mint: MintRemote, order: PushBranchRequest): Promise<PushBranchAnswer> {
  const { git, branch, main, commit, expected, signal } = order;
  const remote = await mint();
  if (remote.kind === 'no-credential') return { kind: 'unpushed', reason: missing(remote) };
  const way = { repo: git, ...wayOf(remote), branch, protectedNames: [main], signal };
  const pushed = await pushBranch({ ...way, commit, expected });
  switch (pushed.kind) {
    case 'pushed':
      return { kind: 'pushed' };
    case 'moved':
      return { kind: 'moved' };
    case 'refused':
      return { kind: 'unpushed', reason: pushed.reason };
    case 'git-failed':
      return { kind: 'unpushed', reason: `git could not push: ${describeRemoteFailure(pushed, remote)}` };
    case 'crashed':
      return { kind: 'unpushed', reason: describeCrash(pushed) };
  }
}

export async function deleteTaskBranch(mint: MintRemote, order: DeleteBranchRequest): Promise<DeleteBranchAnswer> {
  const { git, branch, main, expected, signal } = order;
  const remote = await mint();
  if (remote.kind === 'no-credential') return { kind: 'unknown', reason: missing(remote) };
  const deleted = await deleteBranch({
    repo: git,
    ...wayOf(remote),
    branch,
    expected,
    protectedNames: [main],
    signal,
  });
  switch (deleted.kind) {
    case 'deleted':
      return { kind: 'deleted' };
    case 'moved':
      return { kind: 'kept', reason: `${branch} is not where it was recorded: somebody else pushed it` };
    case 'refused':
      return { kind: 'kept', reason: deleted.reason };
    case 'git-failed':
      return { kind: 'unknown', reason: `git could not delete ${branch}: ${describeRemoteFailure(deleted, remote)}` };
    case 'crashed':
      return { kind: 'unknown', reason: describeCrash(deleted) };
  }
}

/** Why nothing was tried, and what a person does about it. */
export function missing({ name, lacks, because }: Extract<RemoteAnswer, { readonly kind: 'no-credential' }>): string {
  if (because !== undefined) return `the credential ${name} gives no token: ${because}`;
  const variable = `ORCH_CREDENTIAL_${name.toUpperCase()}`;
  if (lacks === 'private key')
    return `the credential ${name} has no private key; set ${variable}_SSH_KEY to the path of one`;
  return lacks === 'token'
    ? `the credential ${name} has no token; set ${variable}`
    : `the credential ${name} is not set`;
}

/** What of a remote goes to git. */
export function wayOf({ url, authorization, ssh }: Way): Way {
  return {
    url,
    ...(authorization === undefined ? {} : { authorization }),
    ...(ssh === undefined ? {} : { ssh }),
  };
}
