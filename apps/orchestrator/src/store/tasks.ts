/** Tasks: how they are listed, and what they wait for. How one enters is in add-task.ts, its way on in transition/. */
import { tombstoneKey } from '@gatehouse/cancel';
import { taskAdder } from './add-task.ts';
import type { EventLog } from './event-log.ts';
import type { Task, TaskStore } from './port/index.ts';
import { type Driver, memoizeByNames, type Operations } from './sql/driver.ts';
import { cellsNamed, FOUND, NO_ROW } from './sql/row-shape.ts';
import { LIVE_TASK, TASK, type TaskRows } from './task-rows.ts';
import type { Transitions } from './transition/apply-event.ts';

const LIST_LIMIT = 1000;
/** Columns that a listing may be asked for by, and what it is asked with. */
const FILTERS = { repoId: 'repo_id', branch: 'branch', stage: 'stage', status: 'status' } as const;

export interface TaskParts {
  readonly rows: TaskRows;
  readonly moves: Transitions;
  readonly log: EventLog;
}

export function taskStore(driver: Driver, parts: TaskParts): Operations<TaskStore> {
  const { dialect, row, rows, write } = driver;
  const due = rows(
    TASK,
    `SELECT ${TASK.list} FROM tasks
     WHERE timer_due_at IS NOT NULL AND timer_due_at <= :nowMs AND ${LIVE_TASK}
     ORDER BY timer_due_at LIMIT ${dialect.opaqueLimit(':limit')}`,
  );
  const listing = memoizeByNames((names) => {
    const asked = Object.entries(FILTERS)
      .filter(([name]) => names.includes(name))
      .map(([name, column]) => `${column} = ${dialect.opaque(`:${name}`)}`);
    if (names.includes('behind'))
      asked.push(`(created_at, id) < (${dialect.opaque(':createdAt')}, ${dialect.opaque(':id')})`);
    const conditions = names.includes('live') ? [...asked, LIVE_TASK] : asked;
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    return rows(
      TASK,
      `SELECT ${TASK.list} FROM tasks ${where}
       ORDER BY created_at DESC, id DESC LIMIT ${dialect.opaqueLimit(':limit')}`,
    );
  });
  const called = rows(
    TASK,
    `SELECT ${TASK.list} FROM tasks
     WHERE id = :name OR key = :name OR branch = :name OR (key >= :stopped AND key < :after)
        OR (branch >= :stopped AND branch < :after)
     ORDER BY created_at DESC, id DESC LIMIT 100`,
  );
  const namesakes = rows(
    cellsNamed<{ id: string; earlier: string }>('id', 'earlier'),
    `SELECT id, earlier FROM (
       SELECT t.id, (SELECT o.id FROM tasks o WHERE o.key = t.key AND o.repo_id = t.repo_id AND o.id <> t.id
         AND o.landed_sha IS NOT NULL ORDER BY o.created_at DESC, o.id DESC LIMIT 1) AS earlier
       FROM tasks t WHERE ${dialect.isListed('t.id', ':ids')}) AS asked WHERE earlier IS NOT NULL`,
  );
  const count = row(cellsNamed<{ count: number }>('count'), 'SELECT count(*) AS count FROM tasks');
  const add = taskAdder(driver, parts);
  return {
    addTask: (task, engine) => write(() => add(task, engine)),
    *getTask(id) {
      return (yield* parts.rows.byId(id)) ?? null;
    },
    listTasks: ({ limit = LIST_LIMIT, live, behind, ...filter } = {}) => {
      const asked = Object.keys(FILTERS).filter((name) => filter[name as keyof typeof FILTERS] !== undefined);
      if (live === true) asked.push('live');
      if (behind !== undefined) asked.push('behind');
      return listing(asked)({ ...filter, ...behind, limit });
    },
    tasksCalled: (name) => called({ name, ...tombstonesOf(name) }),
    landedNamesakes: (ids) => namesakes({ ids: dialect.listOf(ids) }),
    *countTasks() {
      return (yield* count({}))?.count ?? 0;
    },
    dueTimers: (nowMs, limit) => due({ nowMs, limit }),
    applyEvent: parts.moves.apply,
    ...dependencies(driver, parts.rows),
  };
}

/** What the names of its stopped tasks begin with, and what comes right behind all of them. */
function tombstonesOf(name: string): { readonly stopped: string; readonly after: string } {
  const stopped = tombstoneKey(name, '');
  return { stopped, after: `${stopped.slice(0, -1)}\u007f` };
}

const WAITS_FOR = `SELECT t.id, t.stage FROM task_deps d JOIN tasks t ON t.id = d.depends_on
  WHERE d.task_id = :taskId ORDER BY t.id`;
/** Whether following dependencies from one task leads to the other (or it is the same). */
const REACHES = `WITH RECURSIVE reached(id) AS (
    SELECT :from UNION SELECT d.depends_on FROM task_deps d JOIN reached r ON d.task_id = r.id
  ) SELECT 1 AS found FROM reached WHERE id = :to`;
const DEPEND = 'INSERT INTO task_deps (task_id, depends_on) VALUES (:taskId, :dependsOn) ON CONFLICT DO NOTHING';

type Dependencies = Pick<TaskStore, 'dependenciesOf' | 'addDependency'>;

function dependencies({ row, rows, change, write }: Driver, tasks: TaskRows): Operations<Dependencies> {
  const waitsFor = rows(cellsNamed<Pick<Task, 'id' | 'stage'>>('id', 'stage'), WAITS_FOR);
  const reaches = row(FOUND, REACHES);
  const depend = change(NO_ROW, DEPEND);
  function* add(taskId: string, dependsOn: string): ReturnType<Operations<Dependencies>['addDependency']> {
    if ((yield* tasks.byId(taskId)) === undefined) return { kind: 'unknown-task' };
    if ((yield* tasks.byId(dependsOn)) === undefined) return { kind: 'unknown-task' };
    if ((yield* reaches({ from: dependsOn, to: taskId })) !== undefined) return { kind: 'cycle' };
    yield* depend({ taskId, dependsOn });
    return { kind: 'added' };
  }
  return {
    dependenciesOf: (taskId) => waitsFor({ taskId }),
    addDependency: (taskId, dependsOn) => write(() => add(taskId, dependsOn)),
  };
}
