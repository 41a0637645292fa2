/**
 * Whether a candidate changes anything against main. Trees are compared, never patches: a change that main took back makes
 * another tree, and a branch whose commits are all there already makes none.
 */
import { type GitFault, gitFault } from '@gatehouse/gate-run';
import { commitLog, type GitRepo, type Rebased, resolveCommit } from '@gatehouse/git';
import type { NothingToLand } from './verdict.ts';

interface CaughtUpBranch {
  readonly git: GitRepo;
  readonly base: string;
  readonly head: string;
  readonly caughtUp: Rebased;
  readonly gitTimeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Null: there is something to land. */
export async function findNothingToLand(branch: CaughtUpBranch): Promise<NothingToLand | GitFault | null> {
  const { git, base, head, caughtUp, gitTimeoutMs: timeoutMs, signal } = branch;
  const limits = { repo: git, timeoutMs, signal };
  if (head === base) return { kind: 'nothing-to-land', why: 'equal', commits: 0 };
  const [ofBase, ofTested] = await Promise.all([
    resolveCommit({ ...limits, ref: base }),
    caughtUp.kind === 'current' ? resolveCommit({ ...limits, ref: head }) : caughtUp,
  ]);
  if (ofBase.kind !== 'found') return gitFault('read of main', ofBase);
  if (ofTested.kind !== 'found' && ofTested.kind !== 'caught-up') return gitFault('read of the branch', ofTested);
  if (ofTested.tree !== ofBase.tree) return null;
  const own = await commitLog({ ...limits, base, head });
  if (own.kind !== 'listed') return gitFault('list of the commits', own);
  const commits = own.commits.length;
  if (commits === 0) return { kind: 'nothing-to-land', why: 'contained', commits };
  const dropped = caughtUp.kind === 'caught-up' && caughtUp.commits === 0;
  return { kind: 'nothing-to-land', why: dropped ? 'on-main' : 'no-change', commits };
}
