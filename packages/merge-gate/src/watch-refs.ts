/** Reads again the refs the verdict is about: a second writer on main or on the branch is normal, not an error. */
import { type GitFault, gitFault } from '@gatehouse/gate-run';
import { fetchMirror, type Resolved, resolveBoth, resolveCommit } from '@gatehouse/git';
import type { ParsedMergeRequest } from './parse-request.ts';
import type { Deferred } from './verdict.ts';

type Moved = Extract<Deferred, { readonly kind: 'base-moved' | 'branch-moved' }>;

/** What `found` says of a ref that is gone. */
export const GONE = 'gone';

/** Null: base and head are where the request saw them, or the request does not ask to watch them. */
export async function refsMoved(request: ParsedMergeRequest, signal?: AbortSignal): Promise<Moved | GitFault | null> {
  const { git, watch, base, head } = request;
  const limits = { repo: git, timeoutMs: request.gitTimeoutMs, signal };
  if (watch === undefined) return null;
  let heads: Heads = {};
  if (watch.url !== undefined) {
    const fetched = await fetchMirror({ ...limits, url: watch.url, tags: false });
    if (fetched.kind !== 'fetched') return gitFault('fetch', fetched);
    heads = fetched.heads;
  }
  const places = await placesOf(watch, heads, limits);
  if (places.kind !== 'resolved') return gitFault('read of main', places);
  const { a: mainNow, b: headNow } = places;
  if (mainNow.kind === 'unknown-ref') return { kind: 'base-moved', found: GONE };
  if (mainNow.kind !== 'found') return gitFault('read of main', mainNow);
  if (mainNow.sha !== base) return { kind: 'base-moved', found: mainNow.sha };
  if (headNow.kind === 'unknown-ref') return { kind: 'branch-moved', found: GONE };
  if (headNow.kind !== 'found') return gitFault('read of the branch', headNow);
  return headNow.sha === head ? null : { kind: 'branch-moved', found: headNow.sha };
}

type Heads = Readonly<Record<string, string>>;
type Place = { readonly kind: 'found'; readonly sha: string } | Resolved;
type Limits = Omit<Parameters<typeof resolveCommit>[0], 'ref'>;
type Failed = Exclude<Awaited<ReturnType<typeof resolveBoth>>, { readonly kind: 'resolved' }>;

/** A fetch has just said where every branch is, broken ones included; any other ref is asked of the mirror. */
async function placesOf(
  { base, head }: NonNullable<ParsedMergeRequest['watch']>,
  heads: Heads,
  limits: Limits,
): Promise<{ readonly kind: 'resolved'; readonly a: Place; readonly b: Place } | Failed> {
  const [a, b] = [toldBy(heads, base), toldBy(heads, head)];
  if (a === null && b === null) return resolveBoth({ ...limits, a: base, b: head });
  const ask = (ref: string) => resolveCommit({ ...limits, ref });
  const [mainNow, headNow] = [a ?? (await ask(base)), b ?? (await ask(head))];
  if (mainNow.kind === 'crashed') return mainNow;
  return headNow.kind === 'crashed' ? headNow : { kind: 'resolved', a: mainNow, b: headNow };
}

function toldBy(heads: Heads, ref: string): Place | null {
  const branch = /^refs\/heads\/(.+)$/s.exec(ref)?.[1];
  const sha = branch !== undefined && Object.hasOwn(heads, branch) ? heads[branch] : undefined;
  return sha === undefined ? null : { kind: 'found', sha };
}
