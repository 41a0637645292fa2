/** What has to be noticed without anybody telling: dead workers, stale leases, moved branches. Each pass is idempotent. */
import { type EngineEvent, isCheckName } from '@gatehouse/stage-engine';
import { isRole } from '../agents/roles.ts';
import { defer } from '../checks/verdicts.ts';
import type { ServiceContext } from '../context.ts';
import type { ClaimedJob, Repository, Task } from '../store/port.ts';
import { describeMissingObjects } from '../workspace/describe-git-failure.ts';
import { detectBranchChange } from './branch-changes.ts';
import { type SeenEnvironments, waitsForMain, watchEnvironment } from './main-watcher.ts';
import { clearStaleMirrorLocks } from './stale-locks.ts';

export const CLAIM_LEASE_MS = 60_000;
const MAX_CLAIMS = 5;

/** Takes expired claims back and frees stale leases. */
export async function reap(service: ServiceContext): Promise<void> {
  const { store, settings, engine } = service;
  const nowMs = service.now();
  const reaped = await store.reapExpired({
    nowMs,
    workerId: service.workerId,
    leaseMs: CLAIM_LEASE_MS,
    maxAttempts: MAX_CLAIMS,
    maxRunningMs: settings.limits.reaperMs,
  });
  for (const job of reaped.exhausted) await failExhausted(service, job);
  const freed = await store.reapLeases({ nowMs, ttlMs: settings.merge.leaseTtlMs, engine });
  for (const ticket of await store.wokenTickets())
    await store.applyEvent({
      taskId: ticket.taskId,
      event: { kind: 'woken', why: 'lease-free', atMs: nowMs },
      engine,
      actor: 'reaper',
    });
  const due = await store.dueTimers(nowMs, 100);
  for (const task of due)
    await store.applyEvent({
      taskId: task.id,
      event: { kind: 'woken', why: 'timer', atMs: nowMs },
      engine,
      actor: 'timer',
    });
  if (due.length + reaped.requeued.length + reaped.exhausted.length + freed.length > 0) service.wakeup.notify();
}

async function failExhausted(service: ServiceContext, job: ClaimedJob): Promise<void> {
  const event = exhaustedEvent(job, service.now());
  if (job.taskId === null || event === null) return;
  await service.store.applyEvent({
    taskId: job.taskId,
    event,
    engine: service.engine,
    job: { jobId: job.id, token: job.token },
    actor: 'reaper',
  });
}

function exhaustedEvent({ kind, step }: ClaimedJob, atMs: number): EngineEvent | null {
  const reason = `the job was claimed ${MAX_CLAIMS} times and never finished`;
  if (isCheckName(step)) return { kind: 'check-answered', check: step, verdict: defer('infra', reason), atMs };
  if (kind === 'landing') return { kind: 'landing-answered', answer: { kind: 'infra', reason }, atMs };
  return isRole(step) ? { kind: 'agent-answered', step, answer: { kind: 'infra', reason }, atMs } : null;
}

/** What is remembered between passes. */
export interface WatchState {
  readonly mains: Map<string, string>;
  readonly environments: SeenEnvironments;
}

/** Re-reads one repository's branches and tells the tasks what moved. */
export async function watchRepo(
  service: ServiceContext,
  repo: Repository,
  { mains, environments }: WatchState,
  signal: AbortSignal,
): Promise<void> {
  const known = new Map(
    (await service.store.listTasks({ repoId: repo.id, live: true })).map((task) => [task.id, task.version]),
  );
  const mirror = await service.mirrors.refresh(repo, signal);
  if (signal.aborted) return;
  if (mirror.kind !== 'fresh') {
    service.log.warn('a forge cannot be reached', { repo: repo.id, reason: mirror.reason });
    if (mirror.isLocked === true) await clearStaleMirrorLocks(service, repo);
    return;
  }
  const main = mirror.heads[repo.main];
  const before = mains.get(repo.id);
  if (main !== undefined) mains.set(repo.id, main);
  const mainMoved = before !== undefined && before !== main;
  const live = await service.store.listTasks({ repoId: repo.id, live: true });
  const told = new Set<string>();
  for (const task of live) {
    const head = mirror.heads[task.branch];
    if (mirror.broken.includes(task.branch)) {
      await reportBroken(service, task, head);
      continue;
    }
    const isElsewhere = main !== undefined && waitsForMain(task) && task.baseSha !== main;
    const event = eventFor(task, head, mainMoved || isElsewhere, service.now());
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
    told.add(task.id);
    service.wakeup.notify();
  }
  const isWaitedFor = live.some((task) => waitsForMain(task) && !told.has(task.id));
  await watchEnvironment(service, { repo, mirror, isWaitedFor }, environments);
}

/** Once per head: whoever pushes it again mends it. */
async function reportBroken({ store, log, now }: ServiceContext, task: Task, head = 'unnamed'): Promise<void> {
  if (task.criticalToken !== null || task.state.landed) return;
  const key = `broken-branch/${head}`;
  const text = describeMissingObjects(task.branch);
  const mail = { kind: 'alert', dedupeKey: `alert:task:${task.id}:${key}`, taskId: task.id, atMs: now() };
  const isNews = await store.addOutbox({ ...mail, payload: { kind: 'alert', key, scope: 'task', text } });
  if (isNews)
    log.warn('a branch is broken at the forge', { repo: task.repoId, task: task.id, branch: task.branch, head });
}

type BranchEvent =
  | { kind: 'branch-gone' | 'head-moved'; atMs: number }
  | { kind: 'woken'; why: 'main-moved'; atMs: number };

function eventFor(task: Task, head: string | undefined, mainMoved: boolean, atMs: number): BranchEvent | null {
  if (task.criticalToken !== null || task.stage === 'deploy') return null;
  const news = detectBranchChange(task, head ?? null);
  if (news !== null) return { kind: news, atMs };
  return task.status === 'waiting' && mainMoved ? { kind: 'woken', why: 'main-moved', atMs } : null;
}

/**
 * An agent is about to tell where its branch went. With this, and with nothing having happened to the task since before
 * the fetch, a head that differs was pushed by somebody else.
 */
async function isAtWork({ store }: ServiceContext, { id }: Task): Promise<boolean> {
  const live = await store.listJobs({ taskId: id, live: true });
  return live.some((job) => job.kind === 'agent' && job.state === 'leased');
}
