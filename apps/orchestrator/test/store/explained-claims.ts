/** What must be claimed next, by what is explained to people: every ready job without an explanation, in the claim's order. */
import { explainJob, type QueueSnapshot } from '../../src/http/explain-waiting.ts';
import type { ClaimRequest, Job, Store } from '../../src/store/port/index.ts';

/** A claim, as far as the rules ask about it. */
export interface Asked extends Pick<ClaimRequest, 'limits' | 'nowMs'> {
  readonly host: string;
}

export interface Explained extends Omit<QueueSnapshot, 'jobs'> {
  /** Probes too, which have no task. */
  readonly all: readonly Job[];
}

/** What the store explains to a person, read as the queue page reads it. */
export async function snapshotOf(store: Store, { limits, host, nowMs }: Asked): Promise<Explained> {
  const tasks = await store.listTasks({ live: true });
  const dependencies = new Map<string, string[]>();
  for (const { id } of tasks) {
    const needed = (await store.dependenciesOf(id)).filter(({ stage }) => stage !== 'done' && stage !== 'cancelled');
    dependencies.set(
      id,
      needed.map((one) => one.id),
    );
  }
  return {
    settings: {
      limits: { ...limits, standstillMs: 900_000 },
      repositories: { serialGate: limits.serialPerRepo === true },
    },
    nowMs,
    repos: new Map((await store.listRepos()).map((repo) => [repo.id, repo])),
    tasks,
    all: await store.listJobs({ live: true }),
    leased: Object.fromEntries((await store.leasedCounts()).map(({ kind, count }) => [kind, count])),
    dependencies,
    cancelledDependencies: new Map(),
    mergeWarnings: new Map(),
    lastAnswers: new Map(),
    foreseen: () => null,
    awaitedBy: () => null,
    movers: new Map(),
    breakers: (await store.listBreakers()).filter(({ host: of, state }) => of === host && state === 'open'),
    broken: () => [],
    diskShortage: null,
  };
}

/** The jobs without an explanation, in the order in which they must be claimed. */
export async function nextToClaim(store: Store, snapshot: Explained): Promise<Job[]> {
  const tasks = new Map(snapshot.tasks.map((task) => [task.id, task]));
  const holders = (await store.listLeases()).map(({ holder }) => holder);
  const rank = ({ kind, taskId }: Job): number =>
    kind === 'gate' && holders.includes(taskId ?? '')
      ? 1
      : { landing: 0, reading: 0.5, probe: 2, gate: 3, agent: 4 }[kind];
  const key = (job: Job): readonly number[] => [rank(job), job.availableAt - job.priority * 600_000, job.id];
  const isFree = (job: Job): boolean => {
    const task = tasks.get(job.taskId ?? '') ?? null;
    // Why such a task does not move, its status says.
    const isInactive = task?.status === 'blocked' || task?.status === 'stopping';
    return job.state === 'ready' && !isInactive && explainJob({ job, task }, { ...snapshot, jobs: new Map() }) === null;
  };
  return snapshot.all.filter(isFree).sort((one, other) => {
    const [mine, theirs] = [key(one), key(other)];
    const at = mine.findIndex((value, index) => value !== theirs[index]);
    return (mine[at] ?? 0) - (theirs[at] ?? 0);
  });
}
