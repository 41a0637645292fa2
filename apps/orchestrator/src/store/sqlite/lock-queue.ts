/**
 * Waits for a database that another process has locked, without standing in the event loop's way (docs/adr/0019). Who waits
 * has a turn in order; each turn is taken in a pass of the event loop of its own, so the end of a long lock is no burst.
 */
import { setImmediate as nextPass, setTimeout as pause } from 'node:timers/promises';

/** Half of a claim's lease: a heartbeat that had to wait this long still keeps its claim. */
export const LOCK_PATIENCE_MS = 30_000;
const POLL_MS = { first: 2, most: 25 };

/** Carries `attempt` out as soon as the database is not locked; throws what it throws, the lock itself once patience is over. */
export type LockQueue = <Answer>(attempt: () => Answer) => Promise<Answer>;

export function createLockQueue(patienceMs: number = LOCK_PATIENCE_MS): LockQueue {
  let last: Promise<unknown> = Promise.resolve();
  return (attempt) => {
    const until = performance.now() + patienceMs;
    const turn = last.then(() => poll(attempt, until));
    last = turn.catch(() => undefined);
    return turn;
  };
}

async function poll<Answer>(attempt: () => Answer, until: number): Promise<Answer> {
  await nextPass();
  for (let pauseMs = POLL_MS.first; ; pauseMs = Math.min(2 * pauseMs, POLL_MS.most)) {
    try {
      return attempt();
    } catch (thrown) {
      if (!isLocked(thrown) || performance.now() >= until) throw thrown;
    }
    await pause(pauseMs);
  }
}

/** Whether an error of the driver says that another connection has the lock: nothing was carried out. */
export function isLocked(thrown: unknown): boolean {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return false;
  return typeof thrown.code === 'string' && thrown.code.startsWith('SQLITE_BUSY');
}
