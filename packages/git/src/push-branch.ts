/**
 * Moves or deletes a task's branch at the remote, and only that: a landing branch cannot be named here, and a moved
 * branch wins.
 */

import { onDisk } from './adapters/disk.ts';
import { type MovedRef, moveRef } from './move-ref.ts';
import { expectSha } from './object-name.ts';
import type { GitFailed, GitRepo, RefusedCall, RemoteOptions, Sha } from './outcome.ts';
import { isProtected } from './protected.ts';
import { validateRefName } from './ref-name.ts';
import { reachRemote } from './remote-access.ts';

/** Request of `pushBranch`. */
export interface PushBranch extends RemoteOptions {
  /** The mirror that the call works on. */
  readonly repo: GitRepo;
  /** The remote: an https or ssh address, or an absolute path. */
  readonly url: string;
  /** Short name of the task's branch. */
  readonly branch: string;
  /** The commit it is to point at. */
  readonly commit: Sha;
  /** Where the branch must still be at the remote; `null` when it must not exist yet. */
  readonly expected: Sha | null;
  /** Names refused besides `main`, `master` and the mirror's own landing branches. */
  readonly protectedNames?: readonly string[] | undefined;
}

/** `moved`: another push came first; `found` is where the branch is now, `null` when it is gone. */
export type Pushed =
  | { readonly kind: 'pushed' }
  | {
      readonly kind: 'moved';
      /** Where the branch is; null where there is none. */
      readonly found: Sha | null;
    };

/** Pushes `commit` as `branch` with a lease on `expected`. A branch that is there already is `pushed`. */
export async function pushBranch(request: PushBranch): Promise<Pushed | RefusedCall | GitFailed> {
  expectSha(request.commit, 'commit');
  const moved = await move(request);
  return moved.kind === 'done' ? { kind: 'pushed' } : moved;
}

/** Request of `deleteBranch`. */
export interface DeleteBranch extends Omit<PushBranch, 'commit' | 'expected'> {
  /** Where the branch must still be at the remote. */
  readonly expected: Sha;
}

/** What `deleteBranch` can answer. `moved`: it was elsewhere than expected, and stays. */
export type Deleted =
  | { readonly kind: 'deleted' }
  | {
      readonly kind: 'moved';
      /** Where the branch is; null where there is none. */
      readonly found: Sha | null;
    };

/**
 * Deletes `branch` if, and only if, it is still at `expected`: one compare-and-swap. A branch that is gone is
 * `deleted`.
 */
export async function deleteBranch(request: DeleteBranch): Promise<Deleted | RefusedCall | GitFailed> {
  const moved = await move({ ...request, commit: null });
  return moved.kind === 'done' ? { kind: 'deleted' } : moved;
}

/** `commit` null deletes. */
type MoveBranch = Omit<PushBranch, 'commit'> & { readonly commit: Sha | null };

async function move(request: MoveBranch): Promise<MovedRef | RefusedCall | GitFailed> {
  const { branch, expected, repo, url } = request;
  const remote = reachRemote(url, request);
  if (remote.kind === 'refused') return remote;
  const name = validateRefName(branch);
  if (name.kind === 'invalid') return refused(name.reason);
  if (expected !== null) expectSha(expected, 'expected');
  const guarded = await onDisk('push', async () =>
    (await isProtected(repo, branch, request.protectedNames)) ? refused(`${branch} is protected`) : null,
  );
  return guarded ?? moveRef({ ...request, remote, ref: `refs/heads/${branch}` });
}

const refused = (reason: string): RefusedCall => ({ kind: 'refused', reason });
