/** Which boundary judges which runs, from options and suspects alone, so that no later run can choose its own judge. */
import { type Boundary, planBoundary } from './boundary.ts';
import type { ParsedOptions } from './options.ts';
import type { CertificateState, FullEvidence } from './state.ts';

/** Judged over full runs. `named` asks for runs after the selection, which the budget must hold. */
export function fullBoundary({ options, suspects, full }: CertificateState): Boundary {
  return boundaryOfTrack(options, { track: full.track, suspects: suspects.length });
}

/**
 * Names where the budget can convict by name; else the colour of the run, for which no selection was made.
 *
 * The number of suspects comes from the first two runs, which count for the colour. That is sound: of the histories with two red runs,
 * probability p², a share goes to each track; by name each is blamed with at most alpha, by colour with h where p²·h ≤ alpha, so the
 * sum is at most p²·max(alpha, h) ≤ alpha.
 */
export function trackFor(options: ParsedOptions, suspects: number): FullEvidence['track'] {
  if (suspects === 0) return 'suite';
  const { allowed } = boundaryOfTrack(options, { track: 'named', suspects });
  return allowed.some((most) => most >= 0) ? 'named' : 'suite';
}

/** The sum above needs that every red run is a red of the predicate: nothing is set aside where names can convict. */
export const withoutAside = (options: ParsedOptions): ParsedOptions =>
  trackFor(options, 1) === 'named' ? { ...options, setAside: [] } : options;

function boundaryOfTrack(
  { alpha, horizonRuns }: ParsedOptions,
  { track, suspects }: { readonly track: FullEvidence['track']; readonly suspects: number },
): Boundary {
  const isNamed = track === 'named';
  return planBoundary({
    alpha: isNamed ? alpha / suspects : alpha,
    pairs: Math.floor((isNamed ? horizonRuns - 2 : horizonRuns) / 2),
    // A name rarely fails in the base too and wants to be told soon; a colour wants to be forgiven.
    spending: isNamed ? 'early' : 'late',
    afterwards: 0,
    givesUp: false,
  });
}

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
