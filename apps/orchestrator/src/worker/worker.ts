/**
 * The loop that does the work: claim, run, heartbeat, again. A fenced job is aborted and forgotten: another worker
 * owns the task. Nothing here decides; verdicts come from checks and what follows from the engine.
 */

import type { ClaimHandle } from '../cancellation/active-claims.ts';
import { type Cancellations, createCancellations } from '../cancellation/cancellations.ts';
import type { ServiceContext } from '../context.ts';
import { checkDiskSpace } from '../platform/disk-space.ts';
import { errorOf, errorsOf } from '../platform/errors.ts';
import type { ClaimedJob, JobKind } from '../store/port/index.ts';
import { isPausedByService } from '../store/service-pause.ts';
import { settleRuns } from './agent-budget.ts';
import { type WatchState, watchRepo } from './branch-watcher.ts';
import { catchUpClock } from './clock-watch.ts';
import { watchHealth } from './health-watcher.ts';
import { INSTANCE_HEARTBEAT_MS, type InstanceLock } from './instance-lock.ts';
import { runAgentJob } from './jobs/agent.ts';
import { runCheckJob } from './jobs/check.ts';
import { runLandingJob } from './jobs/landing.ts';
import { runProbeJob } from './jobs/probe.ts';
import { runMaintenance } from './maintenance.ts';
import { dispatchNotices } from './notices.ts';
import { dispatchOutbox, type PeopleEffects } from './outbox.ts';
import { CLAIM_LEASE_MS, reap } from './reaper.ts';
import { repositoryLooks } from './repository-look.ts';
import { resumeWhenKnown } from './resume-repository.ts';

const KINDS: readonly JobKind[] = ['landing', 'reading', 'probe', 'gate', 'agent'];
const HEARTBEAT_MS = 10_000;
const REAP_MS = 5_000;
const SETTLE_MS = 1_000;
const HEALTH_MS = 60_000;
const MAINTENANCE_MS = 3_600_000;

export interface Worker {
  /** Stops claiming, aborts what runs, waits until it has ended, and gives its claims back. */
  stop(): Promise<void>;
}

export function startWorker(
  service: ServiceContext & { readonly people?: PeopleEffects },
  lock: Pick<InstanceLock, 'heartbeat'>,
  cancellations: Cancellations = createCancellations(service),
): Worker {
  const stopping = new AbortController();
  const running = new Map<Promise<void>, JobKind>();
  const mains: Mains = new Map();
  const loops = [
    loop(
      service,
      'claim',
      stopping.signal,
      () => claimAll(service, running, stopping.signal),
      service.settings.repositories.pollMs,
    ),
    loop(service, 'reap', stopping.signal, () => reap(service), REAP_MS),
    loop(service, 'presence', stopping.signal, lock.heartbeat, INSTANCE_HEARTBEAT_MS),
    loop(service, 'deliver', stopping.signal, () => dispatchOutbox(service), 1_000),
    ...(service.routes.length === 0
      ? []
      : [loop(service, 'alerts', stopping.signal, () => dispatchNotices(service), 1_000)]),
    loop(service, 'settle', stopping.signal, () => cancellations.resumePending(), SETTLE_MS),
    watchLoop(service, mains, stopping.signal),
    ...(service.mainHealth === null
      ? []
      : [healthLoop({ ...service, mainHealth: service.mainHealth }, mains, stopping.signal)]),
    maintenanceLoop(service, stopping.signal),
    once(service, 'left slots', removeLeftSlots(service)),
    once(service, 'other hosts', forgetOtherHosts(service)),
    once(service, 'left agents', settleLeftAgents(service)),
  ];
  return {
    async stop() {
      stopping.abort(new Error('the service is stopping'));
      service.wakeup.notify();
      // The loops first: the last of them may still claim a job before it sees the end.
      await errorsOf(loops);
      await errorsOf([...running.keys()]);
      await cancellations.close();
    },
  };
}

/** Runs `pass` again and again; one that fails is logged and does not end the loop. */
export async function loop(
  service: Pick<ServiceContext, 'log' | 'wakeup'>,
  name: string,
  signal: AbortSignal,
  pass: () => Promise<unknown>,
  pauseMs: number,
): Promise<void> {
  while (!signal.aborted) {
    const failure = await errorOf(pass());
    if (failure !== undefined)
      service.log.error('a pass failed; it will be tried again', { loop: name, why: failure.message });
    if (name === 'claim') await service.wakeup.wait(pauseMs, signal);
    else await pause(pauseMs, signal);
  }
}

/** Work of the start that later passes or starts do again; a failure is logged. */
async function once(service: Pick<ServiceContext, 'log'>, name: string, work: Promise<void>): Promise<void> {
  const failure = await errorOf(work);
  if (failure !== undefined) service.log.error('work of the start failed', { work: name, why: failure.message });
}

/** Where each main was when its branches were read last. */
type Mains = WatchState['mains'];

function watchLoop(service: ServiceContext, mains: Mains, signal: AbortSignal): Promise<void> {
  const looks = repositoryLooks(service);
  const seen: WatchState = { mains, environments: new Map(), looks };
  const pass = async () => {
    for (const repo of await service.store.listRepos())
      if (signal.aborted) return;
      else if (isPausedByService(repo)) await resumeWhenKnown(service, repo, { looks, signal });
      else if (!repo.paused) await watchRepo(service, repo, seen, signal);
  };
  return loop(service, 'watch', signal, pass, service.settings.repositories.pollMs);
}

/** Not at once: mains are read first, and an audit is in no hurry. One at a time, so that gates have the machine. */
async function healthLoop(
  service: ServiceContext & Parameters<typeof watchHealth>[0],
  mains: Mains,
  signal: AbortSignal,
): Promise<void> {
  const pass = async () => {
    for (const repo of await service.store.listRepos()) {
      const commit = mains.get(repo.id);
      if (signal.aborted) return;
      if (commit !== undefined && !repo.paused) await watchHealth(service, { repo, commit, signal });
    }
  };
  await pause(HEALTH_MS, signal);
  await loop(service, 'health', signal, pass, HEALTH_MS);
}

/** Not at once: a service that has just started runs waiting jobs first. */
async function maintenanceLoop(service: ServiceContext, signal: AbortSignal): Promise<void> {
  await pause(MAINTENANCE_MS, signal);
  await loop(service, 'housekeeping', signal, () => runMaintenance(service, signal), MAINTENANCE_MS);
}

/** Once: later ones are found by the clean-up of each task. */
async function removeLeftSlots(service: Pick<ServiceContext, 'store' | 'workspaces'>): Promise<void> {
  for (const repo of await service.store.listRepos()) await service.workspaces.removeStale(repo.id);
}

/** No agent of an earlier process is at work any more; what it reported counts. */
async function settleLeftAgents(service: ServiceContext): Promise<void> {
  await settleRuns(service, await service.store.openAgentRuns(service.startedAt));
}

/** This is the only service of its store: faults of another machine concern no task any more. */
async function forgetOtherHosts({ store, host, now }: Pick<ServiceContext, 'host' | 'now' | 'store'>): Promise<void> {
  for (const breaker of await store.listBreakers())
    if (breaker.host !== host) await store.closeBreaker({ repoId: breaker.repoId, host: breaker.host, atMs: now() });
}

async function claimAll(
  service: ServiceContext,
  running: Map<Promise<void>, JobKind>,
  stopping: AbortSignal,
): Promise<void> {
  const limits = {
    agents: service.settings.limits.agents,
    gateRuns: service.settings.limits.gateRuns,
    serialPerRepo: service.settings.repositories.serialGate,
  };
  const diskSpace = await checkDiskSpace(service);
  if (diskSpace.shortage !== null) {
    service.log.error('no job is claimed', { freeBytes: diskSpace.freeBytes, why: diskSpace.shortage });
    return;
  }
  if (running.size === 0) await catchUpClock(service);
  while (!stopping.aborted) {
    const held = [...running.values()];
    const job = await service.store.claimJob({
      workerId: service.workerId,
      kinds: KINDS.filter((kind) => hasCapacity(kind, held, limits)),
      nowMs: service.now(),
      leaseMs: CLAIM_LEASE_MS,
      limits,
      host: service.host,
    });
    if (job === null) return;
    const work: Promise<void> = runClaimed(service, job, stopping).finally(() => {
      running.delete(work);
      service.wakeup.notify();
    });
    running.set(work, job.kind);
  }
}

/** The jobs of this process are known without asking; the store counts those of every process. */
function hasCapacity(
  kind: JobKind,
  running: readonly JobKind[],
  limits: { agents: number; gateRuns: number },
): boolean {
  if (kind === 'landing' || kind === 'reading') return true;
  if (kind === 'agent') return running.filter((one) => one === 'agent').length < limits.agents;
  return running.filter((one) => one === 'gate' || one === 'probe').length < limits.gateRuns;
}

async function runClaimed(service: ServiceContext, job: ClaimedJob, stopping: AbortSignal): Promise<void> {
  const mine = service.activeClaims.open(job);
  const stopMine = (): void => mine.abort('the service is stopping');
  if (stopping.aborted) stopMine();
  stopping.addEventListener('abort', stopMine, { once: true });
  const token = { jobId: job.id, token: job.token };
  const beat = setInterval(() => {
    void errorOf(keepAlive(service, job, mine));
  }, HEARTBEAT_MS);
  const ended: { outcome?: LoggedEnd } = {};
  const work = async () => {
    ended.outcome = await runJob(service, job, mine.signal);
  };
  const failure = await errorOf(work());
  clearInterval(beat);
  stopping.removeEventListener('abort', stopMine);
  mine.close();
  if (failure !== undefined)
    service.log.error('a job failed inside the service', { job: job.id, step: job.step, why: failure.message });
  // What a stopping service gives back keeps its place.
  if (failure === undefined && stopping.aborted)
    await errorOf(service.store.releaseJob(token, { atMs: job.availableAt, delayMs: 0 }));
  else if (failure !== undefined)
    await errorOf(service.store.releaseJob(token, { atMs: service.now(), delayMs: 5_000 }));
  else service.log.info('job ended', { job: job.id, task: job.taskId, step: job.step, outcome: ended.outcome?.kind });
}

/** What became of a job, for the log: its end is in the store. */
interface LoggedEnd {
  readonly kind: string;
}

function runJob(service: ServiceContext, job: ClaimedJob, signal: AbortSignal): Promise<LoggedEnd> {
  switch (job.kind) {
    case 'landing':
      return runLandingJob(service, job, signal);
    case 'agent':
      return runAgentJob(service, job, signal);
    case 'probe':
      return runProbeJob(service, job, signal);
    case 'gate':
    case 'reading':
      return runCheckJob(service, job, signal);
  }
}

async function keepAlive(
  service: Pick<ServiceContext, 'now' | 'store'>,
  job: ClaimedJob,
  mine: ClaimHandle,
): Promise<void> {
  const kept = await service.store.heartbeat(
    { jobId: job.id, token: job.token },
    { atMs: service.now(), leaseMs: CLAIM_LEASE_MS },
  );
  if (kept === 'lost') mine.abort('the job was taken away');
  const proof = job.taskId === null ? null : await service.store.leaseOf(job.repoId, job.taskId);
  if (kept === 'kept' && proof !== null) await service.store.renewLease(proof, service.now());
}

/** Not `timers/promises`: the simulator drives the global timers, and only those. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
