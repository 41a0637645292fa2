/** Reviews of a pull request at GitHub: the last word of each reviewer who may write. */
import type { z } from 'zod';
import type { GithubApi } from './api.ts';
import { mayCommand } from './people.ts';
import { REVIEW } from './shapes.ts';

type Review = z.output<typeof REVIEW>;

export type Reviews =
  | { readonly kind: 'reviews'; readonly approving: readonly Review[]; readonly isRejected: boolean }
  /** GitHub does not tell us who may write. */
  | { readonly kind: 'not-told' }
  | { readonly kind: 'unreachable'; readonly reason: string };

interface Question {
  readonly number: number;
  readonly signal?: AbortSignal | undefined;
}

/** One that was dismissed is the last word of its reviewer, and counts for nothing. */
export async function readReviews(api: GithubApi, { number, signal }: Question): Promise<Reviews> {
  const listed = await api.list({ path: `/pulls/${number}/reviews`, signal });
  if (listed.kind !== 'list') return { kind: 'unreachable', reason: listed.reason };
  const last = new Map<string, Review>();
  for (const item of listed.items) {
    const review = REVIEW.safeParse(item).data;
    if (review?.user != null && review.state !== 'COMMENTED' && review.state !== 'PENDING')
      last.set(review.user.login, review);
  }
  const approving: Review[] = [];
  let isRejected = false;
  for (const [login, review] of last) {
    if (review.state !== 'APPROVED' && review.state !== 'CHANGES_REQUESTED') continue;
    const right = await mayCommand(api, login, signal);
    if (right.kind === 'unreachable' || right.kind === 'not-told') return right;
    if (right.kind !== 'may') continue;
    if (review.state === 'APPROVED') approving.push(review);
    else isRejected = true;
  }
  return { kind: 'reviews', approving, isRejected };
}
