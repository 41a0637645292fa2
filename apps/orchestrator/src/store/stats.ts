/** The counts behind the queue page and the metrics. */
import type { QueueCounts, StatsStore } from './port/index.ts';
import type { Driver, Operations } from './sql/driver.ts';
import { cellsNamed } from './sql/row-shape.ts';

const JOBS = `SELECT kind, CASE WHEN state = 'ready' AND available_at > :nowMs THEN 'delayed' ELSE state END AS state,
    count(*) AS count
  FROM jobs WHERE state IN ('ready', 'leased') GROUP BY 1, 2 ORDER BY 1, 2`;
const TASKS = `SELECT stage, status, count(*) AS count FROM tasks
  WHERE stage NOT IN ('done', 'cancelled') GROUP BY 1, 2 ORDER BY 1, 2`;
const LEASED = `SELECT kind, count(*) AS count FROM jobs WHERE state = 'leased' GROUP BY kind ORDER BY kind`;
const SINGLE = `SELECT
  (SELECT min(available_at) FROM jobs WHERE state = 'ready' AND available_at <= :nowMs) AS "oldestDueAt",
  (SELECT count(*) FROM tickets) AS tickets,
  (SELECT count(*) FROM leases WHERE released_at IS NULL) AS "leasesHeld",
  (SELECT count(*) FROM outbox WHERE state = 'pending') AS "outboxPending",
  (SELECT count(*) FROM inbox WHERE processed_at IS NULL) AS "inboxPending"`;

type JobCount = QueueCounts['jobs'][number];
type TaskCount = QueueCounts['tasks'][number];
type Single = Omit<QueueCounts, 'jobs' | 'tasks'>;

export function statsStore({ row, rows, read }: Driver): Operations<StatsStore> {
  const jobs = rows(cellsNamed<JobCount>('kind', 'state', 'count'), JOBS);
  const leased = rows(cellsNamed<Omit<JobCount, 'state'>>('kind', 'count'), LEASED);
  const tasks = rows(cellsNamed<TaskCount>('stage', 'status', 'count'), TASKS);
  const single = row(
    cellsNamed<Single>('oldestDueAt', 'tickets', 'leasesHeld', 'outboxPending', 'inboxPending'),
    SINGLE,
  );
  return {
    leasedCounts: () => leased({}),
    queueCounts: (nowMs) =>
      read(function* count() {
        const counts = (yield* single({ nowMs })) as Single;
        return { ...counts, jobs: yield* jobs({ nowMs }), tasks: yield* tasks({}) };
      }),
  };
}
