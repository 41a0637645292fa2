/** A landed pull request ends as merged where Gitea can say so; only where it cannot, it is closed. */
import type { FinishAnswer, LandedPullRequest } from '../people.ts';
import { type GiteaClient, type Replied, whyNot } from './client.ts';
import { isFork } from './pull-requests.ts';
import { branchPath } from './required-checks.ts';
import { ANYTHING, BRANCH, type GiteaPull, type GiteaRepository, PULL, REPOSITORY } from './shapes.ts';

export async function finish(gitea: GiteaClient, landed: LandedPullRequest): Promise<FinishAnswer> {
  const { number, signal } = landed;
  const before = await readPull(gitea, landed);
  if (before.kind !== 'still-open') return before;
  if (before.isMoved) return { kind: 'open', reason: `#${number} shows work that did not land: somebody pushed to it` };
  const repository = await gitea.call({ method: 'GET', path: '', reads: REPOSITORY, signal });
  if (repository.kind !== 'ok') return unreachable(repository);
  if (repository.value.allow_manual_merge) {
    await mergeByHand(gitea, landed);
    // Whatever it answered: the pull request says how it ended.
    const after = await readPull(gitea, landed);
    if (after.kind !== 'still-open') return after;
  }
  if (willNotice(repository.value, before.head, landed))
    return { kind: 'open', reason: `Gitea has not noticed yet that #${number} is in ${landed.main}` };
  const path = `pulls/${number}`;
  const closed = await gitea.call({ method: 'PATCH', path, body: { state: 'closed' }, reads: PULL, signal });
  if (closed.kind !== 'ok') return unreachable(closed);
  // What was read before may have been old.
  if (closed.value.merged) return { kind: 'merged' };
  const reason = 'this Gitea lets nobody mark a pull request as merged by hand, so that it could only be closed';
  return { kind: 'closed', reason };
}

interface StillOpen {
  readonly kind: 'still-open';
  readonly head: string;
  /** Its branch could be moved to what landed, and is somewhere else now. */
  readonly isMoved: boolean;
}

async function readPull(gitea: GiteaClient, landed: LandedPullRequest): Promise<FinishAnswer | StillOpen> {
  const { number, signal } = landed;
  const answer = await gitea.call({ method: 'GET', path: `pulls/${number}`, reads: PULL, signal });
  if (answer.kind === 'refused' && answer.status === 404)
    return { kind: 'closed', reason: 'the pull request is not there any more' };
  if (answer.kind !== 'ok') return unreachable(answer);
  const { merged, state, head } = answer.value;
  if (merged) return { kind: 'merged' };
  if (state === 'open')
    return { kind: 'still-open', head: head.sha, isMoved: await isMoved(gitea, answer.value, landed) };
  return { kind: 'closed', reason: 'somebody closed the pull request before' };
}

/** A fork's branch and a protected one show the author's head for ever; any other shows what was tested. */
async function isMoved(
  gitea: GiteaClient,
  pull: GiteaPull,
  { commit, branch, signal }: LandedPullRequest,
): Promise<boolean> {
  if (pull.head.sha === commit || isFork(pull)) return false;
  const here = await gitea.call({ method: 'GET', path: branchPath(branch), reads: BRANCH, signal });
  return here.kind === 'ok' && here.value.commit.id !== commit && !here.value.protected;
}

/** 1.25 reads the commit from a field without an underscore; the other name is for whoever reads it one day. */
function mergeByHand(gitea: GiteaClient, { number, commit, signal }: LandedPullRequest): Promise<Replied<unknown>> {
  const body = { Do: 'manually-merged', MergeCommitID: commit, merge_commit_id: commit };
  return gitea.call({ method: 'POST', path: `pulls/${number}/merge`, body, reads: ANYTHING, signal });
}

/** Gitea looks for open pull requests whose very head is in main. */
const willNotice = (repository: GiteaRepository, head: string, { commit }: LandedPullRequest): boolean =>
  repository.autodetect_manual_merge && head === commit;

const unreachable = (answer: Exclude<Replied<unknown>, { readonly kind: 'ok' }>): FinishAnswer => ({
  kind: 'unreachable',
  reason: whyNot(answer),
});
