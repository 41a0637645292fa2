/** Lands on a branch of a repository we own: forwards only, by compare-and-swap, and never half-way. */

import { invariant } from '@gatehouse/verdict';
import { failureKindOf, gitFailed } from './adapters/diagnosis.ts';
import { runLandingChild } from './adapters/landing-child.ts';
import { expectSha } from './object-name.ts';
import type { GitFailed, RepoRequest, Sha } from './outcome.ts';
import { isFullRef } from './ref-name.ts';
import { isAncestor, resolveCommit } from './resolve.ts';

/** Request of `fastForward`. `timeoutMs` ends the waiting, never the child. */
export interface FastForward extends RepoRequest {
  /** Full name, for example `refs/heads/main`. */
  readonly ref: string;
  /** Where the branch must still be. */
  readonly from: Sha;
  /** Where it is to go; a descendant of `from`. */
  readonly to: Sha;
}

/** `moved`: the branch is at `to`. `stale`: it was not at `from`; `null` when it does not exist. */
export type FastForwarded =
  | { readonly kind: 'moved' }
  | {
      readonly kind: 'stale';
      /** Where the branch is instead; null where it does not exist. */
      readonly found: Sha | null;
    }
  | { readonly kind: 'not-fast-forward' };

const WAIT_MS = 60_000;

/**
 * Moves `ref` from `from` to `to`. Asking again after success is `moved`. `locked` names a lock that another process
 * holds or left behind; `timeout` carries the pid of the child, which may still move the ref: only its death proves
 * that it did not.
 */
export async function fastForward(request: FastForward): Promise<FastForwarded | GitFailed> {
  const { ref, from, to, repo } = request;
  invariant(isFullRef(ref), 'a landing names a full branch ref');
  expectSha(from, 'from');
  expectSha(to, 'to');
  const before = await whereIs(request);
  if (typeof before === 'object' && before !== null) return before;
  if (before === to) return { kind: 'moved' };
  if (before !== from) return { kind: 'stale', found: before };
  const ancestry = await isAncestor({ ...request, ancestor: from, of: to });
  if (ancestry.kind === 'git-failed') return ancestry;
  if (ancestry.kind === 'no') return { kind: 'not-fast-forward' };
  if (request.signal?.aborted === true) return gitFailed('fast-forward', 'cancelled');
  const args = ['update-ref', '--no-deref', '-m', 'gatehouse: landed the tested commit', ref, to, from];
  // Who moved main, and when, stays readable in the forge's own reflog.
  const settings = ['core.logAllRefUpdates=always'];
  const call = { op: 'fast-forward', gitDir: repo.gitDir, args, settings };
  const child = await runLandingChild(call, request, request.timeoutMs ?? WAIT_MS);
  switch (child.kind) {
    case 'late':
      return gitFailed('fast-forward', 'timeout', { pid: child.pid, stderr: `process ${child.pid} still runs` });
    case 'not-started':
      return gitFailed('fast-forward', child.errno === 'ENOENT' ? 'missing-git' : 'other', { stderr: child.stderr });
    case 'ended':
      return child.code === 0 ? { kind: 'moved' } : readRefusal(request, child);
  }
}

async function readRefusal(
  request: FastForward,
  child: { readonly code: number | null; readonly stderr: string },
): Promise<FastForwarded | GitFailed> {
  const after = await whereIs({ ...request, signal: undefined });
  if (typeof after === 'object' && after !== null) return after;
  if (after === request.to) return { kind: 'moved' };
  if (after !== request.from) return { kind: 'stale', found: after };
  const trouble = child.code === null ? 'killed' : failureKindOf(child.stderr);
  return gitFailed('fast-forward', trouble, { code: child.code, stderr: child.stderr });
}

async function whereIs(request: FastForward): Promise<Sha | null | GitFailed> {
  const found = await resolveCommit(request);
  switch (found.kind) {
    case 'found':
      return found.sha;
    case 'unknown-ref':
      return null;
    case 'git-failed':
      return found;
  }
}
