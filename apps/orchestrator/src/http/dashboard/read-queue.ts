/** What the queue page tells, read in one go: each repository's queue in queue order, who needs a person, what landed. */
import { recoverKey } from '@gatehouse/cancel';
import type { z } from '@hono/zod-openapi';
import type { ServiceContext } from '../../context.ts';
import { isOfPlaces } from '../../store/claim-rules.ts';
import type { GateRun, Job, Repository, Task } from '../../store/port/index.ts';
import { readPlaceMs } from '../../store/queue-line.ts';
import { liveJobsOf, type Shows, showTasks } from '../shown-tasks.ts';
import type { taskView } from '../views.ts';
import { type StepWords, stepWordsWith } from './task-words.ts';
import { type Segment, waysOf } from './way.ts';

export type ReadsBoard = Shows & Pick<ServiceContext, 'checkOfGate' | 'feed' | 'startedAt'>;

export interface QueueRow {
  readonly task: Task;
  readonly view: z.infer<typeof taskView>;
  readonly words: StepWords;
  /** Null: it stands in no queue. */
  readonly position: number | null;
  readonly isRunning: boolean;
  readonly way: readonly Segment[];
  /** How long its step has run, and about how long such a step takes. */
  readonly pace: { readonly elapsedMs: number; readonly usualMs: number | null } | null;
  /** Only those before it hold it up. False: it waits for a person, a pause, a time or another task, and no place says how long. */
  readonly isInLine: boolean;
  /** Until it is over, as far as can be told: a place takes what the merge check usually takes; null: nobody can tell. */
  readonly waitMs: number | null;
}

export interface RepositoryQueue {
  readonly repo: Repository;
  /** How long half of those landings took that are counted below; null: none landed. */
  readonly halfWithinMs: number | null;
  readonly landedToday: number;
  /** Those in the queue in their order, and behind them those that are being stopped. */
  readonly rows: readonly QueueRow[];
  /** How many stand in the queue. */
  readonly total: number;
  /** Beside it, so many wait for a person; at most as many as the page shows. */
  readonly people: number;
  /** Standing in the queue behind those that are shown. */
  readonly more: number;
}

export interface QueueContent {
  readonly queues: readonly RepositoryQueue[];
  readonly people: readonly QueueRow[];
  readonly landed: readonly Task[];
  readonly nowMs: number;
}

const DAY_MS = 86_400_000;
const SHOWN = { ofOne: 50, ofMany: 20, people: 15, landed: 8, stopping: 5 } as const;

/** `only`: one repository, with more of its rows. */
export async function readQueues(service: ReadsBoard, only?: string): Promise<QueueContent> {
  const { store } = service;
  const repos = (await store.listRepos()).filter(({ id }) => only === undefined || id === only);
  const shown = repos.length === 1 ? SHOWN.ofOne : SHOWN.ofMany;
  const queues: RepositoryQueue[] = [];
  const people: QueueRow[] = [];
  const landed: Task[] = [];
  for (const repo of repos) {
    const repoId = repo.id;
    const standing = await store.queueOf({ repoId, limit: shown });
    const placeMs = await readPlaceMs(service, repoId);
    const line = { positions: new Map(standing.rows.map(({ task, position }) => [task.id, position])), placeMs };
    const today = { repoId, sinceMs: service.now() - DAY_MS };
    const landings = await store.landings({ ...today, limit: 1000 });
    const tasks = standing.rows.map(({ task }) => task);
    const stopping = await store.listTasks({ repoId, status: 'stopping', live: true, limit: SHOWN.stopping });
    const waiting = await rowsOf(service, await store.waitingForPeople({ repoId, limit: SHOWN.people }), line);
    queues.push({
      repo,
      people: waiting.length,
      rows: await rowsOf(service, [...tasks, ...stopping], line),
      total: standing.total,
      more: standing.total - tasks.length,
      landedToday: landings.length,
      halfWithinMs: median(landings.map(({ createdAt, landedAt }) => landedAt - createdAt)),
    });
    people.push(...waiting);
    landed.push(...(await store.landedTasks({ ...today, limit: SHOWN.landed })));
  }
  const newest = landed.toSorted((one, other) => landedAtOf(other) - landedAtOf(one)).slice(0, SHOWN.landed);
  return { queues, people: people.slice(0, SHOWN.people), landed: newest, nowMs: service.now() };
}

export const landedAtOf = ({ landedAt, updatedAt }: Task): number => landedAt ?? updatedAt;

/** Where tasks stand in the queue, and what a place in it takes. */
interface Line {
  readonly positions: ReadonlyMap<string, number>;
  readonly placeMs: number | null;
}

/** The queue of those whose place in one is not asked. */
export const NOWHERE: Line = { positions: new Map(), placeMs: null };

/** Rows of tasks; `line` is the queue that they may stand in. */
export async function rowsOf(service: ReadsBoard, tasks: readonly Task[], line: Line): Promise<QueueRow[]> {
  const { store } = service;
  const jobs = await liveJobsOf(store, tasks);
  const views = await showTasks(service, tasks, { liveJobs: jobs });
  const rows: QueueRow[] = [];
  for (const [at, task] of tasks.entries()) {
    const view = views[at];
    if (view === undefined) continue;
    const job = jobs.find(({ taskId, state }) => taskId === task.id && state === 'leased');
    const runs = await store.gateRuns({ taskId: task.id, limit: RUNS });
    const pace = job === undefined ? null : await paceOf(service, job);
    const position = asksPerson(task) ? null : (line.positions.get(task.id) ?? null);
    const isInLine = waitsItsTurn(task, view);
    rows.push({
      task: { ...task, branch: recoverKey(task.branch) },
      view,
      words: stepWordsWith(service.checkOfGate),
      position,
      isRunning: job !== undefined,
      way: waysOf(task, { runs: latest(runs), isRunning: job !== undefined, checkOfGate: service.checkOfGate }),
      pace,
      isInLine,
      waitMs:
        line.placeMs === null || position === null || !isInLine
          ? null
          : Math.max(0, position * line.placeMs - (pace?.elapsedMs ?? 0)),
    });
  }
  return rows;
}

/** Nothing but a person ends its wait. */
const asksPerson = ({ status, timerDueAt }: Task): boolean => status === 'waiting' && timerDueAt === null;

/** It is next, or others have the lease or the places; whatever else holds it up is no matter of those before it. */
const waitsItsTurn = ({ state }: Task, { reason, held_by: heldBy }: QueueRow['view']): boolean =>
  reason === null || state.waiting?.cause === 'lock-busy' || (heldBy !== null && isOfPlaces(heldBy));

const RUNS = 24;

function latest(runs: readonly GateRun[]): ReadonlyMap<string, GateRun> {
  const byCheck = new Map<string, GateRun>();
  for (const run of runs) if (!byCheck.has(run.check)) byCheck.set(run.check, run);
  return byCheck;
}

/** Since the first command of the claim, or since the claim where none has ended yet. */
async function paceOf({ store, now }: ReadsBoard, { id, taskId, repoId, step, progressAt }: Job) {
  const commands = taskId === null ? [] : await store.commandRuns({ taskId, limit: 20 });
  const starts = commands.filter(({ jobId }) => jobId === id).map(({ startedAt }) => startedAt);
  const sinceMs = Math.min(progressAt ?? now(), ...starts);
  const usualMs = median(await store.lastDurations({ repoId, check: step, limit: 20 }));
  return { elapsedMs: Math.max(0, now() - sinceMs), usualMs };
}

/** Null: of nothing. */
function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[sorted.length >> 1] ?? null;
}
