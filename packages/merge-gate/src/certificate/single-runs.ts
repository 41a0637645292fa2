/** The suspects alone, in pairs of one run of the branch and one of the base, always with the same list on both sides. */
import { canStillConvict, convicts, isHopeless } from './boundary.ts';
import { conclude } from './conclude.ts';
import { settleFull, withBaseRun } from './full-runs.ts';
import { singleBoundary } from './plans.ts';
import { isRed, namesIn } from './select.ts';
import type { CertificateState, Observation, OpenPair, Side, Suspect } from './state.ts';

/** Reds of the base, without a green, after which a test that failed in its full run too is main's. */
const BASE_REDS = 2;

/** Takes the first full run of the base. It is a condition, not evidence: alone a test may fail at another rate. */
export function onBaseRun(before: CertificateState, seen: Observation): CertificateState {
  const state = withBaseRun(before, seen);
  const names = namesIn(seen);
  const suspects = state.suspects.map((suspect): Suspect => {
    const failedInBase = names === null || names.includes(suspect.name);
    return { ...suspect, failedInBase, status: failedInBase && seen.remembered === true ? 'base-red' : suspect.status };
  });
  return settleSingles({ ...state, suspects, phase: { kind: 'singles', half: null } });
}

/** Takes one run of the open suspects alone. */
export function onSingleRun(state: CertificateState, seen: Observation, half: OpenPair | null): CertificateState {
  const now: OpenPair = { side: seen.side, failed: failedAlone(seen, openTests(state)) };
  if (half === null) return isMainBroken(state, now) ? broken(state) : { ...state, phase: singles(now) };
  const runs = { [half.side]: half.failed, [now.side]: now.failed };
  const boundary = singleBoundary(state);
  const suspects = state.suspects.map((suspect): Suspect => {
    if (suspect.status !== 'open') return suspect;
    const seenIn = (side: Side): boolean => (runs[side] ?? []).includes(suspect.name);
    const after = afterPair(suspect, { branch: seenIn('branch'), base: seenIn('base') });
    if (convicts(boundary, after)) return { ...after, status: 'guilty' };
    if (isBaseRed(after)) return { ...after, status: 'base-red' };
    return isHopeless(after) || !canStillConvict(boundary, after) ? { ...after, status: 'cleared' } : after;
  });
  return settleSingles({ ...state, suspects, phase: singles(null) });
}

function afterPair(suspect: Suspect, failed: { readonly branch: boolean; readonly base: boolean }): Suspect {
  return {
    ...suspect,
    pairs: suspect.pairs + 1,
    contrary: suspect.contrary + (failed.branch ? 0 : 1) + (failed.base ? 1 : 0),
    branchFailed: suspect.branchFailed || failed.branch,
    basePassed: suspect.basePassed || !failed.base,
  };
}

/** A convicted suspect ends the verdict; the others had the same number of pairs. */
function settleSingles(state: CertificateState): CertificateState {
  const { suspects, full } = state;
  const guilty = suspects.filter(({ status }) => status === 'guilty');
  if (guilty.length > 0) return conclude(state, 'guilty', namesOf(guilty));
  if (suspects.some(({ status }) => status === 'open')) return state;
  const others = suspects.filter(({ status }) => status !== 'base-red');
  if (others.length === 0) return broken(state);
  // A test that never fails alone may fail for what runs before it: only full runs can tell. Everything else was weighed here.
  const weighed = full.track === 'named' ? others : suspects;
  const mayFollow = weighed.every(({ branchFailed }) => !branchFailed);
  return settleFull({ ...state, phase: { kind: 'full', mode: mayFollow ? 'after-singles' : 'look', looked: false } });
}

/** The base half of a pair may end the verdict before the branch is run again. */
function isMainBroken({ suspects }: CertificateState, { side, failed }: OpenPair): boolean {
  return (
    side === 'base' &&
    suspects.every(
      (suspect) =>
        suspect.status === 'base-red' ||
        (suspect.status === 'open' &&
          failed.includes(suspect.name) &&
          isBaseRed({ ...suspect, pairs: suspect.pairs + 1 })),
    )
  );
}

const isBaseRed = ({ failedInBase, basePassed, pairs }: Suspect): boolean =>
  failedInBase === true && !basePassed && pairs >= BASE_REDS;

const broken = (state: CertificateState): CertificateState =>
  conclude(state, 'main-broken', state.common ?? namesOf(state.suspects));

/** A red that cannot be attributed speaks for the branch, whichever side it is on. */
function failedAlone(seen: Observation, tests: readonly string[]): readonly string[] {
  if (!isRed(seen)) return [];
  const failed = tests.filter((name) => seen.failed?.includes(name));
  if (failed.length > 0) return failed;
  const isTheOne = tests.length === 1 && namesIn(seen) === null;
  return isTheOne || seen.side === 'base' ? tests : [];
}

/** The list that both sides of the next pair run. */
export const openTests = ({ suspects }: CertificateState): readonly string[] =>
  namesOf(suspects.filter(({ status }) => status === 'open'));

const namesOf = (suspects: readonly Suspect[]): readonly string[] => suspects.map(({ name }) => name);

const singles = (half: OpenPair | null): CertificateState['phase'] => ({ kind: 'singles', half });
