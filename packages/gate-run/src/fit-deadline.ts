/**
 * A command's deadline, fitted under the reaper's. A run that the reaper ends before its own deadline looks like a
 * crash, so every single command must satisfy setup + timeout + grace + 60 s < the reaper's limit.
 */

/** What the reaper needs between a command's last possible end and its own limit. */
const REAPER_MARGIN_MS = 60_000;
const DEFAULT_TIMEOUT_MS = 900_000;
const DEFAULT_GRACE_MS = 2_000;
/** Less is not a deadline for a command but a mistake in the units. */
const LEAST_TIMEOUT_MS = 1_000;
/** A timer set beyond this many milliseconds fires at once. */
export const LONGEST_TIMER_MS: number = 2_147_483_647;

/** The durations of a command and of its setup, in milliseconds. */
export interface CommandTimes {
  /** Deadline of the command. */
  readonly timeoutMs: number;
  /** Deadline of the setup; 0 where there is none. */
  readonly setupTimeoutMs: number;
  /** Between TERM and KILL. */
  readonly graceMs: number;
}

/** What may be asked of a deadline. */
export interface WantedDeadline {
  /** Deadline of the command, in milliseconds. */
  readonly timeoutMs?: number | undefined;
  /** Zero or absent: there is no setup command. */
  readonly setupTimeoutMs?: number | undefined;
  /** Between TERM and KILL, in milliseconds. */
  readonly graceMs?: number | undefined;
  /** After this many milliseconds the caller's reaper takes the job away. */
  readonly reaperLimitMs: number;
  /** False: the wish is taken as it is, without a look at the reaper. */
  readonly validate?: boolean;
}

/** Only `accepted` and `clamped` may be run. */
export type FittedDeadline =
  | ({ readonly kind: 'accepted' } & CommandTimes)
  /** A value was shortened or was not a duration; `reason` goes to the log, loudly. */
  | ({
      readonly kind: 'clamped';
      /** What was shortened or replaced. */
      readonly reason: string;
    } & CommandTimes)
  /** No useful deadline fits under the reaper's limit. */
  | {
      readonly kind: 'impossible';
      /** Why nothing fits. */
      readonly reason: string;
    };

/**
 * Decides the deadlines of a command and its setup. Anything that is not a positive number of milliseconds is replaced by its
 * default (900 s, setup 0, grace 2 s). `validate: false` is the kill-switch: durations are taken as they are.
 */
export function fitDeadline(asked: WantedDeadline): FittedDeadline {
  const notes: string[] = [];
  const timeoutMs = duration('timeout', asked.timeoutMs, { fallback: DEFAULT_TIMEOUT_MS, least: 1, notes });
  const setupTimeoutMs = duration('setup timeout', asked.setupTimeoutMs, { fallback: 0, least: 0, notes });
  const graceMs = duration('grace', asked.graceMs, { fallback: DEFAULT_GRACE_MS, least: 0, notes });
  const times = { timeoutMs, setupTimeoutMs, graceMs };
  if (asked.validate === false) return answer(times, notes);
  const { reaperLimitMs } = asked;
  if (typeof reaperLimitMs !== 'number' || !(reaperLimitMs > 0)) {
    return { kind: 'impossible', reason: 'the reaper limit is not a positive number of milliseconds' };
  }
  const available = Math.ceil(reaperLimitMs) - 1 - REAPER_MARGIN_MS - graceMs;
  if (timeoutMs + setupTimeoutMs <= available) return answer(times, notes);
  const sum = `setup ${setupTimeoutMs} + timeout ${timeoutMs} + grace ${graceMs} + ${REAPER_MARGIN_MS} ms`;
  const shorter = Math.min(timeoutMs, available - setupTimeoutMs);
  if (shorter < Math.min(LEAST_TIMEOUT_MS, timeoutMs)) {
    return { kind: 'impossible', reason: `${sum} cannot be brought under the reaper's limit of ${reaperLimitMs} ms` };
  }
  notes.push(`${sum} reaches the reaper's limit of ${reaperLimitMs} ms: the timeout is now ${shorter} ms`);
  return answer({ ...times, timeoutMs: shorter }, notes);
}

const answer = (times: CommandTimes, notes: readonly string[]): FittedDeadline =>
  notes.length === 0 ? { kind: 'accepted', ...times } : { kind: 'clamped', reason: notes.join('; '), ...times };

function duration(
  name: string,
  value: unknown,
  { fallback, least, notes }: { readonly fallback: number; readonly least: number; readonly notes: string[] },
): number {
  if (value === undefined) return fallback;
  if (typeof value !== 'number' || !(value >= least)) {
    notes.push(`the ${name} is not a duration in milliseconds: ${fallback} ms is used`);
    return fallback;
  }
  if (value > LONGEST_TIMER_MS) notes.push(`the ${name} is longer than a timer can be: ${LONGEST_TIMER_MS} ms is used`);
  return Math.min(Math.ceil(value), LONGEST_TIMER_MS);
}
