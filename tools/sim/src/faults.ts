/**
 * What goes wrong in one world, and how often. Each fault is off in about half of all worlds, so that some faults come
 * together without the noise of the others.
 */
import type { Prng } from './prng.ts';

/**
 * `…Ppm`: chance per million occasions (a side of a fault point, a call, a run, or a task). `…Ms`: mean distance in
 * time. 0 is never.
 */
const FAULTS = {
  killPpm: 600,
  stopPpm: 400,
  slowPpm: 40_000,
  storeRefusesPpm: 1_000,
  mirrorDownPpm: 8_000,
  mirrorUnsurePpm: 30_000,
  diskFullPpm: 5_000,
  unpreparedPpm: 40_000,
  landsLatePpm: 60_000,
  landsDeafPpm: 60_000,
  liesYesPpm: 20_000,
  liesNoPpm: 30_000,
  pendingPpm: 50_000,
  refusesPpm: 40_000,
  gateInfraPpm: 20_000,
  gateToolPpm: 12_000,
  gateRaisesPpm: 4_000,
  feedDownPpm: 12_000,
  agentFailsPpm: 40_000,
  agentObjectsPpm: 50_000,
  policyGonePpm: 4_000,
  combinedSecretPpm: 20_000,
  longRunPpm: 15_000,
  pushEveryMs: 300_000,
  brokenPushPpm: 150_000,
  restartEveryMs: 600_000,
  pauseRepoEveryMs: 900_000,
  stopTaskPpm: 120_000,
  newHeadPpm: 80_000,
  branchGonePpm: 80_000,
  checksRunPpm: 60_000,
  failsAfterLandingPpm: 120_000,
  pullRequestPpm: 700_000,
  closesLandedPpm: 400_000,
  pushedByOthersPpm: 200_000,
  recheckPpm: 600_000,
  deletesLandedPpm: 400_000,
  looksAgainPpm: 300_000,
} as const;

/** Drawn by a generator of their own, so that a world without them is the world that it was before there were any. */
const LATER: readonly string[] = ['checksRunPpm'];
/** The same, for what a forge does around a landing: in half of all worlds nothing. */
const AROUND: readonly string[] = [
  'failsAfterLandingPpm',
  'pullRequestPpm',
  'closesLandedPpm',
  'pushedByOthersPpm',
  'recheckPpm',
  'deletesLandedPpm',
  'looksAgainPpm',
];

export type Fault = keyof typeof FAULTS;
export type Faults = { readonly [Name in Fault]: number };

/** Nothing goes wrong any more: what is left undone now must come to its end. */
export const CALM: Faults = Object.fromEntries(Object.keys(FAULTS).map((name) => [name, 0])) as unknown as Faults;

export function drawFaults(prng: Prng, { later, around }: { readonly later: Prng; readonly around: Prng }): Faults {
  const isPlain = around.below(2) === 0;
  const drawn = Object.entries(FAULTS).map(([name, usual]) => {
    const from = LATER.includes(name) ? later : AROUND.includes(name) ? around : prng;
    if (from.below(2) === 0 || (isPlain && from === around)) return [name, 0];
    // Between a third of the usual rate and three times as much.
    return [name, Math.round((usual * from.between(333, 3_000)) / 1_000)];
  });
  return Object.fromEntries(drawn) as Faults;
}
