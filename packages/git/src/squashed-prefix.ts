/**
 * How much of a branch the base has as one change: somebody squashed its first commits, and the branch went on. Commit by commit
 * they conflict; merged as a whole they leave the base as it is. What the base took back does not, and stays a conflict.
 */
import { callGit } from './adapters/git-call.ts';
import { foreseeConflict } from './foresee-conflict.ts';
import type { GitFailed, RepoRequest, Sha } from './outcome.ts';
import { resolveCommit } from './resolve.ts';

/** So many commits are tried, the longest beginning first; each costs a merge of trees. */
const MOST_TRIED = 30;

/** The commits of `head` that the base has as one change, oldest first; empty: none. All of them are nothing to land, and not asked here. */
export async function squashedPrefix(
  request: RepoRequest & { readonly base: Sha; readonly head: Sha },
): Promise<{ readonly kind: 'listed'; readonly commits: readonly Sha[] } | GitFailed> {
  const { base, head, repo } = request;
  const [listed, main] = await Promise.all([
    callGit(
      {
        op: 'list-own-commits',
        gitDir: repo.gitDir,
        args: ['rev-list', '--reverse', '--topo-order', head, `^${base}`],
      },
      request,
    ),
    resolveCommit({ ...request, ref: base }),
  ]);
  if (listed.kind === 'git-failed') return listed;
  if (main.kind === 'git-failed') return main;
  const own = listed.text.split('\n').filter((line) => line !== '');
  if (main.kind !== 'found') return { kind: 'listed', commits: [] };
  for (let length = own.length - 1; length >= Math.max(1, own.length - MOST_TRIED); length -= 1) {
    const merged = await foreseeConflict({ ...request, base, head: own[length - 1] ?? head });
    if (merged.kind === 'git-failed') return merged;
    if (merged.kind === 'unsure') break;
    if (merged.kind === 'clean' && merged.tree === main.tree) return { kind: 'listed', commits: own.slice(0, length) };
  }
  return { kind: 'listed', commits: [] };
}
