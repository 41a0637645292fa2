/** Makes GitHub say that a landed pull request is merged: it does so by itself once main has its head. */
import type { FinishAnswer, LandedPullRequest } from '../people.ts';
import type { GithubApi } from './api.ts';
import { inPath, read } from './call.ts';
import { BRANCH, COMPARISON, isFork, PULL_REQUEST } from './shapes.ts';

/**
 * A branch here was moved to what landed, so GitHub will say merged. The head of a fork cannot be moved, nor a protected one: when
 * the work was rebased GitHub never will, and the pull request can only be closed.
 */
export async function finish(api: GithubApi, landed: LandedPullRequest): Promise<FinishAnswer> {
  const { number, branch, commit, main, signal } = landed;
  const path = `/pulls/${number}`;
  const asked = read(await api.ask({ method: 'GET', path, signal }), PULL_REQUEST);
  if (asked.kind === 'refused' && asked.status === 404)
    return { kind: 'closed', reason: `the pull request ${number} is not there any more` };
  if (asked.kind !== 'read') return unreachable(asked);
  const { state, merged_at: mergedAt, head } = asked.value;
  if (mergedAt !== null) return { kind: 'merged' };
  const what = `its work landed as ${commit.slice(0, 12)}`;
  if (state === 'closed') return { kind: 'closed', reason: `another person closed it; ${what}` };
  const held = await hasMain(api, { main, head: head.sha, signal });
  if (held.kind === 'unreachable') return held;
  if (held.kind === 'yes') return { kind: 'open', reason: `GitHub has not yet seen that ${branch} is merged` };
  const still = isFork(asked.value) ? { kind: 'rebased' as const } : await atBranch(api, landed);
  if (still.kind !== 'rebased') return still;
  const closed = read(await api.ask({ method: 'PATCH', path, body: { state: 'closed' }, signal }), PULL_REQUEST);
  if (closed.kind !== 'read') return unreachable(closed);
  // What was read before may have been old.
  if (closed.value.merged_at !== null) return { kind: 'merged' };
  return {
    kind: 'closed',
    reason: `${what}; GitHub cannot show a head as merged that was rebased and could not be moved`,
  };
}

/** What GitHub shows of a pull request may be older than its branch. */
async function atBranch(
  api: GithubApi,
  { branch, commit, signal }: LandedPullRequest,
): Promise<FinishAnswer | { readonly kind: 'rebased' }> {
  const path = `/branches/${inPath(branch)}`;
  const found = read(await api.ask({ method: 'GET', path, signal }), BRANCH);
  if (found.kind === 'refused' && found.status === 404) return { kind: 'rebased' };
  if (found.kind !== 'read') return unreachable(found);
  if (found.value.commit.sha === commit)
    return { kind: 'open', reason: `GitHub has not yet seen that ${branch} is at what landed` };
  return found.value.protected
    ? { kind: 'rebased' }
    : { kind: 'open', reason: `${branch} has commits that did not land: somebody pushed to it` };
}

interface OnMain {
  readonly main: string;
  readonly head: string;
  readonly signal?: AbortSignal | undefined;
}
type Held = { readonly kind: 'yes' | 'no' } | Extract<FinishAnswer, { readonly kind: 'unreachable' }>;

/** Whether main has the head in its history. */
async function hasMain(api: GithubApi, { main, head, signal }: OnMain): Promise<Held> {
  const path = `/compare/${inPath(main)}...${head}?per_page=1`;
  const compared = read(await api.ask({ method: 'GET', path, signal }), COMPARISON);
  if (compared.kind !== 'read') return unreachable(compared);
  return { kind: ['identical', 'behind'].includes(compared.value.status) ? 'yes' : 'no' };
}

const unreachable = ({
  reason,
}: {
  readonly reason: string;
}): Extract<FinishAnswer, { readonly kind: 'unreachable' }> => ({
  kind: 'unreachable',
  reason,
});
