/**
 * A tested commit that somebody else brought to main: by hand, or at the forge after it had refused us. Main decides, so its task
 * has landed, whatever it was waiting for, and is never told as cancelled (docs/adr/0003-the-tested-commit-lands.md).
 */
import { SUB_GATES } from '@gatehouse/stage-engine';
import type { LeaseProof } from '@gatehouse/verdict';
import type { ServiceContext } from '../context.ts';
import { testedAlone } from '../store/candidate.ts';
import type { ApplyOutcome, JobToken, NewOutbox, Repository, Task } from '../store/port/index.ts';
import { alertLostMarkers } from './missing-markers.ts';
import { type Landed, ratchetAfterLanding } from './ratchet.ts';

export type LandingFollows = Landed['service'] &
  Pick<ServiceContext, 'agentRunner' | 'baseRuns' | 'loadPolicy' | 'mirrors' | 'settings'>;
export type TellsLanded = LandingFollows & Pick<ServiceContext, 'engine' | 'metrics' | 'now' | 'workerId'>;

/** What follows once main, at `head`, holds the tested commit. Without the lease the baseline is left to the next landing. */
export async function afterLanding(
  landed: Landed & { readonly service: LandingFollows },
  { head, proof }: { readonly head: string; readonly proof: LeaseProof | null },
): Promise<NewOutbox[]> {
  const { service, repo, candidate } = landed;
  service.baseRuns.landed(repo.id);
  if (proof !== null) await ratchetAfterLanding(landed, proof);
  return alertLostMarkers({ service, repo, base: candidate.base }, head);
}

/** Whether it stands between its gates and main. */
export const isGated = ({ stage, state }: Task): boolean =>
  stage === 'deploy' || SUB_GATES['deploy-staging'].some((check) => stage === 'deploy-staging' && check === state.step);

const isLanding = ({ status, state }: Task): boolean => status === 'active' && state.step === 'land';

const mayBeLanded = (task: Task): boolean =>
  isGated(task) && task.status !== 'stopping' && !task.state.landed && task.state.stop === null;

/** Whether main, at `head`, holds the tested commit of a task whose landing is not answered. `unknown`: they cannot be compared now. */
export async function isLandedOutside(
  { mirrors }: Pick<ServiceContext, 'mirrors'>,
  task: Task,
  head: string,
): Promise<'yes' | 'no' | 'unknown'> {
  const { repoId, baseSha, testedSha } = task;
  if (testedSha === null || head === baseSha || !mayBeLanded(task)) return 'no';
  return mirrors.hasCommit(repoId, { commit: testedSha, head });
}

export interface LandedOutside {
  readonly repo: Repository;
  readonly task: Task;
  /** Where main was seen with the tested commit. */
  readonly head: string;
  /** The job that found it; without one, the event is of this version of the task only. */
  readonly job?: JobToken;
}

/** Null: a landing is under way, which finds and tells it by itself. */
export async function tellLandedOutside(
  service: TellsLanded,
  { repo, task, head, job }: LandedOutside,
): Promise<ApplyOutcome | null> {
  const candidate = testedAlone(task);
  if (candidate === null || isLanding(task)) return null;
  const proof = await service.store.leaseOf(repo.id, task.id);
  const outbox = await afterLanding({ service, repo, candidate }, { head, proof });
  const reason = task.criticalToken === null ? 'somebody else landed it' : 'it was landed before it was tested again';
  const answer = { kind: 'merged-outside', reason } as const;
  const told = await service.store.applyEvent({
    taskId: task.id,
    event: { kind: 'landing-answered', answer, atMs: service.now() },
    engine: service.engine,
    writes: { task: { landedSha: candidate.tested }, leaveCritical: true, outbox },
    actor: service.workerId,
    ...(job === undefined ? { onlyAtVersion: task.version } : { job }),
  });
  if (told.kind === 'applied') service.metrics.landing(answer.kind);
  return told;
}
