/**
 * What claims have found out about ready jobs that they may not take (docs/adr/0020): `held_by` takes such a job out of the
 * index that a claim looks into, so that the next claim does not meet it. It is a note, not a rule: the claim asks
 * every rule of the job that it takes. Whoever changes what holds a job lifts the note, in the same transaction.
 *
 * Of the jobs that their repository holds, the first of each kind is lifted at a time, and the next one when that one has
 * left: so a repository with any number of them is opened in a few steps, and still in its order.
 */
import type { HeldBy } from '../schema/stored-values.ts';
import { CLAIM_RULES, type ClaimRule, passesIn } from './claim-rules.ts';
import { LIVE_JOB } from './job-rows.ts';
import type { JobKind } from './port/index.ts';
import type { Dialect } from './sql/dialect.ts';
import { type Driver, memoizeByNames, type Operation } from './sql/driver.ts';
import { NO_ROW } from './sql/row-shape.ts';
import { LIVE_TASK } from './task-rows.ts';

/** A ready job that no claim has found held. As the index `jobs_free` says it. */
export const FREE_JOB = `state = 'ready' AND held_by IS NULL`;
/** A ready job that is held. As the index `jobs_held` says it. */
const HELD_JOB = `state = 'ready' AND held_by IS NOT NULL`;
const isDue = ({ opaque }: Dialect): string => `held_by = 'time' AND available_at <= ${opaque(':nowMs')}`;

/** A ready job that the rule does not pass. */
export interface Hold {
  readonly jobId: number;
  readonly repoId: string;
  readonly kind: JobKind;
  readonly rule: ClaimRule & { readonly heldBy: HeldBy };
  /** What the rules are asked with. */
  readonly values: Readonly<Record<string, unknown>>;
}

export interface Holds {
  /** Notes down that the job is held; if its repository holds it, so are all of its kind there that the rule does not pass. */
  readonly put: (hold: Hold) => Operation<void>;
  /** The first held job of each kind may be claimed, as far as its repository is asked. */
  readonly liftRepo: (repoId: string) => Operation<void>;
  /** The task has moved: its jobs, and those of the tasks that waited for it if it is over, are looked at again. */
  readonly liftTask: (task: { readonly id: string; readonly isOver: boolean }) => Operation<void>;
  /** Jobs whose time has come. */
  readonly liftDue: (nowMs: number) => Operation<number>;
  /** Forgets every note. */
  readonly liftAll: () => Operation<number>;
}

const KINDS: readonly JobKind[] = ['landing', 'reading', 'gate', 'agent', 'probe'];
const liftRepo = ({ opaque }: Dialect): string => {
  const firstHeld = (kind: JobKind): string => `(SELECT id FROM jobs WHERE repo_id = ${opaque(':repoId')}
    AND kind = '${kind}' AND state = 'ready' AND held_by = 'repository' ORDER BY sort_key, id LIMIT 1)`;
  return `UPDATE jobs SET held_by = NULL WHERE id IN (${KINDS.map(firstHeld).join(', ')})`;
};
/** The task that goes first in a serial repository. */
const front = ({
  opaque,
}: Dialect): string => `SELECT id FROM tasks WHERE repo_id = ${opaque(':repoId')} AND ${LIVE_TASK}
  AND status <> 'blocked' AND started_at IS NOT NULL ORDER BY started_at, id LIMIT 1`;
const WAITING = 'SELECT task_id FROM task_deps WHERE depends_on = :id';
/** From the tasks to their jobs, of which there are few, and not through all that is held. */
const ofTasks = ({ unindexed }: Dialect, tasks: string, held: string): string => `UPDATE jobs SET held_by = NULL
  WHERE task_id ${tasks} AND ${LIVE_JOB} AND state = 'ready' AND ${unindexed('held_by')} ${held}`;

export function holds({ dialect, change }: Driver): Holds {
  const one = change(NO_ROW, `UPDATE jobs SET held_by = :heldBy WHERE id = :jobId AND ${FREE_JOB}`);
  const likeIt = memoizeByNames(([name]) => {
    const rule = CLAIM_RULES.find((one) => one.name === name);
    const passes = rule === undefined ? 'TRUE' : passesIn(dialect, rule);
    return change(
      NO_ROW,
      `UPDATE jobs SET held_by = 'repository' WHERE id IN (
         SELECT j.id FROM jobs j JOIN repos r ON r.id = j.repo_id LEFT JOIN tasks t ON t.id = j.task_id
         WHERE j.repo_id = ${dialect.opaque(':repoId')} AND j.kind = ${dialect.opaque(':kind')} AND j.state = 'ready' AND j.held_by IS NULL AND NOT (${passes}))`,
    );
  });
  const liftFirst = change(NO_ROW, liftRepo(dialect));
  const liftFront = change(NO_ROW, ofTasks(dialect, `= (${front(dialect)})`, `= 'repository'`));
  const liftOwn = change(NO_ROW, ofTasks(dialect, `= ${dialect.opaque(':id')}`, 'IS NOT NULL'));
  const liftWaiting = change(NO_ROW, ofTasks(dialect, `IN (${WAITING})`, `= 'task'`));
  const liftDue = change(NO_ROW, `UPDATE jobs SET held_by = NULL WHERE ${HELD_JOB} AND ${isDue(dialect)}`);
  const liftAll = change(NO_ROW, `UPDATE jobs SET held_by = NULL WHERE ${HELD_JOB}`);
  return {
    *put({ jobId, repoId, kind, rule, values }) {
      if (rule.heldBy === 'repository') yield* likeIt([rule.name])({ ...values, repoId, kind });
      else yield* one({ jobId, heldBy: rule.heldBy });
      // It may have been held with the others while another rule held it.
      if (rule.name === 'serial-gate') yield* liftFront({ repoId });
      if (rule.heldBy !== 'repository') yield* liftFirst({ repoId });
    },
    *liftRepo(repoId) {
      yield* liftFirst({ repoId });
    },
    *liftTask({ id, isOver }) {
      yield* liftOwn({ id });
      if (isOver) yield* liftWaiting({ id });
    },
    liftDue: (nowMs) => liftDue({ nowMs }),
    liftAll: () => liftAll({}),
  };
}

/** Whether a claim of these kinds can find anything: `:nowMs`. */
export const isAnythingFree = (dialect: Dialect, kinds: readonly string[]): string => `SELECT 1 AS found
  WHERE EXISTS (SELECT 1 FROM jobs WHERE ${FREE_JOB} AND kind IN (${kinds.map((kind) => `'${kind}'`).join(', ')}))
    OR EXISTS (SELECT 1 FROM jobs WHERE ${HELD_JOB} AND ${isDue(dialect)})`;
