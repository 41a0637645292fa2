/** The merge lease: who may move a repository's main, and the queue of those who wait for it. */
import { LeaseProof } from '@gatehouse/verdict';
import type { JobRows } from './job-rows.ts';
import { isHeld, LEASE, type MergeQueue, TICKET } from './merge-queue.ts';
import type { AcquireOutcome, Lease, LeaseStore } from './port/index.ts';
import { type Driver, memoizeByNames, type Operation, type Operations } from './sql/driver.ts';
import { columnsOf } from './sql/row-shape.ts';
import type { TaskRows } from './task-rows.ts';
import type { Transitions } from './transition/apply-event.ts';
import { isUnverifiedInside } from './transition/queue.ts';

interface LeaseParts {
  readonly jobs: JobRows;
  readonly queue: MergeQueue;
  readonly tasks: TaskRows;
  readonly moves: Transitions;
}

const HELD = `SELECT ${LEASE.list} FROM leases WHERE released_at IS NULL ORDER BY repo_id`;
const RENEW = `UPDATE leases SET renewed_at = :atMs
  WHERE repo_id = :repo AND holder = :holder AND token = :token AND released_at IS NULL`;

export function leaseStore(driver: Driver, parts: LeaseParts): Operations<LeaseStore> {
  const { rows, change, write } = driver;
  const { queue, tasks, moves } = parts;
  const renew = change(LEASE, RENEW);
  const allHeld = rows(LEASE, HELD);
  function* held({ repo, holder, token }: LeaseProof): Operation<boolean> {
    return (yield* queue.heldBy(repo, holder))?.token === token;
  }
  return {
    acquireLease: (request) => write(() => acquire(parts, request)),
    *renewLease({ repo, holder, token }, atMs) {
      return (yield* renew({ repo, holder, token, atMs })) === 1;
    },
    releaseLease: (proof, { atMs, engine }) =>
      write(function* release() {
        if (!(yield* held(proof))) return { kind: 'not-held' };
        const task = yield* tasks.byId(proof.holder);
        if (task !== undefined && isUnverifiedInside(task)) return { kind: 'critical' };
        yield* queue.release(proof.repo, proof.token, atMs);
        return { kind: 'released', woken: (yield* moves.wake(proof.repo, atMs, engine))[0] ?? null };
      }),
    leaseHeld: held,
    *leaseOf(repoId, holder) {
      const row = yield* queue.heldBy(repoId, holder);
      return row === undefined ? null : new LeaseProof(repoId, holder, row.token);
    },
    *currentLease(repoId) {
      const row = yield* queue.lease(repoId);
      return isHeld(row) ? row : null;
    },
    listLeases: () => allHeld({}),
    reapLeases: (request) => reap(driver, parts, request),
    ...ticketStore(driver, parts),
  };
}

type Tickets = Pick<LeaseStore, 'dropTicket' | 'listTickets' | 'wokenTickets'>;

function ticketStore({ dialect, rows, write }: Driver, { queue, moves }: LeaseParts): Operations<Tickets> {
  // Carried out as it is written: the queue is short, and every task there ever was is not.
  const woken = rows(
    TICKET,
    `SELECT ${columnsOf(TICKET, 'tickets')} FROM tickets ${dialect.joinInOrder} tasks ON tasks.id = tickets.task_id
     WHERE tickets.woken_at IS NOT NULL AND tasks.status = 'waiting' ORDER BY tickets.id`,
  );
  const listing = memoizeByNames((names) => {
    const inRepo = names.includes('repoId') ? 'WHERE repo_id = :repoId' : '';
    return rows(TICKET, `SELECT ${TICKET.list} FROM tickets ${inRepo} ORDER BY repo_id, id`);
  });
  return {
    dropTicket: ({ repoId, taskId, atMs }) =>
      write(function* drop() {
        const dropped = yield* queue.leave(taskId);
        yield* moves.wake(repoId, atMs);
        return dropped;
      }),
    listTickets: (repoId) => listing(repoId === undefined ? [] : ['repoId'])({ repoId }),
    wokenTickets: () => woken({}),
  };
}

type AcquireRequest = Parameters<LeaseStore['acquireLease']>[0];

function* acquire({ queue, jobs, tasks }: LeaseParts, request: AcquireRequest): Operation<AcquireOutcome> {
  const { repoId, holder, atMs, ttlMs, job } = request;
  if (job !== undefined && !(yield* jobs.isClaim(job))) return { kind: 'fenced' };
  const row = yield* queue.lease(repoId);
  if (isHeld(row) && row.holder === holder) {
    const task = yield* tasks.byId(holder);
    const keeps = job === undefined || (task !== undefined && isUnverifiedInside(task));
    return keeps ? minted(repoId, holder, row.token) : yield* grant(queue, row, request);
  }
  if (isHeld(row) && !(yield* queue.stale(atMs - ttlMs)).some((stale) => stale.repoId === repoId))
    return { kind: 'busy', holder: row.holder };
  const head = yield* queue.head(repoId);
  if (head !== undefined && head.taskId !== holder) return { kind: 'busy', holder: head.taskId };

  return yield* grant(queue, row, request);
}

function* grant(
  queue: MergeQueue,
  before: Lease | undefined,
  { repoId, holder, attempt, atMs }: AcquireRequest,
): Operation<AcquireOutcome> {
  const token = (before?.token ?? 0) + 1;
  yield* queue.grant({ repoId, holder, attempt, token, acquiredAt: atMs, renewedAt: atMs, releasedAt: null });
  yield* queue.leave(holder);
  return minted(repoId, holder, token);
}

function minted(repoId: string, holder: string, token: number): AcquireOutcome {
  return { kind: 'acquired', proof: new LeaseProof(repoId, holder, token), token };
}

type ReapLeasesRequest = Parameters<LeaseStore['reapLeases']>[0];

function* reap({ write }: Driver, { queue, moves }: LeaseParts, request: ReapLeasesRequest): Operation<Lease[]> {
  const { nowMs, ttlMs, engine } = request;
  // Asked all day, and there is hardly ever one: a read takes no lock from the writers.
  if ((yield* queue.stale(nowMs - ttlMs)).length === 0) return [];
  return yield* write(function* free() {
    const stale = yield* queue.stale(nowMs - ttlMs);
    for (const { repoId, token } of stale) {
      yield* queue.release(repoId, token, nowMs);
      yield* moves.wake(repoId, nowMs, engine);
    }
    return stale;
  });
}
