/** Where a ref is at the remote now. */
import { callGit, DEADLINE } from './adapters/git-call.ts';
import { isSha } from './object-name.ts';
import type { CallOptions, GitFailed, RefusedCall, RemoteOptions, Sha } from './outcome.ts';
import { validateRefName } from './ref-name.ts';
import { type Reached, reachRemote } from './remote-access.ts';

/** Request of `remoteBranch`. */
export interface RemoteBranch extends RemoteOptions {
  /** The remote: an https or ssh address, or an absolute path. */
  readonly url: string;
  /** Short name. */
  readonly branch: string;
}

/** `absent`: the remote answered, and has no such branch. */
export type FoundBranch =
  | {
      readonly kind: 'found';
      /** Where it is; full object name. */
      readonly sha: Sha;
    }
  | { readonly kind: 'absent' };

/** Asks the remote for one branch; needs no repository of our own. */
export async function remoteBranch(request: RemoteBranch): Promise<FoundBranch | RefusedCall | GitFailed> {
  const remote = reachRemote(request.url, request);
  if (remote.kind === 'refused') return remote;
  const name = validateRefName(request.branch);
  if (name.kind === 'invalid') return { kind: 'refused', reason: name.reason };
  const asked = await askForRef(remote, `refs/heads/${name.name}`, request);
  if (asked.kind === 'git-failed') return asked;
  return asked.sha === null ? { kind: 'absent' } : { kind: 'found', sha: asked.sha };
}

/** `sha` null: there is no such ref. */
export async function askForRef(
  remote: Reached,
  ref: string,
  options: CallOptions,
): Promise<{ readonly kind: 'asked'; readonly sha: Sha | null } | GitFailed> {
  const asked = await callGit(
    {
      op: 'ask-remote',
      args: ['ls-remote', '--quiet', '--refs', '--end-of-options', remote.url, ref],
      ...remote.call,
      deadlineMs: DEADLINE.remote,
    },
    options,
  );
  if (asked.kind === 'git-failed') return asked;
  // A pattern also names refs that only end like it.
  const line = asked.text.split('\n').find((one) => one.endsWith(`\t${ref}`));
  const sha = line?.slice(0, 40);
  return { kind: 'asked', sha: isSha(sha) ? sha : null };
}
