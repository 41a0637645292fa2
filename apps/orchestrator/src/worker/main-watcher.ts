/**
 * Tasks that wait for a main that is red: woken when main is not the one they were judged on any more, when what their
 * tests run on has changed, or when a probe found main well. Any number of them costs one probe.
 */
import type { ResumeReason } from '@gatehouse/stage-engine';
import type { ServiceContext } from '../context.ts';
import { isolationOf } from '../policy/isolation.ts';
import { everyTask } from '../store/every-task.ts';
import type { Repository, Task } from '../store/port/index.ts';
import { probeStep } from '../store/probe-step.ts';
import type { FreshMirror } from '../workspace/mirrors.ts';

const POLL_MS = 60_000;

export const waitsForMain = ({ state }: Task): boolean => state.waiting?.cause === 'main-broken';

/** Sends the event to every waiting task of the repository; those that wait for something else ignore it. */
export async function resumeWaiting(
  service: Pick<ServiceContext, 'engine' | 'now' | 'store'>,
  repoId: string,
  why: ResumeReason,
): Promise<void> {
  for await (const task of everyTask(service.store, { repoId, status: 'waiting', live: true }))
    await service.store.applyEvent({
      taskId: task.id,
      event: { kind: 'woken', why, atMs: service.now() },
      engine: service.engine,
      actor: 'watch',
    });
}

/** What was seen of a repository's environment, and when; lives as long as the process. */
export type SeenEnvironments = Map<string, { readonly digest: string; readonly atMs: number }>;

export interface WatchedMain {
  readonly repo: Repository;
  readonly mirror: FreshMirror;
  /** Some task of the repository waits for main. */
  readonly isWaitedFor: boolean;
}

/**
 * Reads the environment that the tests of a red main run on, at most once a minute and only while a task waits for it. After
 * a start nothing earlier is known, so main itself is probed once.
 */
export async function watchEnvironment(
  service: Pick<ServiceContext, 'engine' | 'environmentOf' | 'loadPolicy' | 'now' | 'settings' | 'store' | 'wakeup'>,
  { repo, mirror, isWaitedFor }: WatchedMain,
  seen: SeenEnvironments,
): Promise<void> {
  const base = mirror.heads[repo.main];
  if (!isWaitedFor || base === undefined) {
    seen.delete(repo.id);
    return;
  }
  const before = seen.get(repo.id);
  const atMs = service.now();
  if (before !== undefined && atMs - before.atMs < POLL_MS) return;
  const operatorFile = repo.policyPath ?? '';
  const loaded = await service.loadPolicy({ git: mirror.git, base, operatorFile, settings: service.settings });
  const policy = loaded.kind === 'policy' ? loaded.policy : null;
  if (policy === null || policy.test === null) return;
  const digest = await service.environmentOf(policy.test, isolationOf(service.settings, policy.isolation, 'test'));
  if (digest === null) return;
  seen.set(repo.id, { digest, atMs });
  if (before === undefined)
    await service.store.addProbe({ repoId: repo.id, step: probeStep('test'), delayMs: 0, atMs });
  else if (before.digest !== digest) await resumeWaiting(service, repo.id, 'environment-changed');
  service.wakeup.notify();
}
