/**
 * One probe: fetches, and runs the command that met trouble on main itself. What ends by itself, red or green, closes the
 * breakers, and a main that is not red wakes whoever waits for it; trouble met again puts the probe off for as long again as the trouble has lasted, within limits. It holds no
 * lease and spends nobody's attempts.
 */

import { causesOf, type Work, workOfProbe } from '../../breakers/causes.ts';
import type { BaseAnswer } from '../../breakers/probe-main.ts';
import type { House } from '../../context.ts';
import type { BreakerRow, ClaimedJob, RepoRow } from '../../store/port.ts';
import { inLineFor } from '../base-run-queue.ts';
import { wakeWaiting } from '../main-watcher.ts';
import { recorderFor } from '../record-command.ts';

const SOONEST_MS = 30_000;
const LATEST_MS = 900_000;

export interface ProbeEnd {
  readonly kind: 'probed' | 'probed-in-vain' | 'fenced';
}

export async function runProbeJob(house: House, job: ClaimedJob, signal: AbortSignal): Promise<ProbeEnd> {
  const work = workOfProbe(job.step);
  const repo = await house.store.getRepo(job.repoId);
  const token = { jobId: job.id, token: job.token };
  if (work === null || repo === null) {
    await house.store.finishJob(token, { state: 'failed', atMs: house.now() });
    return { kind: 'probed' };
  }
  const mine = await openBreakers(house, repo.id, work);
  const answer = await look({ house, job, repo, work, fresh: mine.length > 0, signal });
  // What an abort cut off says nothing: the claim goes back, or somebody else has it.
  if (signal.aborted) return { kind: 'fenced' };
  house.log.info('main was probed', { repo: repo.id, step: job.step, kind: answer.kind, reason: answer.reason });
  if (answer.kind === 'trouble' && mine.length > 0) {
    const atMs = house.now();
    await house.store.releaseJob(token, { atMs, delayMs: pauseAfter(mine, atMs) });
    return { kind: 'probed-in-vain' };
  }
  if ((await house.store.finishJob(token, { state: 'done', atMs: house.now() })) === 'fenced')
    return { kind: 'fenced' };
  const causes = mine.map(({ cause }) => cause);
  if (causes.length > 0)
    await house.store.closeBreaker({ repoId: repo.id, host: house.host, causes, atMs: house.now() });
  // Where main cannot be judged any more, each task finds that out, and says so, for itself.
  if (answer.kind === 'told' && answer.word !== 'red' && work === 'test')
    await wakeWaiting(house, repo.id, 'main-healed');
  house.bell.ring();
  return { kind: 'probed' };
}

async function openBreakers({ store, host }: House, repoId: string, work: Work): Promise<readonly BreakerRow[]> {
  // Whoever runs a command on main has fetched main before.
  const causes = [...causesOf(work), ...causesOf('forge')];
  const all = await store.listBreakers(repoId);
  return all.filter((one) => one.state === 'open' && one.host === host && causes.includes(one.cause));
}

/** Doubles by itself: trouble that has lasted long is looked at less often. */
function pauseAfter(breakers: readonly BreakerRow[], atMs: number): number {
  const since = Math.min(...breakers.map((one) => one.since));
  return Math.min(LATEST_MS, Math.max(SOONEST_MS, atMs - since));
}

interface Look {
  readonly house: House;
  readonly job: ClaimedJob;
  readonly repo: RepoRow;
  readonly work: Work;
  readonly fresh: boolean;
  readonly signal: AbortSignal;
}

async function look({ house, job, repo, work, fresh, signal }: Look): Promise<BaseAnswer> {
  const { settings } = house;
  const mirror = await house.mirrors.refresh(repo, signal);
  if (mirror.kind !== 'fresh') return { kind: 'trouble', reason: mirror.reason };
  const base = mirror.heads[repo.main];
  if (base === undefined) return { kind: 'told', word: 'none', reason: `${repo.url} has no branch ${repo.main}` };
  if (work === 'forge') return { kind: 'told', word: 'none', reason: 'the forge answers' };
  const loaded = await house.loadPolicy({
    git: mirror.git,
    base,
    operatorFile: repo.policyPath ?? '',
    settings,
    signal,
  });
  if (loaded.kind !== 'policy') return { kind: 'told', word: 'none', reason: 'the gate definition cannot be used' };
  const places = await house.places.open(job);
  const token = { jobId: job.id, token: job.token };
  const about = { repo: repo.id, base, git: mirror.git, policy: loaded.policy, settings, places, signal };
  try {
    const record = recorderFor(house, token, { repoId: repo.id, taskId: null });
    return await house.lookAtBase({ ...about, work, line: inLineFor(house, token), fresh, record });
  } finally {
    await house.places.close(places);
  }
}
