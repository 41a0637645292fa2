/** Puts together the answer from what was observed; decides the kind and nothing else. */
import { constants } from 'node:os';
import type { Chosen } from './choose.ts';
import type { Scan } from './containment/containment.ts';
import type { Ended } from './supervise.ts';
import type { GroupRun, Level, OutputCapture, RunEnd, Usage } from './verdict.ts';

export interface Observations extends Ended {
  /** `performance.now()` of the request. */
  readonly asked: number;
  readonly spawnMs: number;
  readonly chosen: Chosen;
  readonly captured: { readonly stdout: OutputCapture; readonly stderr: OutputCapture };
  readonly logPath: string | null;
  readonly sampled: Usage | null;
  readonly secretsReadable: boolean;
  readonly guarded: boolean;
}

export function describeRun(observed: Observations): GroupRun {
  const { stopped, exit, leftovers, chosen } = observed;
  const usage = chosen.usage() ?? observed.sampled;
  return {
    ...endOf(observed),
    level: chosen.mechanism.level,
    containment: {
      verified: stopped.last.empty,
      leftovers,
      leaked: leakedOf(stopped.last),
      escalated: stopped.escalated,
      guarded: observed.guarded,
    },
    timings: {
      spawnMs: observed.spawnMs,
      runMs: observed.runMs,
      ...(stopped.killToQuietMs === undefined ? {} : { killToQuietMs: stopped.killToQuietMs }),
      totalMs: performance.now() - observed.asked,
    },
    ...observed.captured,
    ...(observed.logPath === null ? {} : { logPath: observed.logPath }),
    secretsReadable: observed.secretsReadable,
    limits: chosen.limits,
    ...(usage === null ? {} : { usage }),
    ...(exit === null ? {} : { raw: exit }),
  };
}

function leakedOf({ empty, living, unsure }: Scan): number | null {
  if (empty) return 0;
  return unsure || living.length === 0 ? null : living.length;
}

function endOf({ cause, exit, chosen }: Observations): RunEnd {
  if (cause !== null) return cause.kind === 'broken' ? { kind: 'cancelled', reason: 'the listener failed' } : cause;
  if (exit?.signal != null) return { kind: 'signaled', signal: exit.signal };
  // Without an exit it is unknown how the command ended, and it did not end by itself.
  if (exit?.code == null) return { kind: 'signaled', signal: 'SIGKILL', inferred: true };
  const inferred = chosen.mechanism.level === 'namespace' ? signalOf(exit.code) : null;
  return inferred === null
    ? { kind: 'exited', code: exit.code }
    : { kind: 'signaled', signal: inferred, inferred: true };
}

/** The init of a namespace can only report a signal n as 128+n, as every shell does. */
const signalOf = (code: number): string | null =>
  Object.entries(constants.signals).find(([, number]) => code === 128 + number)?.[0] ?? null;

const NOTHING: OutputCapture = { head: new Uint8Array(0), tail: new Uint8Array(0), totalBytes: 0, droppedBytes: 0 };

/** The answer of a run that never started: nothing can be left of it. */
export function notRun(asked: number, end: RunEnd, level: Level = 'plain'): GroupRun {
  return {
    ...end,
    level,
    containment: { verified: true, leftovers: [], leaked: 0, escalated: 'none', guarded: false },
    timings: { spawnMs: 0, runMs: 0, totalMs: performance.now() - asked },
    stdout: NOTHING,
    stderr: NOTHING,
    secretsReadable: false,
    limits: {},
  };
}
