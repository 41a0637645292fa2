/** Which boundary judges which runs, from options and suspects alone, so that no later run can choose its own judge. */
import { type Boundary, fewestPairs, planBoundary } from './boundary.ts';
import type { ParsedOptions } from './options.ts';
import type { CertificateState, FullEvidence } from './state.ts';

/** Judged over full runs. `named` asks for runs after the selection, which the budget must hold. */
export function fullBoundary({ options, suspects, full }: CertificateState): Boundary {
  return boundaryOfTrack(options, { track: full.track, suspects: suspects.length });
}

/**
 * Names where one ask can convict by name, or it is asked for; else the colour of the run, for which no selection was made.
 *
 * The number of suspects comes from the first two runs, which count for the colour. That is sound: of the histories with two red runs,
 * probability p², a share goes to each track; by name each is blamed with at most alpha, by colour with h where p²·h ≤ alpha, so the
 * sum is at most p²·max(alpha, h) ≤ alpha.
 */
export function trackFor({ alpha, fullRuns, byName }: ParsedOptions, suspects: number): FullEvidence['track'] {
  if (suspects === 0) return 'suite';
  if (byName) return 'named';
  return fewestPairs(alpha / suspects) <= pairsIn(fullRuns, 'named') ? 'named' : 'suite';
}

function boundaryOfTrack(
  { alpha, horizonRuns }: ParsedOptions,
  { track, suspects }: { readonly track: FullEvidence['track']; readonly suspects: number },
): Boundary {
  return planBoundary({
    alpha: track === 'named' ? alpha / suspects : alpha,
    pairs: pairsIn(horizonRuns, track),
    spending: 'soon-then-late',
    afterwards: 0,
    givesUp: false,
  });
}

/** The two runs that selected the names are no evidence for them. */
const pairsIn = (runs: number, track: FullEvidence['track']): number =>
  Math.floor((track === 'named' ? runs - 2 : runs) / 2);

/** For one suspect in the runs alone. A false blame by the full runs that may follow is part of its share. */
export function singleBoundary(state: CertificateState): Boundary {
  const { options, suspects, full } = state;
  const following = fullBoundary(state).bound;
  return planBoundary({
    alpha: options.alpha / suspects.length,
    pairs: options.singleRuns,
    spending: 'early',
    afterwards: full.track === 'named' ? following : following / suspects.length,
    givesUp: true,
  });
}

/** Who goes first in a pair: a bit of a mixed seed (the finaliser of MurmurHash3). */
export function goesFirst(seed: number, pair: number): 'branch' | 'base' {
  let mixed = (seed ^ Math.imul(pair + 1, 0x9e3779b9)) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) & 1) === 0 ? 'branch' : 'base';
}
