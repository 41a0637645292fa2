/** Reads the queue of a repository from the indexes that hold it: what is shown is read whole, of the others the keys. */
import type { QueuePlace, QueueStore } from './port/index.ts';
import type { Driver, Operations } from './sql/driver.ts';
import { cellsNamed } from './sql/row-shape.ts';
import { LIVE_TASK, TASK, type TaskRows } from './task-rows.ts';

/** As the index `tasks_queued` says it. */
const QUEUED = `${LIVE_TASK} AND status IN ('active', 'waiting') AND landed_sha IS NULL`;
/** As the index `tasks_people` says it. */
const FOR_PEOPLE = `${LIVE_TASK} AND (status = 'blocked' OR (status = 'waiting' AND timer_due_at IS NULL))`;
const asksPerson = ({ status, timerDueAt }: { status: string; timerDueAt: number | null }): boolean =>
  status === 'waiting' && timerDueAt === null;

/** The keys of the order: the holder, then by ticket, then by age. */
const lineOf = (repoId: string): string => `WITH line AS (
  SELECT id, created_at, CASE WHEN EXISTS (
      SELECT 1 FROM leases l WHERE l.repo_id = tasks.repo_id AND l.holder = tasks.id AND l.released_at IS NULL
    ) THEN 0 ELSE 1 END AS held,
    coalesce((SELECT k.id FROM tickets k WHERE k.task_id = tasks.id), 9007199254740991) AS ticket
  FROM tasks WHERE repo_id = ${repoId} AND ${QUEUED})`;
const ORDER = 'held, ticket, created_at, id';

type Listed = Pick<QueueStore, 'landedTasks' | 'landings' | 'waitingForPeople'>;

export function queueStore(driver: Driver, tasks: TaskRows): Operations<QueueStore> {
  const { dialect, row, rows, read } = driver;
  const repo = dialect.opaque(':repoId');
  const limit = dialect.opaqueLimit(':limit');
  const counted = cellsNamed<{ count: number }>('count');
  const inOrder = rows(
    cellsNamed<{ id: string }>('id'),
    `${lineOf(repo)} SELECT id FROM line ORDER BY ${ORDER} LIMIT ${limit}`,
  );
  const place = row(
    cellsNamed<QueuePlace>('position', 'length'),
    `${lineOf(repo)} SELECT count(*) AS position, (SELECT count(*) FROM line) AS length FROM line o, line me
     WHERE me.id = :id AND (o.held, o.ticket, o.created_at, o.id) <= (me.held, me.ticket, me.created_at, me.id)`,
  );
  const length = row(counted, `SELECT count(*) AS count FROM tasks WHERE repo_id = ${repo} AND ${QUEUED}`);
  const asking = row(
    counted,
    `SELECT count(*) AS count FROM tasks WHERE repo_id = ${repo} AND ${FOR_PEOPLE} AND status = 'waiting' AND landed_sha IS NULL`,
  );
  function* lengthOf(repoId: string) {
    return (yield* length({ repoId }))?.count ?? 0;
  }
  return {
    queueOf: (filter) =>
      read(function* queue() {
        const { repoId } = filter;
        const away = (yield* asking({ repoId }))?.count ?? 0;
        const ids = yield* inOrder({ repoId, limit: filter.limit + away });
        const shown = [];
        for (const [at, { id }] of ids.entries()) {
          if (shown.length === filter.limit) break;
          const task = yield* tasks.byId(id);
          if (task !== undefined && !asksPerson(task)) shown.push({ task, position: at + 1 });
        }
        return { rows: shown, total: (yield* lengthOf(repoId)) - away };
      }),
    *queuePlace({ id, repoId }) {
      const found = yield* place({ id, repoId });
      return found === undefined || found.position === 0 ? null : found;
    },
    queueLength: lengthOf,
    ...listed(driver),
  };
}

function listed({ dialect, rows }: Driver): Operations<Listed> {
  const repo = `repo_id = ${dialect.opaque(':repoId')}`;
  const limit = `LIMIT ${dialect.opaqueLimit(':limit')}`;
  const people = rows(
    TASK,
    `SELECT ${TASK.list} FROM tasks WHERE ${repo} AND ${FOR_PEOPLE} ORDER BY updated_at, id ${limit}`,
  );
  const since = `${repo} AND landed_at IS NOT NULL AND landed_at >= :sinceMs ORDER BY landed_at DESC`;
  const landed = rows(TASK, `SELECT ${TASK.list} FROM tasks WHERE ${since} ${limit}`);
  const times = rows(
    cellsNamed<{ createdAt: number; landedAt: number }>('createdAt', 'landedAt'),
    `SELECT created_at AS "createdAt", landed_at AS "landedAt" FROM tasks WHERE ${since} ${limit}`,
  );
  return {
    waitingForPeople: (filter) => people({ ...filter }),
    landedTasks: (filter) => landed({ ...filter }),
    landings: (filter) => times({ ...filter }),
  };
}
