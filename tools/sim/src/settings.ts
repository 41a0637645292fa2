/** The settings of one world: mostly the defaults, now and then the switches and limits an operator may turn. */
import { parseSettings, type Settings } from '@gatehouse/orchestrator/testing';
import { invariant } from '@gatehouse/verdict';
import type { Prng } from './prng.ts';

const read = parseSettings({});
invariant(read.kind === 'settings', 'the defaults are valid settings');
const DEFAULTS: Settings = read.settings;

export function drawSettings(prng: Prng): Settings {
  const { repositories, limits, merge } = DEFAULTS;
  // The order of the draws is part of what a seed means.
  const pollMs = prng.pick([30_000, 60_000, 120_000]);
  const gateRuns = prng.between(1, 3);
  const serialGate = prng.below(4) === 0;
  const deferMaxMs = prng.below(4) === 0 ? 600_000 : merge.deferMaxMs;
  const infraRetryMax = prng.between(0, 3);
  const infraRetry = prng.below(8) > 0;
  const reaperMs = prng.below(4) === 0 ? 300_000 : limits.reaperMs;
  return {
    ...DEFAULTS,
    repositories: { ...repositories, pollMs, serialGate },
    limits: { ...limits, gateRuns, reaperMs },
    merge: { ...merge, deferMaxMs, infraRetryMax, infraRetry },
  };
}
