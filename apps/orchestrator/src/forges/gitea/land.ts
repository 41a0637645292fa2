/**
 * Landing at a Gitea: the pull request is merged by the API, as a fast-forward bound to its head; where that cannot be, main is
 * pushed. After every answer but success only main decides: a branch behind main is answered 500 with no word.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { isAncestor } from '@gatehouse/git';
import type { MintRemote } from '../git-remote.ts';
import { concludeByMain, hideCandidate, type LandingAttempt, pushToMain, readMainByGit } from '../land-by-git.ts';
import type { LandingAnswer, LandingMember, LandRequest } from '../port.ts';
import { type GiteaClient, whyNot } from './client.ts';
import { approvals, isFork, isRejected, readReviews } from './pull-requests.ts';
import { branchPath, matches, OUR_CONTEXT, requiredChecks } from './required-checks.ts';
import { ANYTHING, BRANCH, PULL } from './shapes.ts';
import { setStatus } from './tell.ts';

export interface GiteaWay {
  readonly gitea: GiteaClient;
  readonly remote: MintRemote;
  readonly retryMs: readonly number[];
}

export async function land(way: GiteaWay, request: LandRequest): Promise<LandingAnswer> {
  const { git, from, commit } = request;
  const follows = await isAncestor({ repo: git, ancestor: from, of: commit });
  if (follows.kind === 'no')
    return { kind: 'base-moved', reason: `${commit.slice(0, 12)} does not contain ${from.slice(0, 12)}` };
  const tried = await attempt(way, request);
  const answer = await concludeByMain(tried, request, () => readMainByGit(way.remote, request));
  // Landed by an attempt before, whose end was not seen: it may have left its candidate ref.
  if (answer.kind === 'landed' && tried.kind !== 'landed') await hideCandidate(way.remote, request);
  return answer;
}

async function attempt(way: GiteaWay, request: LandRequest): Promise<LandingAttempt> {
  const { gitea, remote } = way;
  let merging: number | null = null;
  for (const member of request.members) {
    if (member.pullRequest === null) continue;
    const asked = await wayOfMember(gitea, request, { ...member, pullRequest: member.pullRequest });
    if (asked.kind !== 'merge' && asked.kind !== 'push') return asked;
    if (asked.kind === 'merge') merging ??= member.pullRequest;
  }
  if (merging !== null) {
    const merged = await mergeBounded(way, request, merging);
    if (merged.kind === 'refused' && merged.isPending === true)
      return withOwnStatus(way, request, { number: merging, refused: merged });
    if (merged.kind !== 'style-off') return merged;
  }
  const unapproved = await missingApprovals(gitea, request);
  if (unapproved !== null) return unapproved;
  const pushed = await pushToMain(remote, request);
  if (pushed.kind === 'landed' && request.members.some(({ pullRequest }) => pullRequest !== null))
    await hideCandidate(remote, request);
  return pushed;
}

type NumberedMember = LandingMember & { readonly pullRequest: number };

/** Whether its pull request shows the tested commit and can be merged, or main has to be pushed; or what is in the way. */
async function wayOfMember(
  gitea: GiteaClient,
  { commit, main }: LandRequest,
  { pullRequest, branch, head: judged }: NumberedMember,
): Promise<LandingAttempt | { readonly kind: 'merge' } | { readonly kind: 'push' }> {
  const answer = await gitea.call({ method: 'GET', path: `pulls/${pullRequest}`, reads: PULL });
  if (answer.kind === 'unclear') return answer;
  if (answer.kind === 'refused')
    return { kind: 'refused', reason: `#${pullRequest} cannot be read: ${whyNot(answer)}` };
  const { state, merged, base, head } = answer.value;
  if (merged || state !== 'open')
    return { kind: 'refused', reason: `#${pullRequest} is ${merged ? 'merged' : 'closed'}` };
  // To merge it would move another branch.
  if (base.ref !== main)
    return { kind: 'refused', reason: `#${pullRequest} is to land on ${base.ref} now, not on ${main}` };
  if (head.sha === commit) return { kind: 'merge' };
  if (!isFork(answer.value)) {
    // Just after a push the pull request still shows the head before.
    const here = await gitea.call({ method: 'GET', path: branchPath(branch), reads: BRANCH });
    if (here.kind === 'unclear') return here;
    if (here.kind === 'ok' && here.value.commit.id === commit) return { kind: 'merge' };
  }
  // Where the branch may not be moved, it still shows the head that was judged.
  if (head.sha === judged) return { kind: 'push' };
  return { kind: 'refused', reason: `somebody pushed to #${pullRequest} since it was tested` };
}

type Merged =
  | LandingAttempt
  /** This repository does not let a pull request be merged as a fast-forward. */
  | { readonly kind: 'style-off' }
  /** Gitea has not checked it yet, or does not know the head yet. */
  | { readonly kind: 'later'; readonly reason: string };

async function mergeBounded(
  { gitea, retryMs }: GiteaWay,
  { commit }: Pick<LandRequest, 'commit'>,
  number: number,
): Promise<Exclude<Merged, { kind: 'later' }>> {
  let last = await mergeOnce(gitea, number, commit);
  for (const ms of retryMs) {
    if (last.kind !== 'later') return last;
    await wait(ms);
    last = await mergeOnce(gitea, number, commit);
  }
  return last.kind === 'later' ? { kind: 'unclear', reason: last.reason } : last;
}

async function mergeOnce(gitea: GiteaClient, number: number, commit: string): Promise<Merged> {
  const body = { Do: 'fast-forward-only', head_commit_id: commit };
  const answer = await gitea.call({ method: 'POST', path: `pulls/${number}/merge`, body, reads: ANYTHING });
  if (answer.kind === 'ok')
    return answer.status === 200
      ? { kind: 'landed' }
      : { kind: 'unclear', reason: `Gitea answers ${answer.status} to a merge` };
  if (answer.kind === 'unclear') return { kind: 'unclear', reason: answer.reason };
  const reason = whyNot(answer);
  // A head is out of date for a moment after its branch was pushed.
  if (answer.status === 409) return { kind: 'later', reason };
  return answer.status === 405 ? readWords(answer.message, reason) : { kind: 'refused', reason };
}

/**
 * One of the required checks may be our own status, which nobody else can set: the commit was tested, so where all others are
 * green it is set, and the merge is asked for once more.
 */
async function withOwnStatus(
  way: GiteaWay,
  { commit, main }: LandRequest,
  { number, refused }: { readonly number: number; readonly refused: LandingAttempt },
): Promise<LandingAttempt> {
  const rule = await way.gitea.call({ method: 'GET', path: branchPath(main), reads: BRANCH });
  if (rule.kind !== 'ok') return { kind: 'unclear', reason: whyNot(rule) };
  const isOwn = (rule.value.status_check_contexts ?? []).some((pattern) => matches(pattern, OUR_CONTEXT));
  const others = await requiredChecks(way.gitea, { commit, main });
  if (!isOwn || others.kind !== 'green') return refused;
  const told = await setStatus(way.gitea, { commit, state: 'success', text: 'tested on top of main; it lands now' });
  if (told.kind !== 'told') return { kind: 'unclear', reason: told.reason };
  const merged = await mergeBounded(way, { commit }, number);
  return merged.kind === 'style-off' ? refused : merged;
}

/** What a 405 means, by the recorded words of 1.25. */
function readWords(message: string, reason: string): Merged {
  if (/try again later/i.test(message)) return { kind: 'later', reason };
  if (/not allowed an allowed merge style/i.test(message)) return { kind: 'style-off' };
  if (/required status checks/i.test(message)) return { kind: 'refused', reason, isPending: true };
  return { kind: 'refused', reason };
}

/** A push to main may pass over the approvals that a merge would ask for; they hold all the same. Null: none is missing. */
async function missingApprovals(gitea: GiteaClient, { main, members }: LandRequest): Promise<LandingAttempt | null> {
  const rule = await gitea.call({ method: 'GET', path: branchPath(main), reads: BRANCH });
  if (rule.kind !== 'ok') return { kind: 'unclear', reason: whyNot(rule) };
  const needed = rule.value.required_approvals;
  if (needed === 0) return null;
  for (const { pullRequest } of members) {
    if (pullRequest === null) continue;
    const reviews = await readReviews(gitea, pullRequest);
    if (reviews.kind !== 'ok') return { kind: 'unclear', reason: whyNot(reviews) };
    if (approvals(reviews.value) < needed || isRejected(reviews.value))
      return { kind: 'refused', reason: `#${pullRequest} does not have enough approvals` };
  }
  return null;
}
