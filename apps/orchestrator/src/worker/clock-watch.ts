/**
 * Brings the service's time back to the machine's, after that was set forward or the machine slept: only while nothing is being
 * timed, so that no claim, lease or wait ends for it (docs/adr/0023).
 */
import type { ServiceContext } from '../context.ts';

/** Less than this the clock makes good by itself. */
const LATE_MS = 5_000;

/** Call it where no claim of this process runs and none can begin meanwhile. */
export async function catchUpClock({
  clock,
  log,
  store,
}: Pick<ServiceContext, 'clock' | 'log' | 'store'>): Promise<void> {
  const lateMs = clock.behindMs();
  if (lateMs < LATE_MS) return;
  // Whoever waits for a person has no timer.
  const waiting = await store.listTasks({ status: 'waiting', limit: 10_000 });
  if (waiting.some(({ timerDueAt }) => timerDueAt !== null) || (await store.listTickets()).length > 0) return;
  // Asked last: what follows it follows at once.
  if ((await store.listLeases()).length > 0) return;
  clock.catchUp();
  log.warn("the machine's clock was set forward or the machine slept; the service takes its time", { ms: lateMs });
}
