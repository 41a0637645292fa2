/**
 * `--fetch`: brings what a clone lacks from its remote, a little more each time, until the two commits are whole. Moves branches of
 * the remote and nothing else: no local branch, no tag, no file of the work tree.
 */
import type { Checkout } from '@gatehouse/git';
import type { Environment } from '../../platform/process-environment.ts';
import { FETCH, type Lack, REFETCH, type Wants, wantsOf } from './missing-history.ts';
import { type OwnGitAnswer, ownGit } from './own-git.ts';

export interface FetchHistory {
  readonly checkout: Checkout;
  readonly lack: Lack;
  readonly env: Environment;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** One step of the plan was done; `next` is the one after it, null when nothing more can be fetched. */
export type FetchStep =
  | { readonly kind: 'fetched'; readonly next: number | null }
  | { readonly kind: 'failed'; readonly reason: string };

const FIRST_DEPTH = 32;
const LAST_DEPTH = 4096;

/** Does the step `depth` [null: the first one]. A whole clone has one step; a shallow one doubles its depth, then takes everything. */
export async function fetchHistory(request: FetchHistory, depth: number | null): Promise<FetchStep> {
  const { checkout, lack, say } = request;
  const wants = wantsOf(checkout, lack);
  if (wants === null) return { kind: 'failed', reason: 'this clone has no remote to fetch from' };
  if (lack.what === 'objects') {
    say(`fetching from ${wants.remote} what the partial clone lacks …`);
    return refetch(request, wants);
  }
  if (checkout.shallow.length === 0) {
    say(`fetching from ${wants.remote} …`);
    return ended(await fetch(request, wants, []), null);
  }
  const wish = depth ?? (await firstDepth(request));
  if (wish > LAST_DEPTH) {
    say(`fetching the whole history from ${wants.remote} …`);
    return ended(await fetch(request, wants, ['--unshallow']), null);
  }
  say(`fetching ${wish} commits more from ${wants.remote} …`);
  // With --depth git leaves a branch that it has as cut as it was, where a commit is asked for by its name beside it.
  return ended(await fetch(request, wants, [`--deepen=${wish}`]), wish * 2);
}

async function refetch(request: FetchHistory, { remote, base, branch }: Wants): Promise<FetchStep> {
  for (const want of [...base, ...branch]) {
    const answer = await fetch(request, { remote, base: [want], branch: [] }, REFETCH);
    if (answer.kind === 'failed') return { kind: 'failed', reason: answer.said };
  }
  return { kind: 'fetched', next: null };
}

const ended = (answer: OwnGitAnswer, next: number | null): FetchStep =>
  answer.kind === 'done' ? { kind: 'fetched', next } : { kind: 'failed', reason: answer.said };

/** As much again as there is. */
async function firstDepth({ checkout: { gitDir, head }, env, signal }: FetchHistory): Promise<number> {
  if (head === null) return FIRST_DEPTH;
  const counted = await ownGit({ gitDir, args: ['rev-list', '--first-parent', '--count', head.sha], env, signal });
  const has = counted.kind === 'done' ? Number.parseInt(counted.text, 10) : 0;
  return Math.max(FIRST_DEPTH, Number.isSafeInteger(has) ? has : 0);
}

/** A remote that does not have the branch's own commit (it was never pushed) is asked for the base alone. */
async function fetch(
  { checkout: { gitDir }, env, signal }: FetchHistory,
  wants: Wants,
  how: readonly string[],
): Promise<OwnGitAnswer> {
  const ask = (refs: readonly string[]) =>
    ownGit({ gitDir, args: [...FETCH, '--quiet', ...how, '--end-of-options', wants.remote, ...refs], env, signal });
  const both = await ask([...wants.base, ...wants.branch]);
  if (both.kind === 'done' || wants.base.length === 0 || wants.branch.length === 0 || !NOT_THERE.test(both.said))
    return both;
  return ask(wants.base);
}

const NOT_THERE = /not our ref|unadvertised object|couldn't find remote ref/;
