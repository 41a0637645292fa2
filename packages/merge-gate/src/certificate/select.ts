/** The first two runs of the branch, under the lease: is there anything to suspect, and what. */
import { conclude } from './conclude.ts';
import type { ParsedOptions } from './options.ts';
import { trackFor } from './plans.ts';
import type { CertificateState, FullEvidence, Observation, Suspect } from './state.ts';

/** Takes a full run of the branch while suspects are being selected. */
export function onSelection(state: CertificateState, seen: Observation, first: Observation | null): CertificateState {
  if (first === null) {
    if (!isRed(seen)) return conclude(state, 'green');
    return { ...state, common: namesIn(seen), phase: { kind: 'select', first: seen } };
  }
  if (!isRed(seen)) return conclude(state, 'flaky');
  const common = inBoth(namesIn(first), namesIn(seen));
  // Two reds without a common test tell no author what to mend: more runs would cost much and name nothing.
  if (common?.length === 0) return conclude({ ...state, common }, 'unsteady');
  const { options } = state;
  const suspects = common === null ? [] : mostTelling(common, options).map(suspectOf);
  const full = evidenceOf(options, { suspects, reds: [first, seen] });
  const alone = options.rerunnable && options.singleRuns > 0 && suspects.length > 0;
  return {
    ...state,
    common,
    suspects,
    full,
    phase: alone ? { kind: 'base' } : { kind: 'full', mode: 'direct', looked: false },
  };
}

/** Looks at nothing but names and what was known before: the choice is no evidence and hides none. */
function mostTelling(common: readonly string[], { knownFlaky, maxSuspects }: ParsedOptions): readonly string[] {
  const flaky = new Set(knownFlaky);
  const rank = (name: string): number => (flaky.has(name) ? 1 : 0);
  return [...common].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1)).slice(0, maxSuspects);
}

const suspectOf = (name: string): Suspect => ({
  name,
  status: 'open',
  failedInBase: null,
  pairs: 0,
  contrary: 0,
  branchFailed: false,
  basePassed: false,
});

/** Runs that selected the suspects are evidence only for the predicate that needs no selection. */
function evidenceOf(
  options: ParsedOptions,
  { suspects, reds }: { readonly suspects: readonly Suspect[]; readonly reds: readonly Observation[] },
): FullEvidence {
  const track = trackFor(options, suspects.length);
  if (track === 'named') {
    const tallies = suspects.map(({ name }) => ({ name, branchReds: 0, baseReds: 0 }));
    return { track, branchRuns: 0, baseRuns: 0, tallies };
  }
  const branchReds = reds.length;
  return { track, branchRuns: branchReds, baseRuns: 0, tallies: [{ name: null, branchReds, baseReds: 0 }] };
}

/** A run that names failures is red whatever its status says. */
export const isRed = ({ outcome, failed }: Observation): boolean => outcome === 'red' || (failed ?? []).length > 0;

/** Null: the run is red and names nothing. */
export const namesIn = (seen: Observation): readonly string[] | null =>
  (seen.failed ?? []).length > 0 ? [...new Set(seen.failed)] : isRed(seen) ? null : [];

/** Null where one of them names nothing. */
export const inBoth = (one: readonly string[] | null, two: readonly string[] | null): readonly string[] | null => {
  if (one === null || two === null) return null;
  const again = new Set(two);
  return one.filter((name) => again.has(name));
};
