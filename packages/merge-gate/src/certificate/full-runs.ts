/** Full runs of both sides as evidence: by name where the budget holds enough runs after the selection, else by colour. */
import { canStillConvict, convicts } from './boundary.ts';
import { conclude, contraryIn, unexplained } from './conclude.ts';
import { fullBoundary } from './plans.ts';
import { inBoth, isRed, namesIn } from './select.ts';
import type { BaseSeen, CertificateState, FullTally, Observation } from './state.ts';

/** Reds of the base, without a green, after which main is broken even where a long horizon could forgive them. */
const BASE_REDS = 3;

/** Reds of the base in other tests after which only names can tell. */
const BASE_REDS_ELSEWHERE = 2;

/** Takes a full run of either side after the selection. */
export function onFullRun(state: CertificateState, seen: Observation): CertificateState {
  return settleFull(seen.side === 'base' ? withBaseRun(state, seen) : withBranchRun(state, seen));
}

/** Counted as evidence unless remembered: an earlier run's answer was perhaps the reason for asking again. */
export function withBaseRun(state: CertificateState, seen: Observation): CertificateState {
  const names = namesIn(seen);
  const { runs, reds, always, ever } = state.base;
  const base: BaseSeen = {
    runs: runs + 1,
    reds: reds + (isRed(seen) ? 1 : 0),
    always: runs === 0 ? names : inBoth(always, names),
    ever: [...new Set([...ever, ...(names ?? [])])].sort(),
  };
  if (seen.remembered === true) return { ...state, base };
  const tallies = state.full.tallies.map((tally) => ({
    ...tally,
    baseReds: tally.baseReds + (fails(seen, tally) ? 1 : 0),
  }));
  return { ...state, base, full: { ...state.full, baseRuns: state.full.baseRuns + 1, tallies } };
}

function withBranchRun(state: CertificateState, seen: Observation): CertificateState {
  if (!isRed(seen)) return conclude(state, 'flaky');
  const { full, phase } = state;
  const names = namesIn(seen);
  const tallies = full.tallies.map((tally) => ({
    ...tally,
    branchReds: tally.branchReds + (fails(seen, tally) ? 1 : 0),
  }));
  return {
    ...state,
    common: names === null ? state.common : inBoth(state.common, names),
    full: { ...full, branchRuns: full.branchRuns + 1, tallies },
    phase: phase.kind === 'full' ? { ...phase, looked: true } : phase,
  };
}

/** A red that names nothing speaks for the branch where tests are judged by name. */
function fails(seen: Observation, { name }: FullTally): boolean {
  if (name === null) return isRed(seen);
  const names = namesIn(seen);
  return names === null ? seen.side === 'base' : names.includes(name);
}

/** Concludes as soon as nothing that may still be run could change the answer. */
export function settleFull(state: CertificateState): CertificateState {
  const { phase, full, base, common } = state;
  if (phase.kind !== 'full') return state;
  if (phase.mode === 'look') return phase.looked ? conclude(state, 'unproven') : state;
  if (common?.length === 0) return conclude(state, 'unsteady');
  const boundary = fullBoundary(state);
  const pairs = Math.min(full.branchRuns, full.baseRuns);
  const isPair = full.branchRuns === full.baseRuns;
  const guilty = full.tallies.filter(
    (tally) => isPair && convicts(boundary, { pairs, contrary: contraryIn(full, tally) }),
  );
  if (guilty.length > 0) return conclude(state, 'guilty', namesOf(state, guilty));
  if (base.runs === 0) return state;
  if (isRedElsewhere(state)) return conclude(state, 'unproven');
  const isOpen = full.tallies.some((tally) => canStillConvict(boundary, { pairs, contrary: contraryIn(full, tally) }));
  if (isRedAlways(state) && (!isOpen || base.runs >= BASE_REDS || base.runs > full.baseRuns)) {
    return conclude(state, 'main-broken', common ?? []);
  }
  if (isOpen) return state;
  return phase.mode === 'after-singles' && !phase.looked
    ? { ...state, phase: { ...phase, mode: 'look' } }
    : conclude(state, 'unproven');
}

/** A colour names what failed each time with the branch: what never failed without it, or else what did not always. */
const namesOf = (state: CertificateState, guilty: readonly FullTally[]): readonly string[] =>
  guilty.flatMap(({ name }) => (name === null ? brokenBy(state) : [name]));

function brokenBy(state: CertificateState): readonly string[] {
  const clean = unexplained(state);
  return clean.length > 0 ? clean : (state.common ?? []);
}

/** Every run of the base was red, and so that all that fails with the branch failed in it. */
export const isRedAlways = (state: CertificateState): boolean =>
  state.base.reds === state.base.runs && isExplained(state);

/** Main fails in other tests each time: the colour of a run cannot tell the branch from it. */
export const isRedElsewhere = ({ full, common, base: { runs, reds, always } }: CertificateState): boolean =>
  full.track === 'suite' &&
  common !== null &&
  runs >= BASE_REDS_ELSEWHERE &&
  reds === runs &&
  (always ?? []).some((name) => !common.includes(name));

const isExplained = ({ common, base }: CertificateState): boolean =>
  common === null || base.always === null || common.every((name) => base.always?.includes(name));
