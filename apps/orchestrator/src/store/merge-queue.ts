/**
 * The rows behind the merge lease and the queue of tickets for it. One rule lives here: the transaction that frees
 * the lease, or joins a queue whose lease is free, wakes the head as well, so that no wake-up is ever lost.
 */
import { leases, tickets } from '../schema/index.ts';
import type { JobRows } from './job-rows.ts';
import type { Lease, Ticket } from './port/index.ts';
import type { Driver, Operation } from './sql/driver.ts';
import { assignments, insertInto, namesBut, tableShape } from './sql/row-shape.ts';

export interface MergeQueue {
  /** The lease row, held or released; undefined = never taken. */
  readonly lease: (repoId: string) => Operation<Lease | undefined>;
  readonly heldBy: (repoId: string, holder: string) => Operation<Lease | undefined>;
  /** Held leases not renewed since `sinceMs`, whose holder is outside the critical window and has no leased job. */
  readonly stale: (sinceMs: number) => Operation<Lease[]>;
  readonly head: (repoId: string) => Operation<Ticket | undefined>;
  /** Replaces whatever the repository's row says. */
  readonly grant: (row: Lease) => Operation<number>;
  /** False = not held under this token. */
  readonly release: (repoId: string, token: number, atMs: number) => Operation<boolean>;
  /** Keeps an existing place; the ticket waits (again) for a wake-up. */
  readonly join: (repoId: string, taskId: string, atMs: number) => Operation<void>;
  readonly leave: (taskId: string) => Operation<boolean>;
  /** With a free lease: marks a head that was not woken yet, makes its ready job due and answers its task. */
  readonly notifyHead: (repoId: string, atMs: number) => Operation<string | null>;
}

export const LEASE = tableShape(leases);
export const TICKET = tableShape(tickets);

/** What a grant says anew about a repository's lease. */
const TERMS = namesBut(LEASE, 'repoId');
const GRANT = `${insertInto(LEASE, ['repoId', ...TERMS])} ON CONFLICT (repo_id) DO UPDATE SET ${assignments(LEASE, TERMS)}`;
const RELEASE = `UPDATE leases SET released_at = :atMs WHERE repo_id = :repoId AND token = :token AND released_at IS NULL`;
const STALE = `SELECT ${LEASE.list} FROM leases
  WHERE released_at IS NULL AND renewed_at <= :sinceMs
    AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.id = leases.holder AND t.critical_token IS NOT NULL)
    AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.task_id = leases.holder AND j.state = 'leased')
  ORDER BY repo_id`;
const JOIN = `${insertInto(TICKET, ['repoId', 'taskId', 'takenAt'])} ON CONFLICT (task_id) DO UPDATE SET woken_at = NULL`;

export function mergeQueue({ dialect, row, rows, change }: Driver, jobs: JobRows): MergeQueue {
  const lease = row(LEASE, `SELECT ${LEASE.list} FROM leases WHERE repo_id = :repoId`);
  const stale = rows(LEASE, STALE);
  const grant = change(LEASE, GRANT);
  const release = change(LEASE, RELEASE);
  const inRepo = `repo_id = ${dialect.opaque(':repoId')}`;
  const head = row(TICKET, `SELECT ${TICKET.list} FROM tickets WHERE ${inRepo} ORDER BY id LIMIT 1`);
  const join = change(TICKET, JOIN);
  const leave = change(TICKET, 'DELETE FROM tickets WHERE task_id = :taskId');
  const markWoken = change(TICKET, 'UPDATE tickets SET woken_at = :atMs WHERE task_id = :taskId');
  return {
    lease: (repoId) => lease({ repoId }),
    *heldBy(repoId, holder) {
      const held = yield* lease({ repoId });
      return isHeld(held) && held.holder === holder ? held : undefined;
    },
    stale: (sinceMs) => stale({ sinceMs }),
    head: (repoId) => head({ repoId }),
    grant: (terms) => grant({ ...terms }),
    *release(repoId, token, atMs) {
      return (yield* release({ repoId, token, atMs })) === 1;
    },
    *join(repoId, taskId, takenAt) {
      yield* join({ repoId, taskId, takenAt });
    },
    *leave(taskId) {
      return (yield* leave({ taskId })) === 1;
    },
    *notifyHead(repoId, atMs) {
      const first = yield* head({ repoId });
      if (first === undefined || first.wokenAt !== null || isHeld(yield* lease({ repoId }))) return null;
      yield* markWoken({ taskId: first.taskId, atMs });
      yield* jobs.bringForward(first.taskId, atMs);
      return first.taskId;
    },
  };
}

/** The row of a lease that was never taken is not there, that of a released one says so. */
export const isHeld = (row: Lease | undefined): row is Lease => row !== undefined && row.releasedAt === null;
