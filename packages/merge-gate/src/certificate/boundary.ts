/**
 * When a suspect is convicted, and how improbable that is for an innocent one. Observations come in pairs, one of the branch and one
 * of the base in the same scope; a *contrary* one speaks for the branch: the branch passed, or the base failed. A boundary says how
 * many contrary observations a conviction may have after i pairs. The proof stands at `worstCase`.
 */

/**
 * How the false blame allowed is spent over the pairs. `early`: evenly from half of it on. `soon-then-late`: a suspect with nothing
 * contrary is convicted after the fewest pairs that alpha can pay, and the rest is kept for the last pairs, which then forgive most.
 */
export type Spending = 'early' | 'soon-then-late';

export interface BoundaryPlan {
  /** False blame allowed for one suspect, a probability. */
  readonly alpha: number;
  /** Pairs at most. */
  readonly pairs: number;
  readonly spending: Spending;
  /** Probability of a false blame that is still to come when the branch never failed here and another track takes over. */
  readonly afterwards: number;
  /** A suspect is given up early when most of what is seen speaks for it. */
  readonly givesUp: boolean;
}

export interface Boundary extends BoundaryPlan {
  /** Contrary observations allowed after pair i, at index i; -1 where nobody is convicted. */
  readonly allowed: readonly number[];
  /** No innocent suspect is blamed with a higher probability, whatever its failure rates are. */
  readonly bound: number;
}

const planned = new Map<string, Boundary>();
const REMEMBERED = 200;

/** The boundary that forgives most within the plan. The same plan gives the same boundary. */
export function planBoundary(plan: BoundaryPlan): Boundary {
  const key = JSON.stringify(plan);
  const known = planned.get(key);
  if (known !== undefined) return known;
  const allowed = [-1];
  for (let pair = 1; pair <= plan.pairs; pair += 1) allowed.push(mostAllowed(plan, allowed));
  const boundary = { ...plan, allowed, bound: worstCase(plan, allowed) };
  if (planned.size >= REMEMBERED) planned.clear();
  planned.set(key, boundary);
  return boundary;
}

function mostAllowed(plan: BoundaryPlan, before: readonly number[]): number {
  const pair = before.length;
  const share = plan.spending === 'early' ? 0.5 + pair / (2 * plan.pairs) : soonThenLate(plan, pair);
  let most = before[pair - 1] ?? -1;
  for (let more = most + 1; more <= pair; more += 1) {
    const tried = [...before, more];
    if (worstCase({ ...plan, afterwards: 0 }, tried) > plan.alpha * share) break;
    if (worstCase(plan, tried) > plan.alpha) break;
    most = more;
  }
  return most;
}

/** The power with which what is left is kept for the end: 8 convicts most of the guilty within 20 pairs (soak/flake-lab.mjs). */
const KEPT = 8;

/** The share of alpha that may be spent up to a pair. */
function soonThenLate({ alpha, pairs }: BoundaryPlan, pair: number): number {
  const soon = fewestPairs(alpha);
  if (pair <= soon) return 1;
  const spent = 0.25 ** soon / alpha;
  return spent + (1 - spent) * ((pair - soon) / (pairs - soon)) ** KEPT;
}

/** Pairs without anything contrary after which a suspect is improbable enough to be innocent. */
export const fewestPairs = (alpha: number): number => Math.ceil(Math.log(alpha) / Math.log(0.25) - 1e-9);

/** Whether some further pair could convict. */
export const canStillConvict = ({ allowed }: Boundary, tally: PairTally): boolean =>
  allowed.some((most, pair) => pair > tally.pairs && tally.contrary <= most);

/** What is known of one suspect. */
export interface PairTally {
  readonly pairs: number;
  readonly contrary: number;
}

export const convicts = ({ allowed }: Boundary, { pairs, contrary }: PairTally): boolean =>
  contrary <= (allowed[pairs] ?? -1);

/** More than half of the pairs, and one for the start, speak for the suspect. */
export const isHopeless = ({ pairs, contrary }: PairTally): boolean => contrary > pairs / 2 + 1;

/** Most false blame up to and with pair `pairs`, a probability. */
export const boundUpTo = (boundary: Boundary, pairs: number): number =>
  worstCase(boundary, boundary.allowed.slice(0, pairs + 1));

/**
 * The supremum of the probability of a conviction over every failure rate that is the same on both sides of a pair.
 *
 * Null hypothesis: the branch is innocent, so in pair i the suspect fails with one probability p on both sides, independently. The
 * pair then has no contrary observation with probability p(1−p), two with p(1−p), one with the rest. Let V(i, c) be the most that an
 * adversary who picks p anew for each pair, knowing all that was seen, can make of c contrary observations after i pairs: V = 1 where
 * the boundary convicts, V = 0 after the last pair, else V(i, c) = max over p of
 *
 *     p(1−p)·V(i+1, c) + p²·V(i+1, c+1) + (1−p)²·V(i+1, c+1) + (1−p)p·V(i+1, c+2)
 *
 * (backward induction, Bellman 1957). The right side is a quadratic in p, so the maximum is exact and no grid is needed; V(0, 0)
 * bounds every constant p, and rates that drift from pair to pair as well. Without forgiveness it is sup p^n(1−p)^n = 4^−n. The third
 * coordinate, whether the branch has failed here, decides at the end whether `afterwards` can still follow; its runs are others, so
 * the probabilities multiply. With k suspects each has alpha / k (Bonferroni): P(any blamed) ≤ Σ P(one blamed).
 */
export function worstCase(plan: BoundaryPlan, allowed: readonly number[]): number {
  return solve({ plan, allowed }, (ends) => peak(ends));
}

/** The probability of a conviction (and of `afterwards`) at one constant failure rate, exactly. */
export function atRate(boundary: Boundary, rate: number): number {
  return solve({ plan: boundary, allowed: boundary.allowed }, (ends) => quadratic(ends, rate));
}

/** Values after a pair: branch failed and base passed, both failed, both passed, branch passed and base failed. */
interface PairEnds {
  readonly guilty: number;
  readonly bothFail: number;
  readonly bothPass: number;
  readonly innocent: number;
}

const quadratic = ({ guilty, bothFail, bothPass, innocent }: PairEnds, p: number): number =>
  p * (1 - p) * (guilty + innocent) + p * p * bothFail + (1 - p) * (1 - p) * bothPass;

function peak(ends: PairEnds): number {
  const curve = ends.bothFail + ends.bothPass - ends.guilty - ends.innocent;
  const slope = ends.guilty + ends.innocent - 2 * ends.bothPass;
  const sides = Math.max(ends.bothFail, ends.bothPass);
  const top = curve < 0 ? -slope / (2 * curve) : -1;
  return top > 0 && top < 1 ? Math.max(sides, quadratic(ends, top)) : sides;
}

/** Backward induction over (pairs, contrary observations, has the branch failed here). */
function solve(
  { plan, allowed }: { readonly plan: BoundaryPlan; readonly allowed: readonly number[] },
  choose: (ends: PairEnds) => number,
): number {
  const last = allowed.length - 1;
  const width = 2 * last + 3;
  const end = (failed: number): number => (failed === 0 ? plan.afterwards : 0);
  let next = [0, 1].map((failed) => new Array<number>(width).fill(end(failed)));
  for (let pairs = last; pairs >= 0; pairs -= 1) {
    const after = next;
    const at = (failed: number, contrary: number): number => after[failed]?.[contrary] ?? end(failed);
    next = [0, 1].map((failed) =>
      Array.from({ length: width }, (_, contrary) => {
        if (contrary <= (allowed[pairs] ?? -1)) return 1;
        if (pairs === last || (plan.givesUp && isHopeless({ pairs, contrary }))) return end(failed);
        return choose({
          guilty: at(1, contrary),
          bothFail: at(1, contrary + 1),
          bothPass: at(failed, contrary + 1),
          innocent: at(failed, contrary + 2),
        });
      }),
    );
  }
  return next[0]?.[0] ?? 0;
}

/** How improbable at most so few contrary observations in so many pairs are: the binomial tail at one half. */
export function tailBound({ pairs, contrary }: PairTally): number {
  let term = 0.25 ** pairs;
  let sum = 0;
  for (let count = 0; count <= Math.min(contrary, 2 * pairs); count += 1) {
    sum += term;
    term = (term * (2 * pairs - count)) / (count + 1);
  }
  return Math.min(1, sum);
}
