/** What has to be noticed without anybody telling: dead workers, stale leases, moved branches. Each pass is idempotent. */
import { type EngineEvent, isCheckName } from '@gatehouse/stage-engine';
import { defer } from '../checks/answers.ts';
import type { House } from '../house.ts';
import type { ClaimedJob, RepoRow, TaskRow } from '../store/port.ts';

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
  if (job.taskId === null || (job.kind !== 'landing' && !isCheckName(job.step))) return;
  const verdict = defer('infra', `the job was claimed ${MAX_CLAIMS} times and never finished`);
  const event: EngineEvent = isCheckName(job.step)
    ? { kind: 'check-answered', check: job.step, verdict, atMs: house.now() }
    : { kind: 'landing-answered', answer: { kind: 'infra', reason: verdict.reason }, atMs: house.now() };
  await house.store.applyEvent({
    taskId: job.taskId,
    event,
    engine: house.engine,
    job: { jobId: job.id, token: job.token },
    actor: 'reaper',
  });
}

/** Re-reads one repository's branches and tells the tasks what moved. `seen` remembers main between passes. */
export async function watchRepo(house: House, repo: RepoRow, seen: Map<string, string>): Promise<void> {
  const mirror = await house.mirrors.refresh(repo);
  if (mirror.kind !== 'fresh') {
    house.log.warn('a forge cannot be reached', { repo: repo.id, reason: mirror.reason });
    return;
  }
  const main = mirror.heads[repo.main];
  const before = seen.get(repo.id);
  if (main !== undefined) seen.set(repo.id, main);
  const mainMoved = before !== undefined && before !== main;
  for (const task of await house.store.listTasks({ repoId: repo.id, live: true })) {
    const event = eventFor(task, mirror.heads[task.branch], mainMoved, house.now());
    if (event === null) continue;
    const head = mirror.heads[task.branch];
    const writes =
      event.kind === 'head-moved' && head !== undefined ? { task: { headSha: head, testedSha: null } } : {};
    const applied = await house.store.applyEvent({
      taskId: task.id,
      event,
      engine: house.engine,
      writes,
      actor: 'watch',
    });
    if (applied.kind === 'applied') house.bell.ring();
  }
}

type Told = { kind: 'branch-gone' | 'head-moved'; atMs: number } | { kind: 'woken'; why: 'main-moved'; atMs: number };

function eventFor(task: TaskRow, head: string | undefined, mainMoved: boolean, atMs: number): Told | null {
  if (task.criticalToken !== null || task.stage === 'deploy') return null;
  if (head === undefined) return { kind: 'branch-gone', atMs };
  if (task.headSha !== null && task.headSha !== head) return { kind: 'head-moved', atMs };
  return task.status === 'waiting' && mainMoved ? { kind: 'woken', why: 'main-moved', atMs } : null;
}
