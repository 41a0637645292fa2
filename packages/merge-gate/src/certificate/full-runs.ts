/** Full runs of both sides as evidence: by name where the budget holds enough runs after the selection, else by colour. */
import { canStillConvict, convicts } from './boundary.ts';
import { conclude, contraryIn, unexplained } from './conclude.ts';
import { fullBoundary } from './plans.ts';
import { failsOutside, inBoth, isRed, namesIn } from './select.ts';
import type { BaseSeen, CertificateState, FullTally, Observation } from './state.ts';

/** Reds of the base, without a green, after which main is broken even where a long horizon could forgive them. */
const BASE_REDS = 3;

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
    baseReds: tally.baseReds + (fails(state, seen, tally) ? 1 : 0),
  }));
  return { ...state, base, full: { ...state.full, baseRuns: state.full.baseRuns + 1, tallies } };
}

function withBranchRun(state: CertificateState, seen: Observation): CertificateState {
  if (!isRed(seen)) return conclude(state, 'flaky');
  const { full, phase } = state;
  const names = namesIn(seen);
  const tallies = full.tallies.map((tally) => ({
    ...tally,
    branchReds: tally.branchReds + (fails(state, seen, tally) ? 1 : 0),
  }));
  return {
    ...state,
    common: names === null ? state.common : inBoth(state.common, names),
    full: { ...full, branchRuns: full.branchRuns + 1, tallies },
    phase: phase.kind === 'full' ? { ...phase, looked: true } : phase,
  };
}

/** A red that names nothing speaks for the branch where tests are judged by name. */
function fails({ options }: CertificateState, seen: Observation, { name }: FullTally): boolean {
  if (name === null) return failsOutside(seen, options);
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
    (tally) => isPair && convicts(boundary, { pairs, contrary: contraryIn(full, tally) }) && isNameable(state, tally),
  );
  if (guilty.length > 0) return conclude(state, 'guilty', namesOf(state, guilty));
  if (base.runs === 0) return state;
  const isOpen = full.tallies.some((tally) => canStillConvict(boundary, { pairs, contrary: contraryIn(full, tally) }));
  const isRedAlways = base.reds === base.runs && isExplained(state);
  if (isRedAlways && (!isOpen || base.runs >= BASE_REDS || base.runs > full.baseRuns)) {
    return conclude(state, 'main-broken', common ?? []);
  }
  if (isOpen) return state;
  return phase.mode === 'after-singles' && !phase.looked
    ? { ...state, phase: { ...phase, mode: 'look' } }
    : conclude(state, 'unproven');
}

/** Where runs have names, a colour blames only with a test that failed each time with the branch and never without it. */
const isNameable = (state: CertificateState, { name }: FullTally): boolean =>
  name !== null || state.common === null || unexplained(state).length > 0;

const namesOf = (state: CertificateState, guilty: readonly FullTally[]): readonly string[] =>
  guilty.flatMap(({ name }) => (name === null ? unexplained(state) : [name]));

/** All that fails with the branch failed in every run of the base. */
const isExplained = ({ common, base }: CertificateState): boolean =>
  common === null || base.always === null || common.every((name) => base.always?.includes(name));
