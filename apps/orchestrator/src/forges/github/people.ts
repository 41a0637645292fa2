/** Pull requests, what people write in them, and who may command. */
import type { z } from 'zod';
import {
  type CommentsAnswer,
  type ForgeForPeople,
  headRefOf,
  type PullRequest,
  type PullRequestAnswer,
  type PullRequestsAnswer,
  type RightAnswer,
} from '../people.ts';
import type { GithubApi } from './api.ts';
import { readReviews } from './approvals.ts';
import { read, type Unanswered } from './call.ts';
import { ACCOUNT, COMMENT, isFork, PERMISSION, PULL_REQUEST } from './shapes.ts';

/** Login of who the token speaks for; asked once. An App learns it with its token. */
export async function whoWeAre(
  api: GithubApi,
  signal?: AbortSignal,
): Promise<{ readonly kind: 'login'; readonly login: string } | Unanswered> {
  const { session } = api;
  if (session.login !== null) return { kind: 'login', login: session.login };
  const minted = await api.token();
  if (minted.kind !== 'token') return minted;
  if (session.login === null) {
    const account = read(await api.ask({ method: 'GET', path: '//user', signal }), ACCOUNT);
    if (account.kind !== 'read') return account;
    session.login = account.value.login;
  }
  return { kind: 'login', login: session.login };
}

const WORK_IN_PROGRESS = /^\s*(\[wip\]|wip:)/i;

function shown(pull: z.output<typeof PULL_REQUEST>, isApproved: boolean | null): PullRequest {
  const { number, title, head, base, user, draft, labels, merged_at: mergedAt, state } = pull;
  const named = { number, branch: head.ref, isFork: isFork(pull) };
  return {
    ...named,
    headRef: headRefOf(named),
    headOwner: head.repo?.owner.login ?? null,
    title,
    head: head.sha,
    base: base.ref,
    author: user?.login ?? 'ghost',
    isDraft: draft === true || WORK_IN_PROGRESS.test(title),
    labels: labels.map(({ name }) => name),
    isApproved,
    state: mergedAt === null ? state : 'merged',
  };
}

export async function openPullRequests(api: GithubApi, signal?: AbortSignal): Promise<PullRequestsAnswer> {
  const listed = await api.list({ path: '/pulls?state=open&direction=asc', signal });
  if (listed.kind !== 'list') return unreachable(listed);
  const pulls = listed.items.map((item) => PULL_REQUEST.safeParse(item).data);
  const all = pulls.flatMap((pull) => (pull === undefined ? [] : [shown(pull, null)]));
  return all.length === pulls.length
    ? { kind: 'pull-requests', all }
    : { kind: 'unreachable', reason: 'GitHub listed a pull request that is not read here' };
}

export async function onePullRequest(api: GithubApi, number: number, signal?: AbortSignal): Promise<PullRequestAnswer> {
  const asked = read(await api.ask({ method: 'GET', path: `/pulls/${number}`, signal }), PULL_REQUEST);
  if (asked.kind === 'refused' && (asked.status === 404 || asked.status === 410)) return { kind: 'gone' };
  if (asked.kind !== 'read') return unreachable(asked);
  const isOpen = asked.value.state === 'open';
  const approved = isOpen ? await isApproved(api, { number, head: asked.value.head.sha, signal }) : null;
  return approved !== null && typeof approved === 'object'
    ? approved
    : { kind: 'pull-request', pullRequest: shown(asked.value, approved) };
}

type Unreachable = Extract<PullRequestAnswer, { readonly kind: 'unreachable' }>;

/** At this very head. Null: GitHub does not tell us who may. */
async function isApproved(
  api: GithubApi,
  { head, ...of }: { readonly number: number; readonly head: string; readonly signal?: AbortSignal | undefined },
): Promise<boolean | null | Unreachable> {
  const reviews = await readReviews(api, of);
  if (reviews.kind === 'unreachable') return reviews;
  if (reviews.kind === 'not-told') return null;
  return !reviews.isRejected && reviews.approving.some(({ commit_id: commit }) => commit === head);
}

/** `CURSOR` is `ID@TIME` of the last comment that was read. */
export async function newComments(
  api: GithubApi,
  { pullRequest, cursor, signal }: Parameters<ForgeForPeople['comments']>[0],
): Promise<CommentsAnswer> {
  const [, id = '0', since] = /^(\d+)@(\S+)$/.exec(cursor ?? '') ?? [];
  const who = await whoWeAre(api, signal);
  if (who.kind !== 'login') return unreachable(who);
  // By time of the last change: a comment behind the cursor was made, and so changed, no earlier than it.
  const query = since === undefined ? '' : `?since=${encodeURIComponent(since)}`;
  const listed = await api.list({ path: `/issues/${pullRequest}/comments${query}`, signal });
  if (listed.kind !== 'list') return unreachable(listed);
  const found = listed.items
    .flatMap((item) => COMMENT.safeParse(item).data ?? [])
    .filter((comment) => comment.id > Number(id))
    .sort((left, right) => left.id - right.id);
  const last = found.at(-1);
  return {
    kind: 'comments',
    // Who edited a comment is not told; its author need not be who wrote it.
    all: found
      .filter((one) => one.created_at === one.updated_at && one.user !== null && one.user.login !== who.login)
      .map(({ user, body = '' }) => ({ by: user?.login ?? '', text: body })),
    cursor: last === undefined ? (cursor ?? '0@1970-01-01T00:00:00Z') : `${last.id}@${last.created_at}`,
  };
}

/** Roles of an organisation's own are told as the nearest of GitHub's four words. */
export async function mayCommand(api: GithubApi, login: string, signal?: AbortSignal): Promise<RightAnswer> {
  const answer = await permissionOf(api, login, signal);
  if (answer.kind !== 'not-told') return answer;
  const { reason, isUnknown } = answer;
  if (!isUnknown) return { kind: 'not-told', reason };
  // A token that is told about its own user would be told about every other.
  const who = await whoWeAre(api, signal);
  if (who.kind !== 'login') return unreachable(who);
  const own = await permissionOf(api, who.login, signal);
  if (own.kind === 'unreachable') return own;
  return own.kind === 'not-told' ? { kind: 'not-told', reason } : { kind: 'may-not' };
}

type Permission =
  | Exclude<RightAnswer, { readonly kind: 'not-told' }>
  /** `isUnknown`: there is no such person, or the token may not ask. */
  | { readonly kind: 'not-told'; readonly reason: string; readonly isUnknown: boolean };

async function permissionOf(api: GithubApi, login: string, signal?: AbortSignal): Promise<Permission> {
  const path = `/collaborators/${encodeURIComponent(login)}/permission`;
  const asked = read(await api.ask({ method: 'GET', path, signal }), PERMISSION);
  if (asked.kind === 'read') return { kind: ['admin', 'write'].includes(asked.value.permission) ? 'may' : 'may-not' };
  return asked.kind === 'refused' && (asked.status === 403 || asked.status === 404)
    ? { kind: 'not-told', reason: asked.reason, isUnknown: asked.status === 404 }
    : unreachable(asked);
}

const unreachable = ({ reason }: { readonly reason: string }): Unreachable => ({ kind: 'unreachable', reason });
