/** Tasks as every route and the board show them: the record and its one explanation (explain-waiting.ts). */
import { isTerminal } from '@gatehouse/stage-engine';
import type { z } from '@hono/zod-openapi';
import type { ServiceContext } from '../context.ts';
import { checkDiskSpace } from '../platform/disk-space.ts';
import { papersDir } from '../policy/task-key.ts';
import { everyTask } from '../store/every-task.ts';
import type { Breaker, Job, Task } from '../store/port/index.ts';
import { type Explanation, explainTask, type Mover, type QueueSnapshot, standstillOf } from './explain-waiting.ts';
import { lastAnswersOf } from './last-answers.ts';
import { type Page, type PageAsked, type Place, pageOf, placeOf } from './page.ts';
import { mayStandStill } from './standstill.ts';
import { type taskView, viewOf } from './views.ts';

/** What showing a task reads. */
export type Shows = Pick<
  ServiceContext,
  'activeClaims' | 'dataDir' | 'foreseenConflicts' | 'host' | 'mirrors' | 'now' | 'settings' | 'store' | 'workspaces'
>;

/** What the caller has read already. */
interface Known {
  readonly breakers?: readonly Breaker[];
  /** Every ready or leased job of these tasks. */
  readonly liveJobs?: readonly Job[];
}

/** Each task with the reason why it waits; the same one at the same moment, however many are asked for. */
export async function showTasks(
  service: Shows,
  tasks: readonly Task[],
  known: Known = {},
): Promise<z.infer<typeof taskView>[]> {
  const snapshot = await readSnapshot(service, tasks, known);
  const keys = await usedKeys(service.store, tasks);
  return tasks.map((task) => viewOf(task, explain(task, snapshot, keys)));
}

/** By the task's id. */
type UsedKeys = ReadonlyMap<string, string>;

function explain(task: Task, snapshot: QueueSnapshot, keys: UsedKeys): Explanation {
  const explanation = explainTask(task, snapshot);
  const used = keys.get(task.id);
  return used === undefined ? explanation : { ...explanation, warnings: [...explanation.warnings, used] };
}

/** Tasks whose papers lie where those of an earlier task are that main has. */
async function usedKeys(store: Shows['store'], tasks: readonly Task[]): Promise<UsedKeys> {
  const asked = new Map(
    tasks.flatMap((task) => (task.profile === 'full' && !isTerminal(task.stage) ? [[task.id, task.key]] : [])),
  );
  if (asked.size === 0) return new Map();
  const used = await store.landedNamesakes([...asked.keys()]);
  return new Map(
    used.map(({ id, earlier }) => {
      const key = asked.get(id) ?? '';
      const words = `${earlier}, which has landed, had the key ${key}, too: its papers are in ${papersDir(key)} on main, and agents may take them for this task's`;
      return [id, words];
    }),
  );
}

/** Tasks behind the cursor, newest first. */
export async function pageOfTasks(store: Shows['store'], asked: PageAsked): Promise<Page<Task>> {
  const total = await store.countTasks();
  return pageOf(await store.listTasks({ limit: asked.limit + 1, ...behind(asked) }), asked.limit, { total, place });
}

/** Tasks that are not over, behind the cursor, newest first. */
export async function pageOfLiveTasks(store: Shows['store'], asked: PageAsked, total: number): Promise<Page<Task>> {
  const read = await store.listTasks({ live: true, limit: asked.limit + 1, ...behind(asked) });
  return pageOf(read, asked.limit, { total, place });
}

const place = ({ createdAt, id }: Task): Place => [createdAt, id];

function behind(asked: PageAsked): { behind?: Pick<Task, 'createdAt' | 'id'> } {
  const [createdAt, id] = placeOf(asked) ?? [];
  return createdAt === undefined ? {} : { behind: { createdAt: Number(createdAt), id: String(id) } };
}

/** One task as `showTasks` shows it. */
export async function showTask(service: Shows, task: Task): Promise<z.infer<typeof taskView>> {
  const snapshot = await readSnapshot(service, [task], {});
  return viewOf(task, explain(task, snapshot, await usedKeys(service.store, [task])));
}

/** Answers why a task waits and what its people should know, as every place shows it. */
export const explainerOf =
  (service: Shows) =>
  async (task: Task): Promise<Explanation> =>
    explain(task, await readSnapshot(service, [task], {}), await usedKeys(service.store, [task]));

/** The live tasks that stand still although nothing explains it, with what should have happened. */
export async function standstills(service: Shows): Promise<readonly { readonly task: Task; readonly words: string }[]> {
  const times = { nowMs: service.now(), afterMs: service.settings.limits.standstillMs };
  const late: Task[] = [];
  for await (const task of everyTask(service.store, { live: true })) if (mayStandStill(task, times)) late.push(task);
  const snapshot = await readSnapshot(service, late, {});
  return late.flatMap((task) => {
    const words = standstillOf(task, snapshot);
    return words === null ? [] : [{ task, words }];
  });
}

/** Everything that the explanation of these tasks may rest on. */
async function readSnapshot(service: Shows, tasks: readonly Task[], known: Known): Promise<QueueSnapshot> {
  const { store, settings, mirrors, now, host } = service;
  const open = tasks.filter(({ stage }) => !isTerminal(stage));
  const breakers = known.breakers ?? (await store.listBreakers());
  const jobs = byTask(known.liveJobs ?? (await jobsOf(store, open)));
  return {
    settings,
    nowMs: now(),
    repos: new Map((await store.listRepos()).map((repo) => [repo.id, repo])),
    tasks: settings.repositories.serialGate ? await store.listTasks({ live: true, limit: EVERY }) : [],
    jobs,
    leased: Object.fromEntries((await store.leasedCounts()).map(({ kind, count }) => [kind, count])),
    ...(await dependenciesOf(store, tasks)),
    mergeWarnings: await mergeWarningsOf(store, tasks),
    lastAnswers: await lastAnswersOf(service, tasks, jobs),
    movers: await moversOf(store, open),
    breakers: breakers.filter((breaker) => breaker.state === 'open' && breaker.host === host),
    broken: mirrors.broken,
    foreseen: service.foreseenConflicts.of,
    awaitedBy: service.activeClaims.awaitedBy,
    diskShortage: (await checkDiskSpace(service)).shortage,
  };
}

async function moversOf(store: Shows['store'], tasks: readonly Task[]): Promise<QueueSnapshot['movers']> {
  const waiting = tasks.filter(({ state }) => state.waiting?.cause === 'lock-busy');
  const movers = new Map<string, Mover>();
  for (const repoId of new Set(waiting.map((task) => task.repoId))) {
    const lease = await store.currentLease(repoId);
    if (lease === null) continue;
    const pullRequest = (await store.getTask(lease.holder))?.pullRequest ?? null;
    movers.set(repoId, { taskId: lease.holder, name: pullRequest === null ? lease.holder : `#${pullRequest}` });
  }
  return movers;
}

/** Where a cut would make an explanation untrue. */
const EVERY = 1_000_000;

/** Up to so many tasks are asked for their jobs one by one; so many jobs are read at once. */
const [FEW, MANY] = [100, 2000];

async function jobsOf(store: Shows['store'], tasks: readonly Task[]): Promise<readonly Job[]> {
  const first = tasks.length > FEW ? await store.listJobs({ live: true, limit: MANY }) : null;
  return first !== null && first.length < MANY ? first : liveJobsOf(store, tasks);
}

/** The ready and leased jobs of these tasks, in order of id. A page of tasks is short. */
export async function liveJobsOf(store: Shows['store'], tasks: readonly Task[]): Promise<readonly Job[]> {
  const jobs: Job[] = [];
  for (const { id } of tasks) jobs.push(...(await store.listJobs({ taskId: id, live: true })));
  return jobs.sort((one, other) => one.id - other.id);
}

const byTask = (jobs: readonly Job[]): ReadonlyMap<string, Job> =>
  new Map(jobs.flatMap((job) => (job.taskId === null ? [] : [[job.taskId, job] as const])));

async function mergeWarningsOf(store: Shows['store'], tasks: readonly Task[]) {
  const warnings = new Map<string, readonly string[]>();
  for (const { id } of tasks) {
    const [last] = await store.gateRuns({ taskId: id, check: 'check_branch_mergeable', limit: 1 });
    if (last !== undefined) warnings.set(id, last.warnings);
  }
  return warnings;
}

async function dependenciesOf(store: Shows['store'], tasks: readonly Task[]) {
  const dependencies = new Map<string, readonly string[]>();
  const cancelledDependencies = new Map<string, readonly string[]>();
  for (const { id } of tasks) {
    const needed = await store.dependenciesOf(id);
    if (needed.length === 0) continue;
    const named = (wanted: (stage: Task['stage']) => boolean) =>
      needed.filter(({ stage }) => wanted(stage)).map((one) => one.id);
    dependencies.set(
      id,
      named((stage) => !isTerminal(stage)),
    );
    cancelledDependencies.set(
      id,
      named((stage) => stage === 'cancelled'),
    );
  }
  return { dependencies, cancelledDependencies };
}
