/** Tasks: how one enters, and how they are listed. Their way through the stages is in transition.ts. */
import { and, desc, eq, gte, isNotNull, lt, lte, or, sql } from 'drizzle-orm';
import { repos, taskDeps, tasks } from '../schema/index.ts';
import type { Connection, SyncPort } from './adapters/connection.ts';
import { STOPPED_SUFFIX } from './cancellations.ts';
import type { EventLog } from './event-log.ts';
import { givenLimit, memoizeByNames, opaque, placeholdersFor } from './placeholders.ts';
import type { AddTaskOutcome, Engine, NewTask, Task, TaskStore } from './port.ts';
import { prepareSelect, prepareUpdate } from './prepared-queries.ts';
import { type TaskRows, UNSETTLED } from './task-rows.ts';
import type { Transitions } from './transition/apply-event.ts';

const LIVE = sql`${tasks.stage} NOT IN ('done', 'cancelled')`;
const LIST_LIMIT = 1000;
const FILTERS = ['repoId', 'branch', 'stage', 'status'] as const;

type TaskUses = Omit<TaskStore, 'taskEvents' | 'events' | 'appendEvent'>;

export function taskStore(
  connection: Connection,
  parts: { rows: TaskRows; moves: Transitions; log: EventLog },
): SyncPort<TaskUses> {
  const { orm, write } = connection;
  const { rows, moves } = parts;
  const awake = orm
    .select()
    .from(tasks)
    .where(and(isNotNull(tasks.timerDueAt), lte(tasks.timerDueAt, sql.placeholder('nowMs')), LIVE))
    .orderBy(tasks.timerDueAt)
    .limit(givenLimit);
  const due = prepareSelect(connection, tasks, awake);
  const listing = memoizeByNames((names) => {
    const asked = FILTERS.filter((name) => names.includes(name));
    const listed = orm
      .select()
      .from(tasks)
      .where(and(...asked.map((name) => eq(tasks[name], opaque(name))), names.includes('live') ? LIVE : undefined))
      .orderBy(desc(tasks.createdAt), desc(tasks.id))
      .limit(givenLimit);
    return prepareSelect(connection, tasks, listed);
  });
  const add = taskAdder(connection, parts);
  return {
    addTask: (task, engine) => write(() => add(task, engine)),
    getTask: (id) => rows.byId(id) ?? null,
    listTasks: ({ limit = LIST_LIMIT, live, ...filter } = {}) => {
      const asked: string[] = FILTERS.filter((name) => filter[name] !== undefined);
      return listing(live === true ? [...asked, 'live'] : asked).all({ ...filter, limit });
    },
    dueTimers: (nowMs, limit) => due.all({ nowMs, limit }),
    dependenciesOf: (taskId) =>
      orm
        .select({ id: tasks.id, stage: tasks.stage })
        .from(taskDeps)
        .innerJoin(tasks, eq(tasks.id, taskDeps.dependsOn))
        .where(eq(taskDeps.taskId, taskId))
        .orderBy(tasks.id)
        .all(),
    addDependency: (taskId, dependsOn) =>
      write(() => {
        if (rows.byId(taskId) === undefined || rows.byId(dependsOn) === undefined) return { kind: 'unknown-task' };
        if (reaches(connection, dependsOn, taskId)) return { kind: 'cycle' };
        orm.insert(taskDeps).values({ taskId, dependsOn }).onConflictDoNothing().run();
        return { kind: 'added' };
      }),
    applyEvent: moves.apply,
  };
}

function taskAdder(
  connection: Connection,
  { rows, moves, log }: { rows: TaskRows; moves: Transitions; log: EventLog },
): (task: NewTask, engine: Engine) => AddTaskOutcome {
  const { orm } = connection;
  const repo = orm
    .select({ id: repos.id })
    .from(repos)
    .where(eq(repos.id, sql.placeholder('id')))
    .prepare();
  const inserting = memoizeByNames((names) =>
    prepareUpdate(connection, orm.insert(tasks).values(placeholdersFor(names as (keyof typeof tasks.$inferInsert)[]))),
  );
  const depend = orm
    .insert(taskDeps)
    .values(placeholdersFor(['taskId', 'dependsOn']))
    .prepare();
  const twinOf = liveDuplicate(connection);
  const generationOf = generations(connection);
  return (task, engine) => {
    const { dependsOn = [], actor, atMs, ...given } = task;
    if (repo.get({ id: task.repoId }) === undefined) return { kind: 'unknown-repo' };
    const taken = rows.byId(task.id) ?? twinOf(task);
    if (taken !== undefined) return { kind: 'exists', task: taken };
    const unknown = dependsOn.find((id) => rows.byId(id) === undefined);
    if (unknown !== undefined) return { kind: 'unknown-dependency', id: unknown };

    const state = engine.initialState(task.profile);
    const { stage, status } = state;
    const times = { createdAt: atMs, updatedAt: atMs };
    const row = { ...given, generation: generationOf(task), state, stage, status, version: 1, ...times };
    inserting(Object.keys(row))(row);
    for (const id of new Set(dependsOn)) depend.run({ taskId: task.id, dependsOn: id });
    const event = { kind: 'enqueued', atMs } as const;
    const applied = moves.apply({ taskId: task.id, event, engine, actor });
    if (applied.kind === 'applied') return { kind: 'added', task: applied.task, started: applied.started };
    log.append({ repoId: task.repoId, taskId: task.id, kind: event.kind, body: event, actor, at: atMs });
    return { kind: 'added', task: rows.byId(task.id) as Task, started: [] };
  };
}

function liveDuplicate(connection: Connection): (task: NewTask) => Task | undefined {
  const { orm } = connection;
  const branch = eq(tasks.branch, opaque('branch'));
  const issue = eq(tasks.planeIssueId, opaque('planeIssueId'));
  const twin = prepareSelect(
    connection,
    tasks,
    orm
      .select()
      .from(tasks)
      .where(and(eq(tasks.repoId, opaque('repoId')), UNSETTLED, or(branch, issue))),
  );
  return ({ repoId, branch, planeIssueId }) => twin.get({ repoId, branch, planeIssueId: planeIssueId ?? null });
}

/** Earlier tasks of the branch keep its name, or carry it in front of their tombstone. */
function generations({ orm }: Connection): (task: NewTask) => number {
  const isStone = and(gte(tasks.branch, opaque('stone')), lt(tasks.branch, opaque('behindStones')));
  const earlier = orm
    .select({ highest: sql<number | null>`max(${tasks.generation})` })
    .from(tasks)
    .where(and(eq(tasks.repoId, opaque('repoId')), or(eq(tasks.branch, opaque('branch')), isStone)))
    .prepare();
  return ({ repoId, branch }) => {
    const stone = `${branch}${STOPPED_SUFFIX}`;
    return (earlier.get({ repoId, branch, stone, behindStones: prefixUpperBound(stone) })?.highest ?? 0) + 1;
  };
}

/** The first name, as bytes are ordered, behind all that start with `start`, which ends in ASCII. */
function prefixUpperBound(start: string): string {
  return start.slice(0, -1) + String.fromCharCode(start.charCodeAt(start.length - 1) + 1);
}

/** Whether following dependencies from one task leads to the other (or it is the same). */
function reaches({ sqlite }: Connection, from: string, to: string): boolean {
  const path = sqlite.prepare(`WITH RECURSIVE reached(id) AS (
      SELECT ? UNION SELECT d.depends_on FROM task_deps d JOIN reached r ON d.task_id = r.id
    ) SELECT 1 FROM reached WHERE id = ?`);
  return path.get(from, to) !== undefined;
}
