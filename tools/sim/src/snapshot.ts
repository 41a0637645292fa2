/**
 * What the store holds at one moment, as far as an invariant reads it. Read past the store, so that the store cannot
 * hide it.
 */
import type { Cells, Database, Statement } from './database.ts';

export interface LiveJob {
  readonly id: number;
  readonly taskId: string | null;
  readonly stage: string | null;
  readonly kind: string;
  readonly state: 'ready' | 'leased';
}

export interface TaskSnapshot {
  readonly id: string;
  readonly repoId: string;
  readonly branch: string;
  readonly stage: string;
  readonly status: string;
  readonly criticalToken: number | null;
  readonly landed: boolean;
  readonly generation: number;
  readonly cancelRequestedAt: number | null;
}

export interface LeaseSnapshot {
  readonly repoId: string;
  readonly holder: string;
  readonly token: number;
  readonly renewedAt: number;
  readonly released: boolean;
}

export interface TicketSnapshot {
  readonly id: number;
  readonly repoId: string;
  readonly taskId: string;
  readonly woken: boolean;
}

export interface BaselineSnapshot {
  readonly key: string;
  readonly seq: number;
  readonly covered: number;
  readonly total: number;
  /** Its newest value was set by a person. */
  readonly overridden: boolean;
}

export interface Snapshot {
  readonly jobs: readonly LiveJob[];
  /** Highest id that any job ever had. */
  readonly newestJob: number;
  readonly tasks: ReadonlyMap<string, TaskSnapshot>;
  readonly leases: readonly LeaseSnapshot[];
  readonly tickets: readonly TicketSnapshot[];
  readonly baselines: readonly BaselineSnapshot[];
}

export const EMPTY: Snapshot = {
  jobs: [],
  newestJob: 0,
  tasks: new Map(),
  leases: [],
  tickets: [],
  baselines: [],
};

/** A part whose table no statement has written to is the very object of the snapshot before. */
export type TakeSnapshot = () => Snapshot;

const JOBS = "SELECT id, task_id, stage, kind, state FROM jobs WHERE state IN ('ready', 'leased')";
const TASKS =
  'SELECT id, repo_id, branch, stage, status, critical_token, generation, cancel_requested_at, landed_sha FROM tasks';
/** As the partial index on live tasks says it. */
const LIVE = "stage NOT IN ('done', 'cancelled')";
const LEASES = 'SELECT repo_id, holder, token, renewed_at, released_at FROM leases';
const TICKETS = 'SELECT id, repo_id, task_id, woken_at FROM tickets ORDER BY id';
const BASELINES = "SELECT repo_id || ' ' || branch, seq, mark_covered, mark_total, repo_id FROM coverage_baseline";
const OVERRIDDEN = "SELECT 1 FROM coverage_history WHERE repo_id = ? AND seq = ? AND actor NOT LIKE 'task %'";

export function snapshots({ query, touched, grown }: Database): TakeSnapshot {
  const part = <Part>(table: string, text: string, develop: (rows: readonly Cells[]) => Part): (() => Part) => {
    const read = query(text).raw();
    let developed = develop([]);
    return () => {
      if (touched.delete(table)) developed = develop(read.all() as Cells[]);
      return developed;
    };
  };
  const newest = query("SELECT seq FROM sqlite_sequence WHERE name = 'jobs'").pluck();
  const overridden = query(OVERRIDDEN);
  let newestJob = 0;
  const jobs = part('jobs', JOBS, (rows) => {
    if (grown.delete('jobs')) newestJob = (newest.get() as number | undefined) ?? 0;
    return { jobs: rows.map(jobOf), newestJob };
  });
  const tasks = part('tasks', `${TASKS} WHERE ${LIVE}`, living(query(`${TASKS} WHERE id = ?`).raw()));
  const leases = part('leases', LEASES, (rows) => rows.map(leaseOf));
  const tickets = part('tickets', TICKETS, (rows) => rows.map(ticketOf));
  const baselines = part('coverage_baseline', BASELINES, (rows) =>
    rows.map(([key, seq, covered, total, repoId]) => {
      const isOverridden = overridden.get([repoId, seq]) !== undefined;
      return { key, seq, covered, total, overridden: isOverridden } as BaselineSnapshot;
    }),
  );
  return () => ({ ...jobs(), tasks: tasks(), leases: leases(), tickets: tickets(), baselines: baselines() });
}

/** Tasks that ended are not read again: one that came back to life is found among the living. */
function living(byId: Statement): (rows: readonly Cells[]) => ReadonlyMap<string, TaskSnapshot> {
  const ended = new Map<string, TaskSnapshot>();
  let before: readonly TaskSnapshot[] = [];
  return (rows) => {
    const found = rows.map(taskOf);
    for (const { id } of before)
      if (!found.some((task) => task.id === id)) ended.set(id, taskOf(byId.get(id) as Cells));
    before = found;
    const all = new Map(ended);
    for (const task of found) all.set(task.id, task);
    return all;
  };
}

const jobOf = ([id, taskId, stage, kind, state]: Cells): LiveJob => ({ id, taskId, stage, kind, state }) as LiveJob;

const leaseOf = ([repoId, holder, token, renewedAt, releasedAt]: Cells): LeaseSnapshot =>
  ({ repoId, holder, token, renewedAt, released: releasedAt !== null }) as LeaseSnapshot;

const ticketOf = ([id, repoId, taskId, wokenAt]: Cells): TicketSnapshot =>
  ({ id, repoId, taskId, woken: wokenAt !== null }) as TicketSnapshot;

function taskOf(cells: Cells): TaskSnapshot {
  const [id, repoId, branch, stage, status, criticalToken, generation, cancelRequestedAt, landed] = cells;
  return {
    id,
    repoId,
    branch,
    stage,
    status,
    criticalToken,
    generation,
    cancelRequestedAt,
    landed: landed !== null,
  } as TaskSnapshot;
}
