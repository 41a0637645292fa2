/**
 * The rows behind the merge lease and the line of tickets for it. One rule lives here: whoever frees the lease, or
 * joins a line whose lease is free, wakes the head in the same transaction, so that no wake-up is ever lost.
 */
import { and, asc, eq, isNull, sql } from 'drizzle-orm';
import { leases, tickets } from '../schema/index.ts';
import type { Connection } from './adapters/connection.ts';
import type { JobRows } from './job-rows.ts';
import { opaque, placeholdersFor } from './placeholders.ts';
import type { Lease, Ticket } from './port.ts';
import { prepareSelect, prepareUpdate } from './prepared-queries.ts';

export interface MergeQueue {
  /** The lease row, held or released; undefined = never taken. */
  readonly lease: (repoId: string) => Lease | undefined;
  readonly heldBy: (repoId: string, holder: string) => Lease | undefined;
  /** Held leases not renewed since `sinceMs`, whose holder is outside the critical window and has no leased job. */
  readonly stale: (sinceMs: number) => Lease[];
  readonly head: (repoId: string) => Ticket | undefined;
  readonly ticketOf: (taskId: string) => Ticket | undefined;
  /** Replaces whatever the repository's row says. */
  readonly grant: (row: Lease) => void;
  /** False = not held under this token. */
  readonly release: (repoId: string, token: number, atMs: number) => boolean;
  /** Keeps an existing place; the ticket waits (again) for a wake-up. */
  readonly join: (repoId: string, taskId: string, atMs: number) => Ticket;
  readonly leave: (taskId: string) => boolean;
  /** With a free lease: marks a head that was not woken yet, makes its ready job due and answers its task. */
  readonly notifyHead: (repoId: string, atMs: number) => string | null;
}

/** What a grant says anew about a repository's lease. */
const TERMS = ['holder', 'attempt', 'token', 'acquiredAt', 'renewedAt', 'releasedAt'] as const;

export function mergeQueue(connection: Connection, jobs: JobRows): MergeQueue {
  const { orm } = connection;
  const inRepo = eq(leases.repoId, sql.placeholder('repoId'));
  const lease = prepareSelect(connection, leases, orm.select().from(leases).where(inRepo));
  const granting = orm
    .insert(leases)
    .values(placeholdersFor(['repoId', ...TERMS]))
    .onConflictDoUpdate({ target: leases.repoId, set: placeholdersFor(TERMS) });
  const grant = prepareUpdate(connection, granting);
  const atMs = sql`${sql.placeholder('atMs')}`;
  const isHeld = and(inRepo, eq(leases.token, sql.placeholder('token')), isNull(leases.releasedAt));
  const release = prepareUpdate(connection, orm.update(leases).set({ releasedAt: atMs }).where(isHeld));
  const forgotten = orm
    .select()
    .from(leases)
    .where(
      and(
        isNull(leases.releasedAt),
        sql`${leases.renewedAt} <= ${sql.placeholder('sinceMs')}`,
        sql`NOT EXISTS (SELECT 1 FROM tasks t WHERE t.id = ${leases.holder} AND t.critical_token IS NOT NULL)`,
        sql`NOT EXISTS (SELECT 1 FROM jobs j WHERE j.task_id = ${leases.holder} AND j.state = 'leased')`,
      ),
    )
    .orderBy(leases.repoId);
  const stale = prepareSelect(connection, leases, forgotten);
  const first = orm
    .select()
    .from(tickets)
    .where(eq(tickets.repoId, opaque('repoId')))
    .orderBy(asc(tickets.id));
  const head = prepareSelect(connection, tickets, first);
  const ofTask = eq(tickets.taskId, sql.placeholder('taskId'));
  const ticketOf = prepareSelect(connection, tickets, orm.select().from(tickets).where(ofTask));
  const taking = orm
    .insert(tickets)
    .values(placeholdersFor(['repoId', 'taskId', 'takenAt']))
    .onConflictDoUpdate({ target: tickets.taskId, set: { wokenAt: null } })
    .returning();
  const take = prepareSelect(connection, tickets, taking);
  const drop = prepareUpdate(connection, orm.delete(tickets).where(ofTask));
  const markWoken = prepareUpdate(connection, orm.update(tickets).set({ wokenAt: atMs }).where(ofTask));

  const isFree = (row: Lease | undefined): boolean => row === undefined || row.releasedAt !== null;
  return {
    lease: (repoId) => lease.get({ repoId }),
    heldBy: (repoId, holder) => {
      const row = lease.get({ repoId });
      return row !== undefined && !isFree(row) && row.holder === holder ? row : undefined;
    },
    stale: (sinceMs) => stale.all({ sinceMs }),
    head: (repoId) => head.get({ repoId }),
    ticketOf: (taskId) => ticketOf.get({ taskId }),
    grant: (row) => void grant({ ...row }),
    release: (repoId, token, atMs) => release({ repoId, token, atMs }) === 1,
    join: (repoId, taskId, takenAt) => take.get({ repoId, taskId, takenAt }) as Ticket,
    leave: (taskId) => drop({ taskId }) === 1,
    notifyHead: (repoId, atMs) => {
      const first = head.get({ repoId });
      if (first === undefined || first.wokenAt !== null || !isFree(lease.get({ repoId }))) return null;
      markWoken({ taskId: first.taskId, atMs });
      jobs.bringForward(first.taskId, atMs);
      return first.taskId;
    },
  };
}
