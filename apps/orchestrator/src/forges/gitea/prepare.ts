/** Getting ready to land at a Gitea: each member's branch shows the tested commit, or a candidate ref does. */
import { readyByGit } from '../git.ts';
import { type MintRemote, pushTaskBranch } from '../git-remote.ts';
import { showCandidate } from '../land-by-git.ts';
import type { LandingMember, LandRequest, PrepareAnswer } from '../port.ts';
import { type GiteaClient, whyNot } from './client.ts';
import { isFork } from './pull-requests.ts';
import { branchPath } from './required-checks.ts';
import { BRANCH, PULL } from './shapes.ts';

interface Way {
  readonly gitea: GiteaClient;
  readonly remote: MintRemote;
}

export async function prepare(way: Way, request: LandRequest): Promise<PrepareAnswer> {
  const held = await readyByGit(request);
  if (held.kind !== 'prepared') return held;
  let isHidden = false;
  for (const member of request.members) {
    const shown = await show(way, request, member);
    if (shown.kind === 'unprepared') return shown;
    isHidden ||= shown.kind === 'may-not';
  }
  if (!isHidden) return { kind: 'prepared' };
  const candidate = await showCandidate(way.remote, request);
  return candidate.kind === 'done' ? { kind: 'prepared' } : { kind: 'unprepared', reason: candidate.reason };
}

type Shown =
  | { readonly kind: 'shown' }
  /** The branch may not be moved: it is a fork's, or protected. */
  | { readonly kind: 'may-not' }
  | { readonly kind: 'unprepared'; readonly reason: string };

async function show({ gitea, remote }: Way, request: LandRequest, member: LandingMember): Promise<Shown> {
  const { git, main, commit, signal } = request;
  const { branch, head, pullRequest } = member;
  if (head === commit) return { kind: 'shown' };
  if (pullRequest !== null) {
    const pull = await gitea.call({ method: 'GET', path: `pulls/${pullRequest}`, reads: PULL, signal });
    if (pull.kind !== 'ok') return { kind: 'unprepared', reason: whyNot(pull) };
    // A branch of that name may well be here, and is somebody else's.
    if (isFork(pull.value)) return { kind: 'may-not' };
  }
  const bounded = signal ?? new AbortController().signal;
  const pushed = await pushTaskBranch(remote, { git, main, branch, commit, expected: head, signal: bounded });
  switch (pushed.kind) {
    case 'pushed':
      return { kind: 'shown' };
    case 'moved':
      return { kind: 'unprepared', reason: `${branch} is not at the head that was judged any more` };
    case 'unpushed': {
      const rule = await gitea.call({ method: 'GET', path: branchPath(branch), reads: BRANCH, signal });
      const isProtected = rule.kind === 'ok' && rule.value.protected;
      return isProtected ? { kind: 'may-not' } : { kind: 'unprepared', reason: pushed.reason };
    }
  }
}
