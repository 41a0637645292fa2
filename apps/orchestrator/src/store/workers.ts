/** Service processes: which one has this store, and when each was last heard of. */
import { workers } from '../schema/index.ts';
import { JOB } from './job-rows.ts';
import type { WorkerRecord, WorkerStore } from './port/index.ts';
import type { Driver, Operations } from './sql/driver.ts';
import { assignments, cellsNamed, insertInto, NO_ROW, namesBut, tableShape } from './sql/row-shape.ts';

const WORKER = tableShape(workers);
const FACTS = namesBut(WORKER, 'id');
const PUT = `${insertInto(WORKER, ['id', ...FACTS])} ON CONFLICT (id) DO UPDATE SET ${assignments(WORKER, FACTS)}`;
const RECLAIM = `UPDATE jobs SET lease_until = :atMs WHERE state = 'leased' AND worker_id <> :id`;

const RESEND = `UPDATE outbox SET lease_until = NULL WHERE state = 'pending' AND lease_until IS NOT NULL`;
/** Housekeeping's: a task that holds one goes on with it. */
const EXPIRE_LEASES = `UPDATE leases SET renewed_at = 0
  WHERE released_at IS NULL AND NOT EXISTS (SELECT 1 FROM tasks WHERE tasks.id = leases.holder)`;
const NEWEST_EVENT = 'SELECT at FROM events WHERE seq = (SELECT max(seq) FROM events)';

export function workerStore({ row, rows, change, write }: Driver): Operations<WorkerStore> {
  const put = change(WORKER, PUT);
  const all = rows(WORKER, `SELECT ${WORKER.list} FROM workers ORDER BY id`);
  const remove = change(WORKER, 'DELETE FROM workers WHERE id = :id');
  const removeOthers = change(WORKER, 'DELETE FROM workers WHERE id <> :id');
  const reclaim = change(JOB, RECLAIM);
  const resend = change(NO_ROW, RESEND);
  const expireLeases = change(NO_ROW, EXPIRE_LEASES);
  const newestEvent = row(cellsNamed<{ at: number }>('at'), NEWEST_EVENT);
  return {
    registerExclusive: ({ worker, gone, silentMs }) =>
      write(function* register() {
        const others = (yield* all({})).filter((other: WorkerRecord) => other.id !== worker.id);
        const recent = worker.heartbeatAt - silentMs;
        const by = others.find((other) => !gone.includes(other.id) && other.heartbeatAt > recent);
        if (by !== undefined) return { kind: 'held', by };
        yield* removeOthers({ id: worker.id });
        yield* put({ ...worker });
        yield* resend({});
        yield* expireLeases({});
        return { kind: 'acquired', reclaimed: yield* reclaim({ id: worker.id, atMs: worker.heartbeatAt }) };
      }),
    *heartbeatWorker(worker) {
      yield* put({ ...worker });
    },
    *newestTime() {
      const { at = 0 } = (yield* newestEvent({})) ?? {};
      return Math.max(at, ...(yield* all({})).map(({ heartbeatAt }) => heartbeatAt));
    },
    listWorkers: () => all({}),
    *removeWorker(id) {
      yield* remove({ id });
    },
  };
}
