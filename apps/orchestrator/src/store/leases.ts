/** The merge lease: who may move a repository's main, and the line of those who wait for it. */
import { LeaseProof } from '@gatehouse/verdict';
import { and, eq, getTableColumns, isNotNull, isNull, sql } from 'drizzle-orm';
import { leases, tasks, tickets } from '../schema/index.ts';
import type { Connection, SyncPort } from './adapters/connection.ts';
import type { JobRows } from './job-rows.ts';
import type { MergeQueue } from './merge-queue.ts';
import type { AcquireOutcome, Lease, LeaseStore } from './port.ts';
import { prepareSelect, prepareUpdate } from './prepared-queries.ts';
import type { TaskRows } from './task-rows.ts';
import { isUnverifiedInside, type Transitions } from './transition/apply-event.ts';

interface LeaseParts {
  readonly jobs: JobRows;
  readonly line: MergeQueue;
  readonly rows: TaskRows;
  readonly moves: Transitions;
}

export function leaseStore(connection: Connection, parts: LeaseParts): SyncPort<LeaseStore> {
  const { orm, write } = connection;
  const { line, rows, moves } = parts;
  const held = ({ repo, holder, token }: LeaseProof): Lease | undefined => {
    const row = line.heldBy(repo, holder);
    return row?.token === token ? row : undefined;
  };
  const isProven = and(
    eq(leases.repoId, sql.placeholder('repo')),
    eq(leases.holder, sql.placeholder('holder')),
    eq(leases.token, sql.placeholder('token')),
    isNull(leases.releasedAt),
  );
  const renewed = { renewedAt: sql`${sql.placeholder('atMs')}` };
  const renew = prepareUpdate(connection, orm.update(leases).set(renewed).where(isProven));
  const waking = orm
    .select(getTableColumns(tickets))
    .from(tickets)
    // Carried out as it is written: the line is short, and every task there ever was is not.
    .crossJoin(tasks)
    .where(and(eq(tasks.id, tickets.taskId), isNotNull(tickets.wokenAt), eq(tasks.status, 'waiting').inlineParams()))
    .orderBy(tickets.id);
  const woken = prepareSelect(connection, tickets, waking);
  return {
    acquireLease: (request) => write(() => acquire(parts, request)),
    renewLease: ({ repo, holder, token }, atMs) => renew({ repo, holder, token, atMs }) === 1,
    releaseLease: (proof, { atMs, engine }) =>
      write(() => {
        if (held(proof) === undefined) return { kind: 'not-held' };
        const task = rows.byId(proof.holder);
        if (task !== undefined && isUnverifiedInside(task)) return { kind: 'critical' };
        line.release(proof.repo, proof.token, atMs);
        return { kind: 'released', woken: moves.wake(proof.repo, atMs, engine)[0] ?? null };
      }),
    leaseHeld: (proof) => held(proof) !== undefined,
    leaseOf: (repoId, holder) => {
      const row = line.heldBy(repoId, holder);
      return row === undefined ? null : new LeaseProof(repoId, holder, row.token);
    },
    currentLease: (repoId) => {
      const row = line.lease(repoId);
      return row === undefined || row.releasedAt !== null ? null : row;
    },
    listLeases: () => orm.select().from(leases).where(isNull(leases.releasedAt)).orderBy(leases.repoId).all(),
    reapLeases: ({ nowMs, ttlMs, engine }) => {
      // Asked all day, and there is hardly ever one: a look takes no lock from those who write.
      if (line.stale(nowMs - ttlMs).length === 0) return [];
      return write(() => {
        const stale = line.stale(nowMs - ttlMs);
        for (const row of stale) {
          line.release(row.repoId, row.token, nowMs);
          moves.wake(row.repoId, nowMs, engine);
        }
        return stale;
      });
    },
    takeTicket: ({ repoId, taskId, atMs }) =>
      write(() => {
        const ticket = line.join(repoId, taskId, atMs);
        moves.wake(repoId, atMs);
        return line.ticketOf(taskId) ?? ticket;
      }),
    dropTicket: ({ repoId, taskId, atMs }) =>
      write(() => {
        const dropped = line.leave(taskId);
        moves.wake(repoId, atMs);
        return dropped;
      }),
    listTickets: (repoId) =>
      orm
        .select()
        .from(tickets)
        .where(repoId === undefined ? undefined : eq(tickets.repoId, repoId))
        .orderBy(tickets.repoId, tickets.id)
        .all(),
    wokenTickets: () => woken.all({}),
  };
}

type AcquireRequest = Parameters<LeaseStore['acquireLease']>[0];

function acquire({ line, jobs, rows }: LeaseParts, request: AcquireRequest): AcquireOutcome {
  const { repoId, holder, atMs, ttlMs, job } = request;
  if (job !== undefined && !jobs.isClaim(job)) return { kind: 'fenced' };
  const row = line.lease(repoId);
  const isHeld = row !== undefined && row.releasedAt === null;
  if (isHeld && row.holder === holder) {
    const task = rows.byId(holder);
    if (job === undefined || (task !== undefined && isUnverifiedInside(task))) return minted(repoId, holder, row.token);
    return grant(line, row, request);
  }
  if (isHeld && !line.stale(atMs - ttlMs).some((stale) => stale.repoId === repoId))
    return { kind: 'busy', holder: row.holder };
  const head = line.head(repoId);
  if (head !== undefined && head.taskId !== holder) return { kind: 'busy', holder: head.taskId };

  return grant(line, row, request);
}

function grant(line: MergeQueue, before: Lease | undefined, request: AcquireRequest): AcquireOutcome {
  const { repoId, holder, attempt, atMs } = request;
  const token = (before?.token ?? 0) + 1;
  line.grant({ repoId, holder, attempt, token, acquiredAt: atMs, renewedAt: atMs, releasedAt: null });
  line.leave(holder);
  return minted(repoId, holder, token);
}

function minted(repoId: string, holder: string, token: number): AcquireOutcome {
  return { kind: 'acquired', proof: new LeaseProof(repoId, holder, token), token };
}
