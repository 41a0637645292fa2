/**
 * What holds the merge lease: tasks that land together, on one base, as one tested commit. A task alone is a candidate of one.
 * Whatever is done under the lease goes through the members, so that several tasks can share one test and one landing.
 */
import type { Task } from './port/index.ts';

export interface Candidate {
  /** The commit of main that it is tested on. */
  readonly base: string;
  /** In landing order. The lease is held in the name of the first. */
  readonly members: readonly [Task, ...Task[]];
  /** The commit that would land; null before there is one. */
  readonly tested: string | null;
}

export type TestedCandidate = Candidate & { readonly tested: string };

/** A task alone, as far as its record goes; null: the merge gate tested nothing. */
export const testedAlone = (task: Task): TestedCandidate | null =>
  task.baseSha === null || task.testedSha === null
    ? null
    : { base: task.baseSha, members: [task], tested: task.testedSha };

/**
 * Whether the tested commit may be on its way to main, or there already: the critical window was entered with it, and main was not
 * read since. A window of an earlier version names no commit; one that a commit tested later is in says nothing of that one.
 */
export const isWindowOpen = ({ criticalToken, criticalCommit, testedSha, state }: Task): boolean =>
  criticalToken !== null && !state.landed && (criticalCommit === null || criticalCommit === testedSha);

/** A task alone before its test. */
export const untestedAlone = (task: Task, base: string): Candidate => ({ base, members: [task], tested: null });

/** The name under which the candidate holds the lease, and the only one that claims join on. */
export const holderOf = ({ members }: Pick<Candidate, 'members'>): string => members[0].id;

/**
 * Applies the outcome to every member in landing order. The first one's outcome is the candidate's: the job and the lease
 * are its own, and the others follow once it was applied, never before.
 */
export function tellMembers<Outcome extends { readonly kind: string }>(
  { members: [first, ...others] }: Pick<Candidate, 'members'>,
  tell: (member: Task) => Promise<Outcome>,
): Promise<Outcome> {
  const outcome = tell(first);
  return others.length === 0 ? outcome : tellOthers(outcome, others, tell);
}

async function tellOthers<Outcome extends { readonly kind: string }>(
  first: Promise<Outcome>,
  others: readonly Task[],
  tell: (member: Task) => Promise<Outcome>,
): Promise<Outcome> {
  const outcome = await first;
  if (outcome.kind !== 'applied') return outcome;
  for (const member of others) await tell(member);
  return outcome;
}
