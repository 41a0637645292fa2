/** Takes back what dead workers left: expired claims, stale leases, due timers. Each pass is idempotent. */
import { type EngineEvent, isCheckName } from '@gatehouse/stage-engine';
import { isRole } from '../agents/roles.ts';
import { defer } from '../checks/verdicts.ts';
import type { ServiceContext } from '../context.ts';
import type { ClaimedJob } from '../store/port/index.ts';

export const CLAIM_LEASE_MS = 60_000;
const MAX_CLAIMS = 5;

/** Takes expired claims back and frees stale leases. */
export async function reap(
  service: Pick<ServiceContext, 'engine' | 'now' | 'settings' | 'store' | 'wakeup' | 'workerId'>,
): Promise<void> {
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

async function failExhausted(
  service: Pick<ServiceContext, 'engine' | 'now' | 'store'>,
  job: ClaimedJob,
): Promise<void> {
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
