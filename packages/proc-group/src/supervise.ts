/**
 * Waits until a started command has to end or has ended, then makes sure that nothing of it stays. Whatever goes wrong
 * in here, the run's processes are killed before the error travels on.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Child, Exit } from './adapters/child.ts';
import { monotonicMs } from './adapters/within.ts';
import type { ContainmentMechanism } from './containment/containment.ts';
import { drain } from './drain.ts';
import type { Output } from './output.ts';
import { killUntilEmpty, proveEmpty } from './prove-empty.ts';
import type { Request } from './spec.ts';
import { type Stopped, stopAll } from './stop.ts';
import type { StopCause, StopRequest } from './stop-request.ts';
import type { Leftover } from './verdict.ts';

/** After SIGKILL the exit can only be late because of uninterruptible sleep. */
const EXIT_CAP_MS = 400;

export interface Watched {
  readonly request: Request;
  readonly stop: StopRequest;
  readonly mechanism: ContainmentMechanism;
  readonly child: Child;
  readonly output: Output;
}

export interface Ended {
  /** Null if the command ended before it was asked to. */
  readonly cause: StopCause | null;
  /** Null if even SIGKILL did not end the command in time. */
  readonly exit: Exit | null;
  readonly runMs: number;
  readonly leftovers: readonly Leftover[];
  readonly stopped: Stopped;
}

export async function supervise(watched: Watched): Promise<Ended> {
  const { request, stop, mechanism, child, output } = watched;
  const started = monotonicMs();
  let runMs = 0;
  const exited = child.exited.then(() => {
    runMs = monotonicMs() - started;
    return null;
  });
  let settled = false;
  try {
    const cause = await Promise.race([exited, stop.asked]);
    const ended = cause === null ? await clearLeftovers(watched) : await stopEverything(watched);
    if (child.exit() === null) await Promise.race([exited, delay(EXIT_CAP_MS)]);
    await drain(child, request.drainMs, {
      lastAt: output.lastAt,
      bytes: output.bytes,
      isHeld: () => output.isHeld() && stop.cause === null,
    });
    settled = true;
    // A listener may break on the very last chunk, when no cause is awaited any more.
    const broken = stop.cause?.kind === 'broken' ? stop.cause : null;
    return { cause: cause ?? broken, exit: child.exit(), runMs: runMs || monotonicMs() - started, ...ended };
  } finally {
    if (!settled) await killUntilEmpty(mechanism, EXIT_CAP_MS);
  }
}

async function stopEverything({
  request,
  stop,
  mechanism,
  child,
}: Watched): Promise<Pick<Ended, 'leftovers' | 'stopped'>> {
  const stopped = await stopAll(mechanism, child, {
    ms: stop.isUrgent ? 0 : request.graceMs,
    hurry: () => stop.isUrgent,
  });
  return { leftovers: [], stopped };
}

/** The command has ended by itself; whatever it started and did not wait for has no reason to go on. */
async function clearLeftovers({
  request,
  stop,
  mechanism,
  child,
}: Watched): Promise<Pick<Ended, 'leftovers' | 'stopped'>> {
  const last = await proveEmpty(mechanism);
  const leftovers = last.living;
  // What is awaited from a keeper and does not come is held up by a process that no scan saw.
  if (last.empty || (leftovers.length === 0 && mechanism.awaited() === null))
    return { leftovers, stopped: { last, escalated: 'none' } };
  const grace = { ms: request.leftoverGraceMs, hurry: () => stop.cause !== null };
  return { leftovers, stopped: await stopAll(mechanism, child, grace) };
}
