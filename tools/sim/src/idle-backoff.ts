/**
 * Lets the pauses between two passes of the service's loops grow, as they do on a slow machine. After a change a pass
 * is on time or some seconds late. While nothing was written and nothing fell due a pass would find nothing, so it
 * comes when something does; a tenth of those passes is made on time all the same.
 */
import type { ClockEntry, IdleSkip } from './clock.ts';
import type { Database } from './database.ts';
import type { WorldState } from './world-state.ts';

const LATEST_MS = 600_000;
const SLACK_MS = 1;
const LATE_MS = 20_000;
const LEASE_TTL_MS = 120_000;

const NEXT_DUE = `SELECT min(at) FROM (
  SELECT min(available_at) AS at FROM jobs WHERE state = 'ready' AND available_at > :since
  UNION ALL SELECT min(lease_until) FROM jobs WHERE state = 'leased' AND lease_until > :since
  UNION ALL SELECT min(timer_due_at) FROM tasks WHERE timer_due_at IS NOT NULL AND timer_due_at > :since
  UNION ALL SELECT min(renewed_at) + :ttl FROM leases WHERE released_at IS NULL AND renewed_at + :ttl > :since
  UNION ALL SELECT min(max(available_at, coalesce(lease_until, 0))) FROM outbox WHERE state = 'pending'
    AND max(available_at, coalesce(lease_until, 0)) > :since)`;

export function idleBackoff({ query, writes }: Database, state: WorldState): IdleSkip {
  const due = query(NEXT_DUE).pluck();
  const last = { writes: -1, sinceMs: 0, dueMs: null as number | null };
  const nextDue = (sinceMs: number): number | null => {
    // The first after one moment is the first after any later one that it is still ahead of.
    const holds = last.writes === writes() && sinceMs >= last.sinceMs && (last.dueMs === null || last.dueMs > sinceMs);
    if (holds) return last.dueMs;
    const dueMs = due.get({ since: sinceMs, ttl: LEASE_TTL_MS }) as number | null;
    Object.assign(last, { writes: writes(), sinceMs, dueMs });
    return dueMs;
  };
  return (entry: ClockEntry, nextMs: number | null): number | null => {
    const roll = state.prng.below(10);
    if (state.lastChangeMs >= entry.sinceMs) return roll < 2 ? null : entry.atMs + state.prng.between(1, LATE_MS);
    if (roll === 0) return null;
    const dueMs = nextDue(entry.sinceMs);
    const untilMs = Math.min(
      dueMs ?? Number.POSITIVE_INFINITY,
      nextMs ?? Number.POSITIVE_INFINITY,
      entry.atMs + LATEST_MS,
    );
    return untilMs > entry.atMs ? untilMs + SLACK_MS : null;
  };
}
