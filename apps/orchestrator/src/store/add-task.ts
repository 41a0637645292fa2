/** How a task enters: once per branch and tracker issue, with its first event in the same transaction. */
import { tombstoneKey } from '@gatehouse/cancel';
import { dependencyCancelled } from './dependents.ts';
import type { EventLog } from './event-log.ts';
import type { AddTaskOutcome, Engine, NewTask, Task } from './port/index.ts';
import { type Driver, memoizeByNames, type Operation } from './sql/driver.ts';
import { cellsNamed, FOUND, insertInto, NO_ROW } from './sql/row-shape.ts';
import { TASK, type TaskRows, UNSETTLED_TASK } from './task-rows.ts';
import type { Transitions } from './transition/apply-event.ts';

interface AddParts {
  readonly rows: TaskRows;
  readonly moves: Transitions;
  readonly log: EventLog;
}

/** Set between a key and the id of the task that was stopped, so that the key is free for the next generation. */
const STOPPED_SUFFIX = tombstoneKey('', '');
const DEPEND = 'INSERT INTO task_deps (task_id, depends_on) VALUES (:taskId, :dependsOn)';

/** The store's `addTask` inside its transaction. */
export function taskAdder(
  driver: Driver,
  parts: AddParts,
): (task: NewTask, engine: Engine) => Operation<AddTaskOutcome> {
  const { row, change } = driver;
  const repo = row(FOUND, 'SELECT 1 AS found FROM repos WHERE id = :id');
  const inserting = memoizeByNames((names) => change(TASK, insertInto(TASK, names)));
  const depend = change(NO_ROW, DEPEND);
  const duplicateOf = liveDuplicates(driver);
  const generationOf = generations(driver);
  const enter = entrance(parts);
  return function* add(task, engine) {
    const { dependsOn = [], actor, atMs, ...given } = task;
    if ((yield* repo({ id: task.repoId })) === undefined) return { kind: 'unknown-repo' };
    const taken = (yield* parts.rows.byId(task.id)) ?? (yield* duplicateOf(task));
    if (taken !== undefined) return { kind: 'exists', task: taken };
    const cancelled = new Set<string>();
    for (const id of dependsOn) {
      const needed = yield* parts.rows.byId(id);
      if (needed === undefined) return { kind: 'unknown-dependency', id };
      if (needed.stage === 'cancelled') cancelled.add(id);
    }

    const state = engine.initialState(task.profile);
    const { stage, status } = state;
    const times = { createdAt: atMs, updatedAt: atMs };
    const generation = yield* generationOf(task);
    const added = { ...given, generation, state, stage, status, version: 1, ...times };
    yield* inserting(Object.keys(added))(added);
    for (const id of new Set(dependsOn)) yield* depend({ taskId: task.id, dependsOn: id });
    const entered = yield* enter(task, engine);
    const { id: taskId, repoId } = task;
    for (const id of cancelled) yield* parts.log.append(dependencyCancelled({ id, actor, atMs }, { taskId, repoId }));
    return entered;
  };
}

/** The new task's first event; where the engine has no use for it, it is on record all the same. */
function entrance({ rows, moves, log }: AddParts): (task: NewTask, engine: Engine) => Operation<AddTaskOutcome> {
  return function* enter({ id, repoId, actor, atMs }, engine) {
    const event = { kind: 'enqueued', atMs } as const;
    const applied = yield* moves.apply({ taskId: id, event, engine, actor });
    if (applied.kind === 'applied') return { kind: 'added', task: applied.task, started: applied.started };
    yield* log.append({ repoId, taskId: id, kind: event.kind, body: event, actor, at: atMs });
    return { kind: 'added', task: (yield* rows.byId(id)) as Task, started: [] };
  };
}

function liveDuplicates({ dialect: { opaque }, row }: Driver): (task: NewTask) => Operation<Task | undefined> {
  const duplicate = row(
    TASK,
    `SELECT ${TASK.list} FROM tasks WHERE repo_id = ${opaque(':repoId')} AND ${UNSETTLED_TASK}
       AND (branch = ${opaque(':branch')} OR plane_issue_id = ${opaque(':planeIssueId')})`,
  );
  return ({ repoId, branch, planeIssueId = null }: Omit<NewTask, 'planeIssueId'> & { planeIssueId?: string | null }) =>
    duplicate({ repoId, branch, planeIssueId });
}

/** Earlier tasks of the branch keep its name, or carry it in front of their tombstone. */
function generations({ dialect: { opaque }, row }: Driver): (task: NewTask) => Operation<number> {
  const earlier = row(
    cellsNamed<{ highest: number | null }>('highest'),
    `SELECT max(generation) AS highest FROM tasks
     WHERE repo_id = ${opaque(':repoId')} AND (branch = ${opaque(':branch')}
       OR (branch >= ${opaque(':tombstoned')} AND branch < ${opaque(':behindTombstoned')}))`,
  );
  return function* generationOf({ repoId, branch }) {
    const tombstoned = `${branch}${STOPPED_SUFFIX}`;
    const highest = yield* earlier({ repoId, branch, tombstoned, behindTombstoned: prefixUpperBound(tombstoned) });
    return (highest?.highest ?? 0) + 1;
  };
}

/** The first name, as bytes are ordered, behind all that start with `prefix`, which ends in ASCII. */
function prefixUpperBound(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}
