/** What has to be noticed without anybody telling: dead workers, stale leases, moved branches. Each pass is idempotent. */
import { type EngineEvent, isCheckName } from '@gatehouse/stage-engine';
import { isRole } from '../agents/roles.ts';
import { defer } from '../checks/verdicts.ts';
import type { House } from '../context.ts';
import type { ClaimedJob, RepoRow, TaskRow } from '../store/port.ts';
import { lostObjects } from '../workspace/describe-git-failure.ts';
import { branchNews } from './branch-changes.ts';
import { type SeenEnvironments, waitsForMain, watchEnvironment } from './main-watcher.ts';
import { clearLeftLocks } from './stale-locks.ts';

export const CLAIM_LEASE_MS = 60_000;
const MAX_CLAIMS = 5;

/** Takes expired claims back and frees stale leases. */
export async function reap(house: House): Promise<void> {
  const { store, settings, engine } = house;
  const nowMs = house.now();
  const reaped = await store.reapExpired({
    nowMs,
    workerId: house.workerId,
    leaseMs: CLAIM_LEASE_MS,
    maxAttempts: MAX_CLAIMS,
    maxRunningMs: settings.ORCH_REAPER_MAX_RUNNING_S,
  });
  for (const job of reaped.exhausted) await giveUp(house, job);
  const freed = await store.reapLeases({ nowMs, ttlMs: settings.ORCH_MERGE_LEASE_TTL_S, engine });
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
  if (due.length + reaped.requeued.length + reaped.exhausted.length + freed.length > 0) house.bell.ring();
}

async function giveUp(house: House, job: ClaimedJob): Promise<void> {
  const event = givenUp(job, house.now());
  if (job.taskId === null || event === null) return;
  await house.store.applyEvent({
    taskId: job.taskId,
    event,
    engine: house.engine,
    job: { jobId: job.id, token: job.token },
    actor: 'reaper',
  });
}

function givenUp({ kind, step }: ClaimedJob, atMs: number): EngineEvent | null {
  const reason = `the job was claimed ${MAX_CLAIMS} times and never finished`;
  if (isCheckName(step)) return { kind: 'check-answered', check: step, verdict: defer('infra', reason), atMs };
  if (kind === 'landing') return { kind: 'landing-answered', answer: { kind: 'infra', reason }, atMs };
  return isRole(step) ? { kind: 'agent-answered', step, answer: { kind: 'infra', reason }, atMs } : null;
}

/** What is remembered between passes. */
export interface Seen {
  readonly mains: Map<string, string>;
  readonly environments: SeenEnvironments;
}

/** Re-reads one repository's branches and tells the tasks what moved. */
export async function watchRepo(
  house: House,
  repo: RepoRow,
  { mains, environments }: Seen,
  signal: AbortSignal,
): Promise<void> {
  const known = new Map(
    (await house.store.listTasks({ repoId: repo.id, live: true })).map((task) => [task.id, task.version]),
  );
  const mirror = await house.mirrors.refresh(repo, signal);
  if (signal.aborted) return;
  if (mirror.kind !== 'fresh') {
    house.log.warn('a forge cannot be reached', { repo: repo.id, reason: mirror.reason });
    if (mirror.isLocked === true) await clearLeftLocks(house, repo);
    return;
  }
  const main = mirror.heads[repo.main];
  const before = mains.get(repo.id);
  if (main !== undefined) mains.set(repo.id, main);
  const mainMoved = before !== undefined && before !== main;
  const live = await house.store.listTasks({ repoId: repo.id, live: true });
  const told = new Set<string>();
  for (const task of live) {
    const head = mirror.heads[task.branch];
    if (mirror.broken.includes(task.branch)) {
      await tellBroken(house, task, head);
      continue;
    }
    const isElsewhere = main !== undefined && waitsForMain(task) && task.baseSha !== main;
    const event = eventFor(task, head, mainMoved || isElsewhere, house.now());
    if (
      event === null ||
      (event.kind !== 'woken' && (known.get(task.id) !== task.version || (await isAtWork(house, task))))
    )
      continue;
    const writes =
      event.kind === 'head-moved' && head !== undefined ? { task: { headSha: head, testedSha: null } } : {};
    const applied = await house.store.applyEvent({
      taskId: task.id,
      event,
      engine: house.engine,
      writes,
      actor: 'watch',
      // A pass that was held up meanwhile must not take back what became of the task.
      ...(event.kind === 'woken' ? {} : { onlyAtVersion: task.version }),
    });
    if (applied.kind !== 'applied') continue;
    told.add(task.id);
    house.bell.ring();
  }
  const isWaitedFor = live.some((task) => waitsForMain(task) && !told.has(task.id));
  await watchEnvironment(house, { repo, mirror, isWaitedFor }, environments);
}

/** Once per head: whoever pushes it again mends it. */
async function tellBroken({ store, log, now }: House, task: TaskRow, head = 'unnamed'): Promise<void> {
  if (task.criticalToken !== null || task.state.landed) return;
  const key = `broken-branch/${head}`;
  const text = lostObjects(task.branch);
  const mail = { kind: 'alert', dedupeKey: `alert:task:${task.id}:${key}`, taskId: task.id, atMs: now() };
  const isNews = await store.addOutbox({ ...mail, payload: { kind: 'alert', key, scope: 'task', text } });
  if (isNews)
    log.warn('a branch is broken at the forge', { repo: task.repoId, task: task.id, branch: task.branch, head });
}

type Told = { kind: 'branch-gone' | 'head-moved'; atMs: number } | { kind: 'woken'; why: 'main-moved'; atMs: number };

function eventFor(task: TaskRow, head: string | undefined, mainMoved: boolean, atMs: number): Told | null {
  if (task.criticalToken !== null || task.stage === 'deploy') return null;
  const news = branchNews(task, head ?? null);
  if (news !== null) return { kind: news, atMs };
  return task.status === 'waiting' && mainMoved ? { kind: 'woken', why: 'main-moved', atMs } : null;
}

/**
 * An agent is about to tell where its branch went. With this, and with nothing having happened to the task since before
 * the fetch, a head that differs was pushed by somebody else.
 */
async function isAtWork({ store }: House, { id }: TaskRow): Promise<boolean> {
  const live = await store.listJobs({ taskId: id, live: true });
  return live.some((job) => job.kind === 'agent' && job.state === 'leased');
}
