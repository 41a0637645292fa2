/** Re-reads the branches of a repository and reports to its tasks what moved. Each pass is idempotent. */
import type { ServiceContext } from '../context.ts';
import { alertMessage, taskAlert } from '../notifiers/alert-message.ts';
import { describeMissingObjects } from '../platform/describe-git-failure.ts';
import { everyTask } from '../store/every-task.ts';
import type { Repository, Task } from '../store/port/index.ts';
import { detectBranchChange, isBoundToHead } from './branch-changes.ts';
import { isLandedOutside, type TellsLanded, tellLandedOutside } from './landed-outside.ts';
import { type SeenEnvironments, waitsForMain, watchEnvironment } from './main-watcher.ts';
import { foreignPause, pauseRepository } from './pause-repository.ts';
import { meetRepository, type RepositoryLooks } from './repository-look.ts';
import { clearStaleMirrorLocks } from './stale-locks.ts';

/** What is remembered between passes. */
export interface WatchState {
  readonly mains: Map<string, string>;
  readonly environments: SeenEnvironments;
  readonly looks: RepositoryLooks;
}

/** Re-reads one repository's branches and reports to the tasks what moved. */
export async function watchRepo(
  service: TellsLanded & Pick<ServiceContext, 'environmentOf' | 'lookAtRepository' | 'wakeup'>,
  repo: Repository,
  { mains, environments, looks }: WatchState,
  signal: AbortSignal,
): Promise<void> {
  const known = new Map<string, number>();
  const branches = new Set<string>();
  for await (const task of everyTask(service.store, { repoId: repo.id, live: true })) {
    known.set(task.id, task.version);
    if (task.headSha !== null && mayLoseBranch(task)) branches.add(task.branch);
  }
  const mirror = await service.mirrors.refresh(repo, signal);
  if (signal.aborted) return;
  if (await isInTheWay(service, repo, { mirror, branches, looks, signal })) return;
  if (mirror.kind !== 'fresh') {
    service.log.warn('a forge cannot be reached', { repo: repo.id, reason: mirror.reason });
    if (mirror.isLocked === true) await clearStaleMirrorLocks(service, repo);
    if (mirror.isForeign === true) await pauseRepository(service, repo, foreignPause(repo, mirror.reason));
    return;
  }
  const main = mirror.heads[repo.main];
  const before = mains.get(repo.id);
  if (main !== undefined) mains.set(repo.id, main);
  const mainMoved = before !== undefined && before !== main;
  const waiting = new Set<string>();
  for await (const task of everyTask(service.store, { repoId: repo.id, live: true })) {
    if (waitsForMain(task)) waiting.add(task.id);
    const head = mirror.heads[task.branch];
    if (mirror.broken.includes(task.branch)) {
      await reportBroken(service, task, head);
      continue;
    }
    const isElsewhere = main !== undefined && waitsForMain(task) && task.baseSha !== main;
    const event = eventFor(task, head, mainMoved || isElsewhere, service.now());
    if (main !== undefined && (mainMoved || (event !== null && event.kind !== 'woken'))) {
      const outside = await isLandedOutside(service, task, main);
      if (outside === 'yes' && (await tellLandedOutside(service, { repo, task, head: main })) !== null)
        service.wakeup.notify();
      if (outside !== 'no') continue;
    }
    if (
      event === null ||
      (event.kind !== 'woken' && (known.get(task.id) !== task.version || (await isAtWork(service, task))))
    )
      continue;
    const writes =
      event.kind === 'head-moved' && head !== undefined ? { task: { headSha: head, testedSha: null } } : {};
    const applied = await service.store.applyEvent({
      taskId: task.id,
      event,
      engine: service.engine,
      writes,
      actor: 'watch',
      // A pass that was held up meanwhile must not take back what became of the task.
      ...(event.kind === 'woken' ? {} : { onlyAtVersion: task.version }),
    });
    if (applied.kind !== 'applied') continue;
    waiting.delete(task.id);
    service.wakeup.notify();
  }
  await watchEnvironment(service, { repo, mirror, isWaitedFor: waiting.size > 0 }, environments);
}

/** Its branch is of no matter to one that is landing or has landed. */
const mayLoseBranch = ({ criticalToken, stage, state }: Task): boolean =>
  criticalToken === null && stage !== 'deploy' && !state.landed;

interface Fetched {
  readonly mirror: Awaited<ReturnType<ServiceContext['mirrors']['refresh']>>;
  /** Of tasks that would be over without them. */
  readonly branches: ReadonlySet<string>;
  readonly looks: RepositoryLooks;
  readonly signal: AbortSignal;
}

/** What is not there may be so because the repository is another one, or is not there itself: nothing is concluded before that is known. */
async function isInTheWay(
  service: Parameters<typeof meetRepository>[0],
  repo: Repository,
  { mirror, branches, looks, signal }: Fetched,
): Promise<boolean> {
  const lacks = (branch: string): boolean =>
    mirror.kind === 'fresh' && mirror.heads[branch] === undefined && !mirror.broken.includes(branch);
  const fails = mirror.kind !== 'fresh';
  if (![...branches].some(lacks) && !looks.isDue(repo, fails)) return fails && looks.last(repo) === 'in-the-way';
  const met = await meetRepository(service, repo, signal);
  looks.note(repo, { met, fails });
  return signal.aborted || met === 'in-the-way';
}

/** Once per head: a new push repairs it. */
async function reportBroken(
  { store, log, now }: Pick<ServiceContext, 'log' | 'now' | 'store'>,
  task: Task,
  head = 'unnamed',
): Promise<void> {
  if (task.criticalToken !== null || task.state.landed) return;
  const key = `broken-branch/${head}`;
  const text = describeMissingObjects(task.branch);
  const isNew = await store.addOutbox({ ...alertMessage(taskAlert(task.id, { key, text })), atMs: now() });
  if (isNew)
    log.warn('a branch is broken at the forge', { repo: task.repoId, task: task.id, branch: task.branch, head });
}

type BranchEvent =
  | { kind: 'branch-gone' | 'head-moved'; atMs: number }
  | { kind: 'woken'; why: 'main-moved'; atMs: number };

function eventFor(task: Task, head: string | undefined, mainMoved: boolean, atMs: number): BranchEvent | null {
  if (task.criticalToken !== null || task.stage === 'deploy') return null;
  const change = detectBranchChange(task, head ?? null);
  if (change === 'head-moved' && isBoundToHead(task)) return null;
  if (change !== null) return { kind: change, atMs };
  return task.status === 'waiting' && mainMoved ? { kind: 'woken', why: 'main-moved', atMs } : null;
}

/**
 * An agent is about to report where its branch went. If this is false and nothing has happened to the task since before
 * the fetch, a head that differs was pushed by another person.
 */
async function isAtWork({ store }: Pick<ServiceContext, 'store'>, { id }: Task): Promise<boolean> {
  const live = await store.listJobs({ taskId: id, live: true });
  return live.some((job) => job.kind === 'agent' && job.state === 'leased');
}
