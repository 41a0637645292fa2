/**
 * Parses a stored state. A row that is not what `decide` once answered is null, not guessed at: a count that is
 * missing would lift a cap, a step that is unknown would have no next one.
 */
import { invariant } from '@gatehouse/verdict';
import { ACTIONS, WAITS } from './actions.ts';
import { CHECKS } from './checks.ts';
import { type StepName, stepsOf } from './position.ts';
import { PROFILES } from './profiles.ts';
import { type Json, namesOf, readName, readRecord, readWhole } from './read-json.ts';
import { isTerminal, STAGES } from './stages.ts';
import type { Blocked, BlockReason, Clock, Counted, Override, TaskState, TaskStatus, Waiting } from './task-state.ts';

const STATUSES: readonly TaskStatus[] = ['active', 'waiting', 'blocked', 'stopping'];
const CAUSES = namesOf(ACTIONS);
const WAIT_CAUSES = namesOf(WAITS);
const COUNTED: readonly Counted[] = [...CAUSES, 'developer', 'rerun'];
const CHECK_NAMES = namesOf(CHECKS);
const PROFILE_NAMES = namesOf(PROFILES);
const BLOCKED: { readonly [Reason in BlockReason]: true } = {
  removed: true,
  frozen: true,
  'landed, not deployed': true,
  'retries spent': true,
  'attempts spent': true,
  'kept moving': true,
  'waited too long': true,
  'budget spent': true,
};
const BLOCK_REASONS = namesOf(BLOCKED);
const BLOCKING: readonly (keyof typeof ACTIONS | keyof typeof WAITS)[] = [...CAUSES, ...WAIT_CAUSES];

/** Fails on the first field that is not as written; the caller maps that to null. */
function must<Value>(value: Value | null): Value {
  invariant(value !== null, 'a task state is what decide answered');
  return value;
}

const orNull = <Value>(value: unknown, read: (given: unknown) => Value): Value | null =>
  value === null ? null : read(value);
const string = (value: unknown): string => must(typeof value === 'string' ? value : null);
const boolean = (value: unknown): boolean => must(typeof value === 'boolean' ? value : null);
const whole = (value: unknown): number => must(readWhole(value));
const record = (value: unknown): Json => must(readRecord(value));
const list = <Item>(value: unknown, read: (given: unknown) => Item): readonly Item[] =>
  must(Array.isArray(value) ? value : null).map(read);

/** The state in `foreign`, or null. It may be a Proxy, so read it under `readForeign`. */
export function readState(foreign: unknown): TaskState | null {
  const given = readRecord(foreign);
  if (given === null) return null;
  const stage = must(readName(given['stage'], STAGES));
  const state: TaskState = {
    profile: must(readName(given['profile'], PROFILE_NAMES)),
    stage,
    status: must(readName(given['status'], STATUSES)),
    step: orNull(given['step'], (step) => must(readName<StepName>(step, stepsOf(stage)))),
    waiting: orNull(given['waiting'], readWaiting),
    waitingSinceMs: orNull(given['waitingSinceMs'], whole),
    blocked: orNull(given['blocked'], readBlocked),
    counts: table(given['counts'], COUNTED, whole),
    clocks: table(given['clocks'], WAIT_CAUSES, readClock),
    landed: boolean(given['landed']),
    ticket: boolean(given['ticket']),
    brief: orNull(given['brief'], string),
    overrides: list(given['overrides'], readOverride),
    episode: whole(given['episode']),
    alerted: list(given['alerted'], string),
    stop: orNull(given['stop'], readStop),
    ended: orNull(given['ended'], string),
  };
  return fitsTogether(state) ? state : null;
}

function fitsTogether(state: TaskState): boolean {
  const restless = isTerminal(state.stage) || state.stage === 'created';
  const placed = (state.step === null) === restless && (!restless || state.status === 'active');
  const waits = (state.status === 'waiting') === (state.waiting !== null);
  const blocks = (state.status === 'blocked') === (state.blocked !== null);
  const stops = state.status !== 'stopping' || state.stop !== null;
  return placed && waits && blocks && stops && isTerminal(state.stage) === (state.ended !== null);
}

function table<Key extends string, Cell>(
  foreign: unknown,
  keys: readonly Key[],
  read: (given: unknown) => Cell,
): { readonly [Name in Key]?: Cell } {
  const cells = Object.entries(record(foreign)).map(([key, cell]) => [must(readName(key, keys)), read(cell)] as const);
  return Object.fromEntries(cells) as { readonly [Name in Key]?: Cell };
}

function readWaiting(foreign: unknown): Waiting {
  const { cause, reason, untilMs } = record(foreign) as { readonly [Key in keyof Waiting]: unknown };
  const until = untilMs === undefined ? {} : { untilMs: whole(untilMs) };
  return { cause: must(readName(cause, WAIT_CAUSES)), reason: string(reason), ...until };
}

function readBlocked(foreign: unknown): Blocked {
  const given = record(foreign);
  const cause = given['cause'] === undefined ? {} : { cause: must(readName(given['cause'], BLOCKING)) };
  return {
    reason: must(readName(given['reason'], BLOCK_REASONS)),
    detail: string(given['detail']),
    ...cause,
    remindAtMs: orNull(given['remindAtMs'], whole),
    reminders: whole(given['reminders']),
  };
}

/** Every step a clock can be started by stands on one stage or another. */
const STEPS: readonly StepName[] = STAGES.flatMap(stepsOf);

function readClock(foreign: unknown): Clock {
  const given = record(foreign);
  return { by: must(readName(given['by'], STEPS)), sinceMs: whole(given['sinceMs']) };
}

function readOverride(foreign: unknown): Override {
  const given = record(foreign);
  return {
    check: must(readName(given['check'], CHECK_NAMES)),
    by: string(given['by']),
    reason: string(given['reason']),
  };
}

function readStop(foreign: unknown): NonNullable<TaskState['stop']> {
  const given = record(foreign);
  const why = must(readName(given['why'], ['stop', 'branch-gone'] as const));
  return { why, by: string(given['by']), atMs: whole(given['atMs']) };
}
