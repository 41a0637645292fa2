/** The settings the policy depends on. All durations in milliseconds. */

export interface EngineConfig {
  /** How often a failing change goes back to its developer before a person is asked. */
  readonly maxDeveloperRetries: number;
  /** Wall time a capped wait may last, over all its polls. */
  readonly mergeDeferMaxMs: number;
  /** How often a step is re-queued per cause when the machine, not the change, is in the way. */
  readonly infraRetryMax: number;
  /** Delay before the first re-queue; doubles each time, at most an hour. */
  readonly infraBackoffMs: number;
  /** Between two attempts of a waiting task. */
  readonly pollMs: number;
  /** Off: a machine fault of the merge check is taken for a failing change, as before there was a certificate. */
  readonly infraRetryEnabled: boolean;
}

/** The bounds and pauses that hold unless an operator sets others. */
export const DEFAULT_CONFIG: EngineConfig = Object.freeze({
  maxDeveloperRetries: 3,
  mergeDeferMaxMs: 86_400_000,
  infraRetryMax: 3,
  infraBackoffMs: 30_000,
  pollMs: 30_000,
  infraRetryEnabled: true,
});

/** Not settings: the contract names the numbers. */
export const REENTRY_MAX = 5;
export const RARE_POLL_MS = 900_000;
export const REMIND_MS = 86_400_000;
const BACKOFF_LIMIT_MS = 3_600_000;

/** Delay before re-queue number `attempt` (1-based). */
export function backoffMs(config: EngineConfig, attempt: number): number {
  return Math.min(config.infraBackoffMs * 2 ** Math.min(attempt - 1, 30), BACKOFF_LIMIT_MS);
}

const LIMIT = 2 ** 40;
const whole = (value: unknown, otherwise: number): number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? Math.min(value, LIMIT) : otherwise;

/** A field that is no whole number of at least 0 takes its default: a broken setting never lifts a cap. */
export function readConfig(foreign: unknown): EngineConfig {
  const given = (typeof foreign === 'object' && foreign !== null ? foreign : {}) as Record<keyof EngineConfig, unknown>;
  return {
    maxDeveloperRetries: whole(given.maxDeveloperRetries, DEFAULT_CONFIG.maxDeveloperRetries),
    mergeDeferMaxMs: whole(given.mergeDeferMaxMs, DEFAULT_CONFIG.mergeDeferMaxMs),
    infraRetryMax: whole(given.infraRetryMax, DEFAULT_CONFIG.infraRetryMax),
    infraBackoffMs: whole(given.infraBackoffMs, DEFAULT_CONFIG.infraBackoffMs),
    pollMs: Math.max(1, whole(given.pollMs, DEFAULT_CONFIG.pollMs)),
    infraRetryEnabled: given.infraRetryEnabled !== false,
  };
}
