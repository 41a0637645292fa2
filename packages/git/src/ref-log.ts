/** How a ref moved over time, as its repository's own reflog records it. */
import { callGit } from './adapters/git-call.ts';
import type { GitFailed, RepoRequest, Sha } from './outcome.ts';

/** Request of `refLog`. */
export interface RefLog extends RepoRequest {
  /** A full ref name, for example `refs/heads/main`. */
  readonly ref: string;
}

/** One movement; `from` is null for the first one. */
export interface RefMove {
  /** Where it was; full object name. */
  readonly from: Sha | null;
  /** Where it is now; full object name. */
  readonly to: Sha;
}

/** Every recorded movement, oldest first. Empty when the repository keeps no reflog for the ref. */
export interface RefMoves {
  readonly kind: 'listed';
  /** The movements. */
  readonly moves: readonly RefMove[];
}

/** Reads the reflog of a ref. */
export async function refLog(request: RefLog): Promise<RefMoves | GitFailed> {
  const { repo, ref } = request;
  const args = ['reflog', 'show', '--no-abbrev', '--format=%H', '--end-of-options', ref, '--'];
  const log = await callGit({ op: 'ref-log', gitDir: repo.gitDir, args }, request);
  if (log.kind === 'git-failed') return log;
  const heads = log.text
    .split('\n')
    .filter((line) => /^[0-9a-f]{40,64}$/.test(line))
    .reverse();
  return { kind: 'listed', moves: heads.map((to, index) => ({ from: heads[index - 1] ?? null, to })) };
}
