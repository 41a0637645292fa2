/** Tasks: how one enters, and how they are listed. Their way through the stages is in transition.ts. */
import { and, desc, eq, lte, type SQL, sql } from 'drizzle-orm';
import { repos, taskDeps, tasks } from '../schema/index.ts';
import type { Connection, Sync } from './adapters/connection.ts';
import type { EventLog } from './event-log.ts';
import type { AddTaskOutcome, Engine, NewTask, TaskRow, TaskStore } from './port.ts';
import { STOPPED_SUFFIX } from './stop.ts';
import type { TaskRows } from './task-rows.ts';
import type { Transitions } from './transition.ts';

const LIVE = sql`${tasks.stage} NOT IN ('done', 'cancelled')`;
/** A cancelled task keeps its branch until its clean-up is over. */
const UNSETTLED = sql`${tasks.stage} <> 'done' AND ${tasks.cancelledAt} IS NULL`;
const LIST_LIMIT = 1000;

type TaskUses = Omit<TaskStore, 'taskEvents' | 'events' | 'appendEvent'>;

export function taskStore(
  connection: Connection,
  parts: { rows: TaskRows; moves: Transitions; log: EventLog },
): Sync<TaskUses> {
  const { orm, write } = connection;
  const { rows, moves } = parts;
  const due = orm
    .select()
    .from(tasks)
    .where(and(lte(tasks.timerDueAt, sql.placeholder('nowMs')), LIVE))
    .orderBy(tasks.timerDueAt)
    .limit(sql.placeholder('limit'))
    .prepare();
  return {
    addTask: (task, engine) => write(() => addTask(connection, parts, { task, engine })),
    getTask: (id) => rows.byId(id) ?? null,
    listTasks: ({ repoId, branch, stage, status, live, limit = LIST_LIMIT } = {}) => {
      const asked: (SQL | undefined)[] = [
        repoId === undefined ? undefined : eq(tasks.repoId, repoId),
        branch === undefined ? undefined : eq(tasks.branch, branch),
        stage === undefined ? undefined : eq(tasks.stage, stage),
        status === undefined ? undefined : eq(tasks.status, status),
        live === true ? LIVE : undefined,
      ];
      return orm
        .select()
        .from(tasks)
        .where(and(...asked))
        .orderBy(desc(tasks.createdAt), desc(tasks.id))
        .limit(limit)
        .all();
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

function addTask(
  { orm }: Connection,
  { rows, moves, log }: { rows: TaskRows; moves: Transitions; log: EventLog },
  { task, engine }: { task: NewTask; engine: Engine },
): AddTaskOutcome {
  const { dependsOn = [], actor, atMs, ...row } = task;
  if (orm.select().from(repos).where(eq(repos.id, task.repoId)).get() === undefined) return { kind: 'unknown-repo' };
  const taken = rows.byId(task.id) ?? liveTwin(orm, task);
  if (taken !== undefined) return { kind: 'exists', task: taken };
  const unknown = dependsOn.find((id) => rows.byId(id) === undefined);
  if (unknown !== undefined) return { kind: 'unknown-dependency', id: unknown };

  const state = engine.initialState(task.profile);
  orm
    .insert(tasks)
    .values({
      ...row,
      generation: generationOf(orm, task),
      state,
      stage: state.stage,
      status: state.status,
      version: 1,
      createdAt: atMs,
      updatedAt: atMs,
    })
    .run();
  for (const id of new Set(dependsOn)) orm.insert(taskDeps).values({ taskId: task.id, dependsOn: id }).run();
  const applied = moves.apply({ taskId: task.id, event: { kind: 'enqueued', atMs }, engine, actor });
  if (applied.kind === 'applied') return { kind: 'added', task: applied.task, started: applied.started };
  log.append({
    repoId: task.repoId,
    taskId: task.id,
    kind: 'enqueued',
    body: { kind: 'enqueued', atMs },
    actor,
    at: atMs,
  });
  return { kind: 'added', task: rows.byId(task.id) as TaskRow, started: [] };
}

type Orm = Connection['orm'];

function liveTwin(orm: Orm, { repoId, branch, planeIssueId }: NewTask): TaskRow | undefined {
  const same =
    planeIssueId === undefined
      ? eq(tasks.branch, branch)
      : sql`(${tasks.branch} = ${branch} OR ${tasks.planeIssueId} = ${planeIssueId})`;
  return orm
    .select()
    .from(tasks)
    .where(and(eq(tasks.repoId, repoId), UNSETTLED, same))
    .get();
}

/** Earlier tasks of the branch keep its name, or carry it in front of their tombstone. */
function generationOf(orm: Orm, { repoId, branch }: NewTask): number {
  const stone = `${branch}${STOPPED_SUFFIX}`;
  const earlier = orm
    .select({ highest: sql<number | null>`max(${tasks.generation})` })
    .from(tasks)
    .where(
      and(
        eq(tasks.repoId, repoId),
        sql`(${tasks.branch} = ${branch} OR substr(${tasks.branch}, 1, length(${stone})) = ${stone})`,
      ),
    )
    .get();
  return (earlier?.highest ?? 0) + 1;
}

/** Whether following dependencies from one task leads to the other (or it is the same). */
function reaches({ sqlite }: Connection, from: string, to: string): boolean {
  const path = sqlite.prepare(`WITH RECURSIVE reached(id) AS (
      SELECT ? UNION SELECT d.depends_on FROM task_deps d JOIN reached r ON d.task_id = r.id
    ) SELECT 1 FROM reached WHERE id = ?`);
  return path.get(from, to) !== undefined;
}
