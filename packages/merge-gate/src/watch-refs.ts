/** Looks again at what the verdict is about: a second writer on main or on the branch is normal, not an error. */
import { fetchMirror, resolveCommit } from '@gatehouse/git';
import { type GitTrouble, gitTrouble } from './git-trouble.ts';
import type { ParsedRequest } from './parse-request.ts';
import type { Deferred } from './verdict.ts';

type Moved = Extract<Deferred, { readonly kind: 'base-moved' | 'branch-moved' }>;

/** What `found` says of a ref that is gone. */
export const GONE = 'gone';

/** Null: base and head are where the request saw them, or nobody asked to watch them. */
export async function refsMoved(request: ParsedRequest, signal?: AbortSignal): Promise<Moved | GitTrouble | null> {
  const { git, watch, base, head } = request;
  const limits = { timeoutMs: request.gitTimeoutMs, signal };
  if (watch === undefined) return null;
  if (watch.url !== undefined) {
    const fetched = await fetchMirror({ repo: git, url: watch.url, ...limits });
    if (fetched.kind !== 'fetched') return gitTrouble('fetch', fetched);
  }
  const mainNow = await resolveCommit({ repo: git, ref: watch.base, ...limits });
  if (mainNow.kind === 'unknown-ref') return { kind: 'base-moved', found: GONE };
  if (mainNow.kind !== 'found') return gitTrouble('read of main', mainNow);
  if (mainNow.sha !== base) return { kind: 'base-moved', found: mainNow.sha };
  const headNow = await resolveCommit({ repo: git, ref: watch.head, ...limits });
  if (headNow.kind === 'unknown-ref') return { kind: 'branch-moved', found: GONE };
  if (headNow.kind !== 'found') return gitTrouble('read of the branch', headNow);
  return headNow.sha === head ? null : { kind: 'branch-moved', found: headNow.sha };
}
