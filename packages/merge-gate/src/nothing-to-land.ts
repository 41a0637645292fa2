/**
 * Whether a candidate changes anything against main. Trees are compared, never patches: a change that main took back makes
 * another tree, and a branch whose commits are all there already makes none.
 */
import { type GitFault, gitFault } from '@gatehouse/gate-run';
import {
  commitLog,
  foreseeConflict,
  type GitRepo,
  mergeBase,
  type Rebased,
  resolveBoth,
  resolveCommit,
} from '@gatehouse/git';
import type { NothingToLand } from './verdict.ts';

interface CaughtUpBranch {
  readonly git: GitRepo;
  readonly base: string;
  readonly head: string;
  readonly caughtUp: Rebased;
  readonly gitTimeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Compared {
  readonly repo: GitRepo;
  readonly base: string;
  readonly head: string;
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Null: there is something to land. */
export async function findNothingToLand(branch: CaughtUpBranch): Promise<NothingToLand | GitFault | null> {
  const { git, base, head, caughtUp, gitTimeoutMs: timeoutMs, signal } = branch;
  const limits = { repo: git, timeoutMs, signal };
  if (head === base) return { kind: 'nothing-to-land', why: 'equal', commits: 0 };
  const read =
    caughtUp.kind === 'current'
      ? await resolveBoth({ ...limits, a: base, b: head })
      : ({ kind: 'resolved', a: await resolveCommit({ ...limits, ref: base }), b: caughtUp } as const);
  if (read.kind !== 'resolved') return gitFault('read of main', read);
  const { a: ofBase, b: ofTested } = read;
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

/**
 * Whether a branch that conflicts commit by commit is on main as one change: a merge of the whole would leave main as it is.
 * What main took back does not merge into main's own tree, and stays a conflict. Null: it is not, or that cannot be told.
 */
export async function findSquashed(branch: Omit<CaughtUpBranch, 'caughtUp'>): Promise<NothingToLand | null> {
  const { git, base, head, gitTimeoutMs: timeoutMs, signal } = branch;
  const limits = { repo: git, timeoutMs, signal };
  const merged = await foreseeConflict({ ...limits, base, head });
  const main = await resolveCommit({ ...limits, ref: base });
  if (merged.kind !== 'clean' || main.kind !== 'found' || merged.tree !== main.tree) return null;
  const own = await commitLog({ ...limits, base, head });
  if (own.kind !== 'listed') return null;
  const why = (await changesNothing({ ...limits, base, head })) ? 'no-change' : 'on-main';
  return { kind: 'nothing-to-land', why, commits: own.commits.length };
}

/** Whether the commits of a branch cancel one another out. What cannot be read changes something. */
async function changesNothing({ base, head, ...limits }: Compared): Promise<boolean> {
  const fork = await mergeBase({ ...limits, a: base, b: head });
  if (fork.kind !== 'found') return false;
  const [before, after] = await Promise.all([fork.sha, head].map((ref) => resolveCommit({ ...limits, ref })));
  return before?.kind === 'found' && after?.kind === 'found' && before.tree === after.tree;
}
