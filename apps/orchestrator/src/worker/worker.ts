/**
 * The loop that does the work: claim, run, heartbeat, again. A fenced job is aborted and forgotten: whoever fenced it owns
 * the task. Nothing here decides; verdicts come from checks and what follows from the engine.
 */

import { type Stops, stopsOf } from '../cancellation/cancellations.ts';
import type { House } from '../context.ts';
import { settle, settleAll } from '../platform/errors.ts';
import type { ClaimedJob, JobKind } from '../store/port.ts';
import { roomAt } from '../workspace/disk-space.ts';
import type { OpenRun } from './active-claims.ts';
import { PRESENCE_MS, type Residence } from './instance-lock.ts';
import { runAgentJob } from './jobs/agent.ts';
import { runGateJob } from './jobs/check.ts';
import { runLandingJob } from './jobs/landing.ts';
import { runProbeJob } from './jobs/probe.ts';
import { keepHouse } from './maintenance.ts';
import { deliver } from './outbox.ts';
import { CLAIM_LEASE_MS, reap, type Seen, watchRepo } from './reaper.ts';

const KINDS: readonly JobKind[] = ['landing', 'probe', 'gate', 'agent'];
const HEARTBEAT_MS = 10_000;
const REAP_MS = 5_000;
const SETTLE_MS = 1_000;
const HOUSEKEEPING_MS = 3_600_000;

export interface Worker {
  /** Stops claiming, aborts what runs, waits until it has ended, and gives its claims back. */
  stop(): Promise<void>;
}

export function startWorker(house: House, residence: Residence, stops: Stops = stopsOf(house)): Worker {
  const stopping = new AbortController();
  const running = new Map<Promise<void>, JobKind>();
  const loops = [
    loop(house, 'claim', stopping.signal, () => claimAll(house, running, stopping.signal), house.settings.ORCH_POLL_S),
    loop(house, 'reap', stopping.signal, () => reap(house), REAP_MS),
    loop(house, 'presence', stopping.signal, residence.beat, PRESENCE_MS),
    loop(house, 'deliver', stopping.signal, () => deliver(house), 1_000),
    loop(house, 'settle', stopping.signal, () => stops.pass(), SETTLE_MS),
    watchLoop(house, stopping.signal),
    housekeepingLoop(house, stopping.signal),
    removeLeftSlots(house),
    forgetOtherHosts(house),
  ];
  return {
    async stop() {
      stopping.abort(new Error('the service is stopping'));
      house.bell.ring();
      // The loops first: the last of them may still claim a job before it sees the end.
      await settleAll(loops);
      await settleAll([...running.keys()]);
      await stops.close();
    },
  };
}

/** Runs `pass` again and again; one that fails is logged and does not end the loop. */
async function loop(
  house: House,
  name: string,
  signal: AbortSignal,
  pass: () => Promise<unknown>,
  pauseMs: number,
): Promise<void> {
  while (!signal.aborted) {
    const failure = await settle(pass());
    if (failure !== undefined)
      house.log.error('a pass failed; it will be tried again', { loop: name, why: failure.message });
    if (name === 'claim') await house.bell.wait(pauseMs, signal);
    else await pause(pauseMs, signal);
  }
}

function watchLoop(house: House, signal: AbortSignal): Promise<void> {
  const seen: Seen = { mains: new Map(), environments: new Map() };
  const pass = async () => {
    for (const repo of await house.store.listRepos())
      if (!repo.paused && !signal.aborted) await watchRepo(house, repo, seen, signal);
  };
  return loop(house, 'watch', signal, pass, house.settings.ORCH_POLL_S);
}

/** Not at once: a service that has just started has better things to do. */
async function housekeepingLoop(house: House, signal: AbortSignal): Promise<void> {
  await pause(HOUSEKEEPING_MS, signal);
  await loop(house, 'housekeeping', signal, () => keepHouse(house, signal), HOUSEKEEPING_MS);
}

/** Once: later ones are found by the clean-up of each task. */
async function removeLeftSlots(house: House): Promise<void> {
  for (const repo of await house.store.listRepos()) await house.places.sweep(repo.id);
}

/** This is the only service of its store: what another machine met is nobody's any more. */
async function forgetOtherHosts({ store, host, now }: House): Promise<void> {
  for (const breaker of await store.listBreakers())
    if (breaker.host !== host) await store.closeBreaker({ repoId: breaker.repoId, host: breaker.host, atMs: now() });
}

async function claimAll(house: House, running: Map<Promise<void>, JobKind>, stopping: AbortSignal): Promise<void> {
  const limits = {
    agents: house.settings.ORCH_MAX_CONCURRENCY,
    gateRuns: house.settings.ORCH_MAX_GATE_RUNS,
    serialPerRepo: house.settings.ORCH_SERIAL_GATE_PER_REPO,
  };
  const room = await roomAt(house);
  if (room.why !== null) {
    house.log.error('no job is claimed', { freeBytes: room.freeBytes, why: room.why });
    return;
  }
  while (!stopping.aborted) {
    const held = [...running.values()];
    const job = await house.store.claimJob({
      workerId: house.workerId,
      kinds: KINDS.filter((kind) => hasRoom(kind, held, limits)),
      nowMs: house.now(),
      leaseMs: CLAIM_LEASE_MS,
      limits,
      host: house.host,
    });
    if (job === null) return;
    const work: Promise<void> = runClaimed(house, job, stopping).finally(() => {
      running.delete(work);
      house.bell.ring();
    });
    running.set(work, job.kind);
  }
}

/** What this process runs by itself is enough to know without asking; the store counts everybody's. */
function hasRoom(kind: JobKind, running: readonly JobKind[], limits: { agents: number; gateRuns: number }): boolean {
  if (kind === 'landing') return true;
  if (kind === 'agent') return running.filter((one) => one === 'agent').length < limits.agents;
  return running.filter((one) => one === 'gate' || one === 'probe').length < limits.gateRuns;
}

async function runClaimed(house: House, job: ClaimedJob, stopping: AbortSignal): Promise<void> {
  const mine = house.runs.open(job);
  const stopMine = (): void => mine.abort('the service is stopping');
  if (stopping.aborted) stopMine();
  stopping.addEventListener('abort', stopMine, { once: true });
  const token = { jobId: job.id, token: job.token };
  const beat = setInterval(() => {
    void settle(keepAlive(house, job, mine));
  }, HEARTBEAT_MS);
  const ended: { outcome?: JobEnd } = {};
  const work = async () => {
    ended.outcome = await runJob(house, job, mine.signal);
  };
  const failure = await settle(work());
  clearInterval(beat);
  stopping.removeEventListener('abort', stopMine);
  mine.close();
  if (failure !== undefined)
    house.log.error('a job failed inside the service', { job: job.id, step: job.step, why: failure.message });
  if (failure !== undefined || stopping.aborted)
    await settle(house.store.releaseJob(token, { atMs: house.now(), delayMs: failure === undefined ? 0 : 5_000 }));
  else house.log.info('job ended', { job: job.id, task: job.taskId, step: job.step, outcome: ended.outcome?.kind });
}

/** What became of a job, for the log: its end is in the store. */
interface JobEnd {
  readonly kind: string;
}

function runJob(house: House, job: ClaimedJob, signal: AbortSignal): Promise<JobEnd> {
  switch (job.kind) {
    case 'landing':
      return runLandingJob(house, job, signal);
    case 'agent':
      return runAgentJob(house, job, signal);
    case 'probe':
      return runProbeJob(house, job, signal);
    case 'gate':
      return runGateJob(house, job, signal);
  }
}

async function keepAlive(house: House, job: ClaimedJob, mine: OpenRun): Promise<void> {
  const kept = await house.store.heartbeat(
    { jobId: job.id, token: job.token },
    { atMs: house.now(), leaseMs: CLAIM_LEASE_MS },
  );
  if (kept === 'lost') mine.abort('the job was taken away');
  const proof = job.taskId === null ? null : await house.store.leaseOf(job.repoId, job.taskId);
  if (kept === 'kept' && proof !== null) await house.store.renewLease(proof, house.now());
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
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
