/** Conclusions in words of the tallies: what fails, how far the evidence reached, what it cost. */
import { boundUpTo, tailBound, worstCase } from './boundary.ts';
import { fullBoundary, singleBoundary } from './plans.ts';
import type { CertificateState, Concluded, Conclusion } from './state.ts';

/** The same state, concluded for good. */
export const conclude = (
  state: CertificateState,
  conclusion: Conclusion,
  failing?: readonly string[],
): CertificateState => ({ ...state, phase: concluded(state, conclusion, failing) });

/** What `conclude` puts down; without it the state may still be continued in another ask. */
export function concluded(state: CertificateState, conclusion: Conclusion, failing?: readonly string[]): Concluded {
  return {
    kind: 'concluded',
    conclusion,
    failing: failing ?? unexplained(state),
    baseFailing: state.base.ever,
    bound: conclusion === 'guilty' ? boundOfBlame(state) : boundReached(state),
    runs: state.runs,
  };
}

/** Failed each time with the branch and never without it, as far as names are known. */
export const unexplained = ({ common, base }: CertificateState): readonly string[] =>
  (common ?? []).filter((name) => !base.ever.includes(name));

/** The share of every suspect together, up to the pair in which one was convicted. */
function boundOfBlame(state: CertificateState): number {
  const { phase, suspects, full } = state;
  if (phase.kind === 'singles') {
    const alone = singleBoundary(state);
    const pairs = Math.max(...suspects.map((suspect) => suspect.pairs));
    return suspects.length * worstCase({ ...alone, afterwards: 0 }, alone.allowed.slice(0, pairs + 1));
  }
  if (phase.kind === 'full' && phase.mode === 'after-singles') return suspects.length * singleBoundary(state).bound;
  return shares(state) * boundUpTo(fullBoundary(state), full.branchRuns);
}

/** How improbable the most suspicious tally is for an innocent branch; 1 when nothing speaks against it. */
function boundReached(state: CertificateState): number {
  const { suspects, full } = state;
  const pairs = Math.min(full.branchRuns, full.baseRuns);
  const tails = [
    ...suspects.map((suspect) => suspects.length * tailBound(suspect)),
    ...full.tallies.map((tally) => shares(state) * tailBound({ pairs, contrary: contraryIn(full, tally) })),
  ];
  return Math.min(1, ...tails);
}

const shares = ({ full, suspects }: CertificateState): number => (full.track === 'named' ? suspects.length : 1);

/** Full runs that speak for the branch: it passed, or base failed. */
export const contraryIn = (
  { branchRuns }: CertificateState['full'],
  { branchReds, baseReds }: CertificateState['full']['tallies'][number],
): number => branchRuns - branchReds + baseReds;
