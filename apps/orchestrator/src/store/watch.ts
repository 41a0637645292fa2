/** Numbers and neighbours: workers, the counts behind the queue page, and what is old enough to go. */
import { and, eq, ne, sql } from 'drizzle-orm';
import { jobs, workers } from '../schema/index.ts';
import type { Connection, SyncPort } from './adapters/connection.ts';
import { placeholdersFor } from './placeholders.ts';
import type { QueueCounts, WatchStore, WorkerRecord } from './port.ts';
import { prepareSelect, prepareUpdate } from './prepared-queries.ts';

const WORKER = [
  'id',
  'host',
  'pid',
  'startTime',
  'version',
  'startedAt',
  'heartbeatAt',
] as const satisfies readonly (keyof WorkerRecord)[];

type Watch = Omit<WatchStore, 'tripBreaker' | 'closeBreaker' | 'listBreakers'>;

export function watchStore(connection: Connection, revision: () => string): SyncPort<Watch> {
  const { orm, write } = connection;
  const present = placeholdersFor(WORKER);
  const putting = orm.insert(workers).values(present).onConflictDoUpdate({ target: workers.id, set: present });
  const putRow = prepareUpdate(connection, putting);
  const everyWorker = prepareSelect(connection, workers, orm.select().from(workers).orderBy(workers.id));
  const put = (worker: WorkerRecord): void => void putRow({ ...worker });
  const id = sql.placeholder('id');
  const removeOthers = prepareUpdate(connection, orm.delete(workers).where(ne(workers.id, id)));
  const theirs = and(eq(jobs.state, 'leased').inlineParams(), ne(jobs.workerId, id));
  const reclaim = prepareUpdate(
    connection,
    orm
      .update(jobs)
      .set({ leaseUntil: sql`${sql.placeholder('atMs')}` })
      .where(theirs),
  );
  return {
    registerExclusive: ({ worker, gone, silentMs }) =>
      write(() => {
        const others = everyWorker.all({}).filter((other) => other.id !== worker.id);
        const recent = worker.heartbeatAt - silentMs;
        const by = others.find((other) => !gone.includes(other.id) && other.heartbeatAt > recent);
        if (by !== undefined) return { kind: 'held', by };
        removeOthers({ id: worker.id });
        put(worker);
        return { kind: 'acquired', reclaimed: reclaim({ id: worker.id, atMs: worker.heartbeatAt }) };
      }),
    heartbeatWorker: put,
    listWorkers: () => everyWorker.all({}),
    removeWorker: (name) => {
      orm.delete(workers).where(eq(workers.id, name)).run();
    },
    queueCounts: counter(connection),
    revision,
    prune: pruner(connection),
  };
}

const JOBS = `SELECT kind, CASE WHEN state = 'ready' AND available_at > :nowMs THEN 'delayed' ELSE state END AS state,
    count(*) AS count
  FROM jobs WHERE state IN ('ready', 'leased') GROUP BY 1, 2 ORDER BY 1, 2`;
const TASKS = `SELECT stage, status, count(*) AS count FROM tasks
  WHERE stage NOT IN ('done', 'cancelled') GROUP BY 1, 2 ORDER BY 1, 2`;
const SINGLE = `SELECT
  (SELECT min(available_at) FROM jobs WHERE state = 'ready' AND available_at <= :nowMs) AS oldestDueAt,
  (SELECT count(*) FROM tickets) AS tickets,
  (SELECT count(*) FROM leases WHERE released_at IS NULL) AS leasesHeld,
  (SELECT count(*) FROM outbox WHERE state = 'pending') AS outboxPending,
  (SELECT count(*) FROM inbox WHERE processed_at IS NULL) AS inboxPending`;

function counter({ sqlite }: Connection): (nowMs: number) => QueueCounts {
  const jobs = sqlite.prepare(JOBS);
  const tasks = sqlite.prepare(TASKS);
  const single = sqlite.prepare(SINGLE);
  const read = sqlite.transaction((nowMs: number) => ({
    ...(single.get({ nowMs }) as Omit<QueueCounts, 'jobs' | 'tasks'>),
    jobs: jobs.all({ nowMs }) as QueueCounts['jobs'],
    tasks: tasks.all() as QueueCounts['tasks'],
  }));
  return (nowMs) => read(nowMs);
}

/** Rows of a task go only once the task ended before the limit; the task itself and its baselines stay. */
const ENDED = `task_id IN (SELECT id FROM tasks WHERE stage IN ('done', 'cancelled') AND updated_at < :beforeMs)`;
const PRUNES: readonly string[] = [
  `DELETE FROM jobs WHERE state IN ('done', 'failed', 'cancelled') AND finished_at < :beforeMs AND (task_id IS NULL OR ${ENDED})`,
  `DELETE FROM command_runs WHERE started_at < :beforeMs AND (task_id IS NULL OR ${ENDED})`,
  `DELETE FROM gate_runs WHERE created_at < :beforeMs AND ${ENDED}`,
  `DELETE FROM artefacts WHERE created_at < :beforeMs AND ${ENDED}`,
  `DELETE FROM events WHERE at < :beforeMs AND ${ENDED}`,
  `DELETE FROM outbox WHERE state <> 'pending' AND created_at < :beforeMs AND (task_id IS NULL OR ${ENDED})`,
  `DELETE FROM inbox WHERE processed_at < :beforeMs`,
  `DELETE FROM results WHERE at < :beforeMs`,
  `DELETE FROM breaker_witnesses WHERE at < :beforeMs`,
];

function pruner({ sqlite, write }: Connection): (beforeMs: number) => number {
  const deletes = PRUNES.map((text) => sqlite.prepare(text));
  return (beforeMs) => write(() => deletes.reduce((sum, statement) => sum + statement.run({ beforeMs }).changes, 0));
}
