/** What the store holds at one moment, as far as an invariant may look. Read past the store, so that it cannot hide. */
import type { Database } from './database.ts';

export interface LiveJob {
  readonly id: number;
  readonly taskId: string | null;
  readonly stage: string | null;
  readonly kind: string;
  readonly state: 'ready' | 'leased';
}

export interface TaskInPicture {
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

export interface LeaseInPicture {
  readonly repoId: string;
  readonly holder: string;
  readonly token: number;
  readonly renewedAt: number;
  readonly released: boolean;
}

export interface TicketInPicture {
  readonly id: number;
  readonly repoId: string;
  readonly taskId: string;
  readonly woken: boolean;
}

export interface BaselineInPicture {
  readonly key: string;
  readonly seq: number;
  readonly covered: number;
  readonly total: number;
  /** Its newest value was set by a person. */
  readonly overridden: boolean;
}

export interface Picture {
  readonly jobs: readonly LiveJob[];
  /** Highest id that any job ever had. */
  readonly newestJob: number;
  readonly tasks: ReadonlyMap<string, TaskInPicture>;
  readonly leases: readonly LeaseInPicture[];
  readonly tickets: readonly TicketInPicture[];
  readonly baselines: readonly BaselineInPicture[];
}

export const EMPTY: Picture = {
  jobs: [],
  newestJob: 0,
  tasks: new Map(),
  leases: [],
  tickets: [],
  baselines: [],
};

export type TakePicture = () => Picture;

const JOBS = "SELECT id, task_id, stage, kind, state FROM jobs WHERE state IN ('ready', 'leased')";
const TASKS =
  'SELECT id, repo_id, branch, stage, status, critical_token, generation, cancel_requested_at, landed_sha FROM tasks';
/** As the partial index on live tasks says it. */
const LIVE = "stage NOT IN ('done', 'cancelled')";
const BASELINES = `SELECT repo_id || ' ' || branch, seq, mark_covered, mark_total, (SELECT actor NOT LIKE 'task %'
    FROM coverage_history h WHERE h.repo_id = b.repo_id AND h.seq = b.seq) FROM coverage_baseline b`;
type Cells = unknown[];

export function camera({ query }: Database): TakePicture {
  const jobs = query(JOBS).raw();
  const live = query(`${TASKS} WHERE ${LIVE}`).raw();
  const byId = query(`${TASKS} WHERE id = ?`).raw();
  // Tasks that ended are not read again: one that came back to life is found among the living.
  const ended = new Map<string, TaskInPicture>();
  let living = new Map<string, TaskInPicture>();
  const tasks = (): ReadonlyMap<string, TaskInPicture> => {
    const found = new Map((live.all() as Cells[]).map((cells) => [cells[0] as string, taskOf(cells)]));
    for (const id of living.keys()) if (!found.has(id)) ended.set(id, taskOf(byId.get(id) as Cells));
    living = found;
    return ended.size === 0 ? found : new Map([...ended, ...found]);
  };
  const leases = query('SELECT repo_id, holder, token, renewed_at, released_at FROM leases').raw();
  const tickets = query('SELECT id, repo_id, task_id, woken_at FROM tickets ORDER BY id').raw();
  const baselines = query(BASELINES).raw();
  const newest = query("SELECT seq FROM sqlite_sequence WHERE name = 'jobs'").pluck();
  return () => ({
    newestJob: (newest.get() as number | undefined) ?? 0,
    jobs: (jobs.all() as Cells[]).map(jobOf),
    tasks: tasks(),
    leases: (leases.all() as Cells[]).map(leaseOf),
    tickets: (tickets.all() as Cells[]).map(ticketOf),
    baselines: (baselines.all() as Cells[]).map(baselineOf),
  });
}

const jobOf = ([id, taskId, stage, kind, state]: Cells): LiveJob => ({ id, taskId, stage, kind, state }) as LiveJob;

const leaseOf = ([repoId, holder, token, renewedAt, releasedAt]: Cells): LeaseInPicture =>
  ({ repoId, holder, token, renewedAt, released: releasedAt !== null }) as LeaseInPicture;

const ticketOf = ([id, repoId, taskId, wokenAt]: Cells): TicketInPicture =>
  ({ id, repoId, taskId, woken: wokenAt !== null }) as TicketInPicture;

const baselineOf = ([key, seq, covered, total, overridden]: Cells): BaselineInPicture =>
  ({ key, seq, covered, total, overridden: overridden === 1 }) as BaselineInPicture;

function taskOf(cells: Cells): TaskInPicture {
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
  } as TaskInPicture;
}
