/** Puts together the answer from what was observed; decides the kind and nothing else. */

import { monotonicMs } from './adapters/within.ts';
import type { Chosen } from './choose.ts';
import type { Scan } from './containment/containment.ts';
import { printable } from './printable.ts';
import { signalName } from './signal-name.ts';
import type { StopCause } from './stop-request.ts';
import type { Ended } from './supervise.ts';
import type { GroupRun, OutputCapture, RunEnd, Usage } from './verdict.ts';

export interface Observations extends Ended {
  /** `monotonicMs()` of the request. */
  readonly asked: number;
  readonly spawnMs: number;
  /** False where success is only Node's word, which a real-time signal gets as well. */
  readonly isTold: boolean;
  readonly chosen: Chosen;
  readonly captured: { readonly stdout: OutputCapture; readonly stderr: OutputCapture };
  readonly logPath: string | null;
  readonly sampled: Usage | null;
  readonly secretsReadable: boolean;
  readonly guarded: boolean;
}

export function describeRun(observed: Observations): GroupRun {
  const { stopped, chosen } = observed;
  const exit = observed.exit?.code === 0 && !observed.isTold ? { code: null, signal: null } : observed.exit;
  const usage = chosen.usage() ?? observed.sampled;
  return {
    ...endOf({ ...observed, exit }),
    ...heldBy(observed),
    timings: {
      spawnMs: observed.spawnMs,
      runMs: observed.runMs,
      ...(stopped.killToQuietMs === undefined ? {} : { killToQuietMs: stopped.killToQuietMs }),
      totalMs: monotonicMs() - observed.asked,
    },
    ...observed.captured,
    ...(observed.logPath === null ? {} : { logPath: observed.logPath }),
    secretsReadable: observed.secretsReadable,
    limits: chosen.limits,
    ...(usage === null ? {} : { usage }),
    ...(exit === null ? {} : { raw: { code: exit.code, signal: exit.signal } }),
  };
}

/** What held the run, and what the last look at it showed. */
function heldBy({
  stopped: { last, escalated },
  leftovers,
  guarded,
  chosen,
}: Pick<Observations, 'stopped' | 'leftovers' | 'guarded' | 'chosen'>): Pick<GroupRun, 'level' | 'containment'> {
  const proof = last.empty ? { verified: true } : { verified: false, unproven: whyUnproven(last) };
  return {
    level: chosen.mechanism.level,
    containment: { ...proof, leftovers, leaked: leakedOf(last), escalated, guarded },
  };
}

function leakedOf({ empty, living, unsure }: Scan): number | null {
  if (empty) return 0;
  return unsure || living.length === 0 ? null : living.length;
}

const MOST_NAMED = 5;

function whyUnproven({ living, unsure, unproven }: Scan): string {
  if (living.length === 0 || unsure) return unproven ?? 'a process of the run has not been reaped';
  const named = living.slice(0, MOST_NAMED).map(({ pid, comm }) => `${pid} (${printable(comm)})`);
  const more = living.length > MOST_NAMED ? ' and more' : '';
  return `it could not be ended: ${named.join(', ')}${more}`;
}

function endOf({ cause, exit, chosen }: Observations): RunEnd {
  if (cause !== null) return cause.kind === 'broken' ? { kind: 'cancelled', reason: 'the listener failed' } : cause;
  if (exit?.signal != null) {
    const { signal, inferred } = exit;
    return { kind: 'signaled', signal, ...(inferred === true ? { inferred } : {}) };
  }
  if (exit?.code == null) return { kind: 'unknown', reason: exit === null ? NOT_ENDED : NOT_TOLD };
  const behind = chosen.opener === null ? 0 : exit.code - 128;
  return behind < 1 || behind > LAST_SIGNAL
    ? { kind: 'exited', code: exit.code }
    : { kind: 'signaled', signal: signalName(behind), inferred: true };
}

/** The init of a namespace can only report a signal n as 128+n, as every shell does. */
const LAST_SIGNAL = 64;
const NOT_ENDED = 'the command did not end even when it was killed';
const NOT_TOLD = 'the process that waited for the command ended without telling its status';

/** What asks a whole group to end, as a terminal does: whoever sent it meant the command. */
const ASKING: readonly (string | null)[] = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM'];

/** The end of a run whose keeper was gone before the command began. `by`: the signal that ended it. */
export function endBeforeBegin(by: string | null, cause: StopCause | null): RunEnd {
  if (cause !== null && cause.kind !== 'broken') return cause;
  if (by !== null && ASKING.includes(by)) return { kind: 'signaled', signal: by };
  const how = by === null ? 'ended at once' : `was ended by ${by} before the command began`;
  return { kind: 'spawn-failed', errno: 'ECONTAIN', message: `the process that keeps the run ${how}` };
}

const NOTHING: OutputCapture = { head: new Uint8Array(0), tail: new Uint8Array(0), totalBytes: 0, droppedBytes: 0 };

/** A shell said that it could not become the command. Whether it said so is the run's own word; what is left is not. */
export const notBecome = (
  asked: number,
  failure: Pick<RunEnd & { readonly kind: 'spawn-failed' }, 'errno' | 'message'>,
  held: Parameters<typeof heldBy>[0],
): GroupRun => ({ ...notRun(asked, { kind: 'spawn-failed', ...failure }), ...heldBy(held) });

/** The answer of a run of which no process was started: nothing can be left of it. */
export function notRun(asked: number, end: RunEnd): GroupRun {
  return {
    ...end,
    level: 'plain',
    containment: { verified: true, leftovers: [], leaked: 0, escalated: 'none', guarded: false },
    timings: { spawnMs: 0, runMs: 0, totalMs: monotonicMs() - asked },
    stdout: NOTHING,
    stderr: NOTHING,
    secretsReadable: false,
    limits: {},
  };
}
