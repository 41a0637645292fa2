/**
 * One probe: fetches, and runs on main itself the command that had the machine fault. A command that ends by itself, red or
 * green, closes the breakers, and a main that is not red wakes the tasks that wait for it; a repeated fault postpones the
 * probe for as long again as the fault has lasted, within limits. It holds no lease and counts no attempt of a task.
 */

import type { CommandRun } from '@gatehouse/gate-run';
import type { MainProbeResult } from '../../checks/probe-main.ts';
import type { ServiceContext } from '../../context.ts';
import { causesOf, type Workload, workloadOfProbe } from '../../store/breaker-causes.ts';
import type { Breaker, ClaimedJob, Repository } from '../../store/port/index.ts';
import { withHeartbeat } from '../base-run-queue.ts';
import { triedPolicy } from '../isolation-trial.ts';
import { resumeWaiting } from '../main-watcher.ts';
import { commandRecorder } from '../record-command.ts';
import { testMemoryPort } from '../store-ports.ts';

const SOONEST_MS = 30_000;
const LATEST_MS = 900_000;

export interface ProbeEnd {
  readonly kind: 'probed' | 'probed-in-vain' | 'fenced';
}

export async function runProbeJob(service: ServiceContext, job: ClaimedJob, signal: AbortSignal): Promise<ProbeEnd> {
  const workload = workloadOfProbe(job.step);
  const repo = await service.store.getRepo(job.repoId);
  const token = { jobId: job.id, token: job.token };
  if (workload === null || repo === null) {
    await service.store.finishJob(token, { state: 'failed', atMs: service.now() });
    return { kind: 'probed' };
  }
  const mine = await openBreakers(service, repo.id, workload);
  const answer = await probe({ service, job, repo, workload: workload, fresh: mine.length > 0, signal });
  // What an abort cut off says nothing: the claim goes back, or another worker has it.
  if (signal.aborted) return { kind: 'fenced' };
  service.log.info('main was probed', { repo: repo.id, step: job.step, kind: answer.kind, reason: answer.reason });
  if (answer.kind === 'trouble' && mine.length > 0) {
    const atMs = service.now();
    await service.store.releaseJob(token, { atMs, delayMs: pauseAfter(mine, atMs) });
    return { kind: 'probed-in-vain' };
  }
  if ((await service.store.finishJob(token, { state: 'done', atMs: service.now() })) === 'fenced')
    return { kind: 'fenced' };
  const causes = mine.map(({ cause }) => cause);
  if (causes.length > 0)
    await service.store.closeBreaker({ repoId: repo.id, host: service.host, causes, atMs: service.now() });
  // Where main cannot be judged any more, each task finds and reports that itself.
  if (answer.kind === 'told' && answer.word !== 'red' && workload === 'test')
    await resumeWaiting(service, repo.id, 'main-healed');
  service.wakeup.notify();
  return { kind: 'probed' };
}

async function openBreakers(
  { store, host }: Pick<ServiceContext, 'host' | 'store'>,
  repoId: string,
  workload: Workload,
): Promise<readonly Breaker[]> {
  // A command on main is run only after a fetch of main.
  const causes = [...causesOf(workload), ...causesOf('forge')];
  const all = await store.listBreakers(repoId);
  return all.filter((one) => one.state === 'open' && one.host === host && causes.includes(one.cause));
}

/** Doubles by itself: a fault that has lasted long is probed less often. */
function pauseAfter(breakers: readonly Breaker[], atMs: number): number {
  const since = Math.min(...breakers.map((one) => one.since));
  return Math.min(LATEST_MS, Math.max(SOONEST_MS, atMs - since));
}

interface ProbeRequest {
  readonly service: ServiceContext;
  readonly job: ClaimedJob;
  readonly repo: Repository;
  readonly workload: Workload;
  readonly fresh: boolean;
  readonly signal: AbortSignal;
}

async function probe({ service, job, repo, workload: work, fresh, signal }: ProbeRequest): Promise<MainProbeResult> {
  const { settings } = service;
  const mirror = await service.mirrors.refresh(repo, signal);
  if (mirror.kind !== 'fresh') return { kind: 'trouble', reason: mirror.reason };
  const base = mirror.heads[repo.main];
  if (base === undefined) return { kind: 'told', word: 'none', reason: `${repo.id} has no branch ${repo.main}` };
  if (work === 'forge') return { kind: 'told', word: 'none', reason: 'the forge answers' };
  const loaded = await service.loadPolicy({
    git: mirror.git,
    base,
    operatorFile: repo.policyPath ?? '',
    settings,
    signal,
  });
  if (loaded.kind !== 'policy') return { kind: 'told', word: 'none', reason: 'the gate definition cannot be used' };
  const policy = await triedPolicy(service, { job, repo, git: mirror.git, base, policy: loaded.policy, signal });
  const workspace = await service.workspaces.create(job);
  const token = { jobId: job.id, token: job.token };
  const about = { repo: repo.id, base, git: mirror.git, policy, settings, workspace, signal };
  try {
    const number = commandRecorder(service, token, { repoId: repo.id, taskId: null });
    const record = async (run: CommandRun): Promise<void> => {
      await number(run);
    };
    const tests = testMemoryPort(service.store, service.now);
    return await service.probeMain({ ...about, work, line: withHeartbeat(service, token), tests, fresh, record });
  } finally {
    await service.workspaces.dispose(workspace);
  }
}
