/** What a caller may ask, and what is assumed where it says nothing. */
import type { RefusedStop } from './verdict.ts';

/** What may be given to `requestStop`. */
export interface StopRequest {
  /** Id of the task, as the caller names it. */
  readonly taskId: string;
  /** One line for the record. */
  readonly reason: string;
  /** Who asked. */
  readonly actor: string;
  /** How long a port may take to answer. Default 60,000 ms. */
  readonly portMs?: number;
  /** Ends the asking early; the answer is then `unanswered`. */
  readonly signal?: AbortSignal;
}

/** What may be given to `settleStop`. */
export interface SettleRequest {
  /** Id of the task, as the caller names it. */
  readonly taskId: string;
  /** Between the polite signal and the kill. Default 10,000 ms; fractions are allowed. */
  readonly graceMs?: number;
  /** How long after the grace a proof may take before the end is recorded as unverified. Default 30,000 ms. */
  readonly proveMs?: number;
  /** How long a port may take for one step. Default 60,000 ms. */
  readonly portMs?: number;
  /** After this many attempts the keys are released, whatever could not be cleaned up. Default 12: about an hour. */
  readonly maxAttempts?: number;
  /** Ends the settling early: it answers `unfinished`, and nothing is recorded as failed or unverified. */
  readonly signal?: AbortSignal;
}

export interface Limits {
  readonly graceMs: number;
  readonly proveMs: number;
  readonly portMs: number;
  readonly maxAttempts: number;
}

export interface ParsedStopRequest {
  readonly kind: 'asked';
  readonly taskId: string;
  readonly limits: Limits;
  readonly signal: AbortSignal | undefined;
}

const DEFAULTS: Limits = { graceMs: 10_000, proveMs: 30_000, portMs: 60_000, maxAttempts: 12 };
/** Timers of Node overflow at 2³¹ ms and then fire at once. */
const LONGEST_MS = 86_400_000;
const MOST_ATTEMPTS = 1000;
const TEXT_LIMIT = 2000;
const ID_LIMIT = 200;

const refused = (reason: string): RefusedStop => ({ kind: 'refused', reason });
const isText = (value: unknown, limit: number): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= limit;

/** The part both questions share. */
export function readRequest(request: StopRequest | SettleRequest): ParsedStopRequest | RefusedStop {
  const { taskId, signal } = request;
  if (!isText(taskId, ID_LIMIT)) return refused(`taskId must be text of 1 to ${ID_LIMIT} characters`);
  if (signal !== undefined && !(signal instanceof AbortSignal)) return refused('signal must be an AbortSignal');
  const limits: Limits = { ...DEFAULTS, ...given(request) };
  for (const name of ['graceMs', 'proveMs', 'portMs'] as const)
    if (!isWithin(limits[name], 0, LONGEST_MS)) return refused(`${name} must be 0 to ${LONGEST_MS} ms`);
  if (!isWithin(limits.maxAttempts, 1, MOST_ATTEMPTS) || !Number.isInteger(limits.maxAttempts))
    return refused(`maxAttempts must be a whole number from 1 to ${MOST_ATTEMPTS}`);
  return { kind: 'asked', taskId, limits, signal };
}

/** What a stop has beyond that. */
export function readStopRequest(
  request: StopRequest,
): (ParsedStopRequest & { readonly reason: string; readonly actor: string }) | RefusedStop {
  const asked = readRequest(request);
  if (asked.kind === 'refused') return asked;
  const { reason, actor } = request;
  if (!isText(reason, TEXT_LIMIT)) return refused(`reason must be text of 1 to ${TEXT_LIMIT} characters`);
  if (!isText(actor, ID_LIMIT)) return refused(`actor must be text of 1 to ${ID_LIMIT} characters`);
  return { ...asked, reason, actor };
}

function given(request: SettleRequest): Partial<Limits> {
  const { graceMs, proveMs, portMs, maxAttempts } = request;
  return {
    ...(graceMs === undefined ? {} : { graceMs }),
    ...(proveMs === undefined ? {} : { proveMs }),
    ...(portMs === undefined ? {} : { portMs }),
    ...(maxAttempts === undefined ? {} : { maxAttempts }),
  };
}

const isWithin = (value: unknown, low: number, high: number): boolean =>
  typeof value === 'number' && value >= low && value <= high;
