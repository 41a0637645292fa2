/** Pull requests of a Gitea as the port shows them. */
import { z } from 'zod';
import { headRefOf, type PullRequest, type PullRequestAnswer, type PullRequestsAnswer } from '../people.ts';
import { type GiteaClient, whyNot } from './client.ts';
import { type GiteaPull, type GiteaReview, PULL, REVIEW } from './shapes.ts';

/** Every open one; approvals are not asked for. */
export async function openPullRequests(gitea: GiteaClient, signal?: AbortSignal): Promise<PullRequestsAnswer> {
  const answer = await gitea.all({ path: 'pulls?state=open', reads: z.array(PULL), signal });
  if (answer.kind !== 'ok') return { kind: 'unreachable', reason: whyNot(answer) };
  // A page may shift while it is read: what was seen twice is one.
  const byNumber = new Map(answer.value.map((pull) => [pull.number, pull]));
  return { kind: 'pull-requests', all: [...byNumber.values()].map((pull) => shown(pull, null)) };
}

/** One, with its approvals. */
export async function onePullRequest(
  gitea: GiteaClient,
  number: number,
  signal?: AbortSignal,
): Promise<PullRequestAnswer> {
  const answer = await gitea.call({ method: 'GET', path: `pulls/${number}`, reads: PULL, signal });
  if (answer.kind === 'refused' && answer.status === 404) return { kind: 'gone' };
  if (answer.kind !== 'ok') return { kind: 'unreachable', reason: whyNot(answer) };
  const reviews = await readReviews(gitea, number, signal);
  if (reviews.kind !== 'ok') return { kind: 'unreachable', reason: whyNot(reviews) };
  const head = answer.value.head.sha;
  const isApproved = counting(reviews.value).some(approvesHead(head)) && !isRejected(reviews.value);
  return { kind: 'pull-request', pullRequest: shown(answer.value, isApproved) };
}

export const readReviews = (gitea: GiteaClient, number: number, signal?: AbortSignal) =>
  gitea.all({ path: `pulls/${number}/reviews`, reads: z.array(REVIEW), signal });

/** `official`: by a person whose word counts. A later review of the same person makes the earlier one count no more. */
const counting = (reviews: readonly GiteaReview[]): readonly GiteaReview[] =>
  reviews.filter(({ official, dismissed }) => official && !dismissed);

/** How many approve, at this head or at one before it: Gitea dismisses those that its rules do not count. */
export const approvals = (reviews: readonly GiteaReview[]): number =>
  counting(reviews).filter(({ state }) => state === 'APPROVED').length;

const approvesHead =
  (head: string) =>
  ({ state, stale, commit_id }: GiteaReview): boolean =>
    state === 'APPROVED' && !stale && commit_id === head;

export const isRejected = (reviews: readonly GiteaReview[]): boolean =>
  counting(reviews).some(({ state }) => state === 'REQUEST_CHANGES');

/** A fork that was deleted has no repository. */
export const isFork = ({ base, head }: GiteaPull): boolean => head.repo?.full_name !== base.repo?.full_name;

const WORK_IN_PROGRESS = /^\s*(?:wip\s*:|\[wip\]|draft\s*:|\[draft\])/i;

function shown(pull: GiteaPull, isApproved: boolean | null): PullRequest {
  const named = { number: pull.number, branch: pull.head.ref, isFork: isFork(pull) };
  return {
    ...named,
    headRef: headRefOf(named),
    headOwner: pull.head.repo?.full_name.split('/')[0] ?? null,
    title: pull.title,
    head: pull.head.sha,
    base: pull.base.ref,
    author: pull.user?.login ?? '',
    isDraft: pull.draft || WORK_IN_PROGRESS.test(pull.title),
    labels: (pull.labels ?? []).map(({ name }) => name),
    isApproved,
    state: pull.merged ? 'merged' : pull.state === 'open' ? 'open' : 'closed',
  };
}
