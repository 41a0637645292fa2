/**
 * What the store holds at one moment, as far as an invariant reads it. Read past the store, so that the store cannot
 * hide it.
 */
import type { Database, Statement } from './database.ts';

/** SQLite has no booleans: 1 is true. */
export type Flag = boolean | 0 | 1;

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
  readonly landed: Flag;
  readonly generation: number;
  readonly cancelRequestedAt: number | null;
}

export interface LeaseSnapshot {
  readonly repoId: string;
  readonly holder: string;
  readonly token: number;
  readonly renewedAt: number;
  readonly released: Flag;
}

export interface TicketSnapshot {
  readonly id: number;
  readonly repoId: string;
  readonly taskId: string;
  readonly woken: Flag;
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

const JOBS = `SELECT id, task_id AS taskId, stage, kind, state FROM jobs WHERE state IN ('ready', 'leased')`;
const TASKS = `SELECT id, repo_id AS repoId, branch, stage, status, critical_token AS criticalToken,
    landed_sha IS NOT NULL AS landed, generation, cancel_requested_at AS cancelRequestedAt FROM tasks`;
/** As the partial index on live tasks says it. */
const LIVE = "stage NOT IN ('done', 'cancelled')";
const LEASES = `SELECT repo_id AS repoId, holder, token, renewed_at AS renewedAt, released_at IS NOT NULL AS released
  FROM leases`;
const TICKETS = `SELECT id, repo_id AS repoId, task_id AS taskId, woken_at IS NOT NULL AS woken FROM tickets ORDER BY id`;
const BASELINES = `SELECT repo_id || ' ' || branch AS key, seq, mark_covered AS covered, mark_total AS total, repo_id AS repoId
  FROM coverage_baseline`;
const OVERRIDDEN = "SELECT 1 FROM coverage_history WHERE repo_id = ? AND seq = ? AND actor NOT LIKE 'task %'";

export function snapshots({ query, touched, grown }: Database): TakeSnapshot {
  const part = <Row, Part>(table: string, text: string, develop: (rows: readonly Row[]) => Part): (() => Part) => {
    const read = query(text);
    let developed = develop([]);
    return () => {
      if (touched.delete(table)) developed = develop(read.all([]) as Row[]);
      return developed;
    };
  };
  const newest = query("SELECT seq FROM sqlite_sequence WHERE name = 'jobs'").pluck();
  const overridden = query(OVERRIDDEN);
  let newestJob = 0;
  const jobs = part('jobs', JOBS, (rows: readonly LiveJob[]) => {
    if (grown.delete('jobs')) newestJob = (newest.get() as number | undefined) ?? 0;
    return { jobs: rows, newestJob };
  });
  const tasks = part('tasks', `${TASKS} WHERE ${LIVE}`, living(query(`${TASKS} WHERE id = ?`)));
  const leases = part('leases', LEASES, (rows: readonly LeaseSnapshot[]) => rows);
  const tickets = part('tickets', TICKETS, (rows: readonly TicketSnapshot[]) => rows);
  const baselines = part('coverage_baseline', BASELINES, (rows: readonly StoredBaseline[]) =>
    rows.map(({ key, seq, covered, total, repoId }): BaselineSnapshot => {
      return { key, seq, covered, total, overridden: overridden.get([repoId, seq]) !== undefined };
    }),
  );
  return () => {
    const { jobs: live, newestJob: newestId } = jobs();
    return {
      jobs: live,
      newestJob: newestId,
      tasks: tasks(),
      leases: leases(),
      tickets: tickets(),
      baselines: baselines(),
    };
  };
}

type StoredBaseline = Omit<BaselineSnapshot, 'overridden'> & { readonly repoId: string };

/** Tasks that ended are not read again: one that came back to life is found among the living. */
function living(byId: Statement): (rows: readonly TaskSnapshot[]) => ReadonlyMap<string, TaskSnapshot> {
  const ended = new Map<string, TaskSnapshot>();
  let before: readonly TaskSnapshot[] = [];
  return (rows) => {
    const found = new Set(rows.map(({ id }) => id));
    for (const { id } of before) if (!found.has(id)) ended.set(id, byId.get(id) as TaskSnapshot);
    before = rows;
    const all = new Map(ended);
    for (const task of rows) all.set(task.id, task);
    return all;
  };
}
