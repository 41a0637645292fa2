/**
 * GitHub has no fast-forward merge: the tested commit is brought to it by git, then main is moved with `force: false`, which it
 * takes as a fast-forward or not at all. There is no expected old value, so main is looked at before, and only main decides after.
 */
import { isAncestor } from '@gatehouse/git';
import { type MintRemote, pushTaskBranch } from '../git-remote.ts';
import {
  concludeByMain,
  type GitPatience,
  hideCandidate,
  type LandingAttempt,
  readMainByGit,
  showCandidate,
} from '../land-by-git.ts';
import type { LandingAnswer, LandingMember, LandRequest, PrepareAnswer } from '../port.ts';
import type { GithubApi } from './api.ts';
import { readReviews } from './approvals.ts';
import { inPath, read } from './call.ts';
import { OWN_CONTEXT, readBranchRules } from './protection.ts';
import { requiredChecks } from './required-checks.ts';
import { isFork, PULL_REQUEST, REF } from './shapes.ts';
import { putStatus } from './tell.ts';

/** A repository at GitHub, by its API and by git. */
export interface GithubPlace {
  readonly api: GithubApi;
  readonly remote: MintRemote;
  readonly patience: GitPatience;
}

const PUSH_MS = 120_000;
const PREPARED_LIMIT = 1000;

/**
 * Each member's branch moves to the tested commit, so that GitHub shows its pull request as merged once main has it. Where it
 * may not be moved the commit goes to a candidate ref.
 */
export async function prepare(place: GithubPlace, request: LandRequest): Promise<PrepareAnswer> {
  const { commit } = request;
  const { prepared } = place.api.session;
  const unapproved = await missingApprovals(place.api, request);
  if (unapproved !== null) return unapproved;
  // Nobody lands that many at once: these were given up.
  if (prepared.size > PREPARED_LIMIT) prepared.clear();
  let isSomewhere = false;
  for (const member of request.members) {
    const moved = await moveMember(place, request, member);
    if (moved.kind === 'unprepared') return moved;
    if (moved.kind === 'moved') isSomewhere = true;
  }
  prepared.set(commit, isSomewhere ? 'branches' : 'candidate');
  if (isSomewhere) return { kind: 'prepared' };
  const shown = await showCandidate(place.remote, request);
  return shown.kind === 'done'
    ? { kind: 'prepared' }
    : { kind: 'unprepared', reason: `the tested commit cannot be brought to GitHub: ${shown.reason}` };
}

/** Nothing is pushed that GitHub would refuse; where the token may bypass the rule, it is honoured all the same. Null: none is missing. */
async function missingApprovals(api: GithubApi, { main, members, signal }: LandRequest): Promise<PrepareAnswer | null> {
  const rules = await readBranchRules(api, { branch: main, signal });
  if (rules.kind !== 'rules') return { kind: 'unprepared', reason: rules.reason };
  const { approvals: needed } = rules;
  if (needed === 0) return null;
  for (const { pullRequest: number } of members) {
    if (number === null) continue;
    const reviews = await readReviews(api, { number, signal });
    if (reviews.kind === 'unreachable') return { kind: 'unprepared', reason: reviews.reason };
    // Who may write is not told here: GitHub judges it by itself.
    if (reviews.kind === 'not-told') continue;
    const { approving, isRejected } = reviews;
    const has = isRejected ? 'and somebody asks for changes' : `and has ${approving.length}`;
    if (isRejected || approving.length < needed)
      return { kind: 'cannot-land', reason: `#${number} needs ${needed} approval${needed === 1 ? '' : 's'}, ${has}` };
  }
  return null;
}

/** `kept`: the branch is not here, or may not be moved. */
type Moved =
  | { readonly kind: 'moved' }
  | { readonly kind: 'kept' }
  | { readonly kind: 'unprepared'; readonly reason: string };

async function moveMember({ api, remote }: GithubPlace, request: LandRequest, member: LandingMember): Promise<Moved> {
  const { git, main, commit, signal } = request;
  const { branch, head, pullRequest } = member;
  if (pullRequest !== null) {
    const pull = read(await api.ask({ method: 'GET', path: `/pulls/${pullRequest}`, signal }), PULL_REQUEST);
    if (pull.kind !== 'read') return { kind: 'unprepared', reason: pull.reason };
    const { state, merged_at: mergedAt, base } = pull.value;
    if (state === 'closed' && mergedAt === null) return { kind: 'unprepared', reason: `#${pullRequest} is closed` };
    if (base.ref !== main)
      return { kind: 'unprepared', reason: `#${pullRequest} is to land on ${base.ref} now, not on ${main}` };
    // A branch of ours may have the same name as that of a fork.
    if (isFork(pull.value)) return { kind: 'kept' };
  }
  const deadline = signal ?? AbortSignal.timeout(PUSH_MS);
  const pushed = await pushTaskBranch(remote, { git, branch, main, commit, expected: head, signal: deadline });
  switch (pushed.kind) {
    case 'pushed':
      return { kind: 'moved' };
    case 'moved': {
      const there = await api.ask({ method: 'GET', path: `/git/ref/heads/${inPath(branch)}`, signal });
      return there.kind === 'refused' && there.status === 404
        ? { kind: 'kept' }
        : { kind: 'unprepared', reason: `${branch} is not at the head that was judged any more` };
    }
    case 'unpushed': {
      const rules = await readBranchRules(api, { branch, signal });
      return rules.kind === 'rules' && rules.isProtected
        ? { kind: 'kept' }
        : { kind: 'unprepared', reason: pushed.reason };
    }
  }
}

export async function land(place: GithubPlace, order: LandRequest): Promise<LandingAnswer> {
  const request = { ...order, ...place.patience };
  const { git, from, commit, main } = request;
  const follows = await isAncestor({ repo: git, ancestor: from, of: commit });
  if (follows.kind === 'no') return { kind: 'base-moved', reason: `${short(commit)} does not contain ${short(from)}` };
  const readMain = () => readMainByGit(place.remote, request);
  const before = read(await place.api.ask({ method: 'GET', path: `/git/ref/heads/${inPath(main)}` }), REF);
  const isAtBase = before.kind === 'read' && before.value.object.sha === from;
  const why = before.kind === 'read' ? `${main} is at ${short(before.value.object.sha)}` : before.reason;
  const answer = await concludeByMain(
    isAtBase ? await attempt(place.api, request) : { kind: 'unclear', reason: why },
    request,
    readMain,
  );
  return answer.kind === 'landed' ? tidyUp(place, request) : answer;
}

/** A candidate ref is only for landing; it stays when it cannot be taken away. */
async function tidyUp({ api, remote }: GithubPlace, request: LandRequest): Promise<LandingAnswer> {
  const { prepared } = api.session;
  if (prepared.get(request.commit) !== 'branches') await hideCandidate(remote, request);
  prepared.delete(request.commit);
  return { kind: 'landed' };
}

async function attempt(api: GithubApi, request: LandRequest): Promise<LandingAttempt> {
  const first = await moveMain(api, request);
  return first.kind === 'refused' ? again(api, request, first) : first;
}

async function moveMain(api: GithubApi, { main, commit }: LandRequest): Promise<LandingAttempt> {
  const body = { sha: commit, force: false };
  const asked = await api.ask({ method: 'PATCH', path: `/git/refs/heads/${inPath(main)}`, body });
  const moved = read(asked, REF);
  if (moved.kind === 'read' && moved.value.object.sha === commit) return { kind: 'landed' };
  if (moved.kind === 'read') return { kind: 'unclear', reason: 'GitHub moved main to something else' };
  // 409: it lost a race against itself, and may be asked again.
  const isRefusal = moved.kind === 'refused' && moved.status !== 409;
  return { kind: isRefusal ? 'refused' : 'unclear', reason: moved.reason };
}

/**
 * A refusal by required checks. One of them may be our own status, which nobody else can set: it is, for the commit was tested,
 * and main is asked to move once more. Checks that are pending now make it a matter of time.
 */
async function again(
  api: GithubApi,
  request: LandRequest,
  refused: Extract<LandingAttempt, { readonly kind: 'refused' }>,
): Promise<LandingAttempt> {
  const { commit, main } = request;
  const rules = await readBranchRules(api, { branch: main });
  if (rules.kind !== 'rules') return { kind: 'unclear', reason: `${refused.reason}; ${rules.reason}` };
  const checks = await requiredChecks(api, { commit, main });
  if (checks.kind === 'unreachable') return { kind: 'unclear', reason: `${refused.reason}; ${checks.reason}` };
  if (checks.kind === 'pending') return { ...refused, isPending: true, reason: `${refused.reason}; ${checks.reason}` };
  const isOwn = rules.required.some(({ context }) => context === OWN_CONTEXT);
  if (checks.kind === 'red' || !isOwn) return refused;
  const told = await putStatus(api, { commit, state: 'success', text: 'tested on top of main; it lands now' });
  return told.kind === 'told'
    ? moveMain(api, request)
    : { kind: 'unclear', reason: `${refused.reason}; ${told.reason}` };
}

const short = (sha: string): string => sha.slice(0, 12);
