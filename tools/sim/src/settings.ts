/** The settings of one world: mostly the defaults, now and then the switches and limits an operator may turn. */
import { parseSettings, type Settings } from '@gatehouse/orchestrator/testing';
import { invariant } from '@gatehouse/verdict';
import type { Prng } from './prng.ts';

const read = parseSettings({});
invariant(read.kind === 'settings', 'the defaults are valid settings');
const DEFAULTS: Settings = read.settings;

export function drawSettings(prng: Prng): Settings {
  return {
    ...DEFAULTS,
    ORCH_POLL_S: prng.pick([30_000, 60_000, 120_000]),
    ORCH_MAX_GATE_RUNS: prng.between(1, 3),
    ORCH_SERIAL_GATE_PER_REPO: prng.below(4) === 0,
    ORCH_MERGE_DEFER_MAX_S: prng.below(4) === 0 ? 600_000 : DEFAULTS.ORCH_MERGE_DEFER_MAX_S,
    ORCH_MERGE_INFRA_RETRY_MAX: prng.between(0, 3),
    ORCH_MERGE_INFRA_RETRY_ENABLED: prng.below(8) > 0,
    ORCH_REAPER_MAX_RUNNING_S: prng.below(4) === 0 ? 300_000 : DEFAULTS.ORCH_REAPER_MAX_RUNNING_S,
  };
}
