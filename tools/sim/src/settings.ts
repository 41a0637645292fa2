/** The settings of one world: mostly the defaults, now and then the switches and limits an operator may turn. */
import { parseSettings, type Settings } from '@gatehouse/orchestrator/testing';
import { invariant } from '@gatehouse/verdict';
import type { Dice } from './prng.ts';

const read = parseSettings({});
invariant(read.kind === 'settings', 'the defaults are valid settings');
const DEFAULTS: Settings = read.settings;

export function drawSettings(dice: Dice): Settings {
  return {
    ...DEFAULTS,
    ORCH_POLL_S: dice.pick([30_000, 60_000, 120_000]),
    ORCH_MAX_GATE_RUNS: dice.between(1, 3),
    ORCH_SERIAL_GATE_PER_REPO: dice.below(4) === 0,
    ORCH_MERGE_DEFER_MAX_S: dice.below(4) === 0 ? 600_000 : DEFAULTS.ORCH_MERGE_DEFER_MAX_S,
    ORCH_MERGE_INFRA_RETRY_MAX: dice.between(0, 3),
    ORCH_MERGE_INFRA_RETRY_ENABLED: dice.below(8) > 0,
    ORCH_REAPER_MAX_RUNNING_S: dice.below(4) === 0 ? 300_000 : DEFAULTS.ORCH_REAPER_MAX_RUNNING_S,
  };
}
