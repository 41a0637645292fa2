/**
 * Deployments of one repository to one stage go one at a time, and production never goes back: of two commands at once the slower one
 * would win, and a deployment that a person asks for again may be of a commit that a newer one has replaced.
 */
import { parseArtefact } from '@gatehouse/artefact';
import type { NewerDeployment } from '../agents/deploy.ts';
import { artefactOf } from '../agents/roles.ts';
import type { ServiceContext } from '../context.ts';
import type { ClaimedJob, Task } from '../store/port/index.ts';
import type { MirroredRepository } from '../workspace/mirrors.ts';
import { CLAIM_LEASE_MS } from './reaper.ts';
import { pause } from './worker.ts';

interface Deploying {
  readonly job: ClaimedJob;
  readonly task: Task;
  readonly signal: AbortSignal;
}

type Services = Pick<ServiceContext, 'activeClaims' | 'deployments' | 'now' | 'settings' | 'store'>;

/** Carries it out once no other deployment of the repository to this stage is under way. Null: it is not wanted any more. */
export async function inTurn<Done>(
  service: Services,
  { job, task, signal }: Deploying,
  body: () => Promise<Done>,
): Promise<Done | null> {
  const { activeClaims, deployments, now, settings, store } = service;
  const claim = { jobId: job.id, token: job.token };
  const turn = deployments.enter(`${task.repoId} ${task.stage}`);
  const isFirst = new AbortController();
  void turn.first.then(() => isFirst.abort());
  try {
    while (!turn.isFirst()) {
      activeClaims.awaits(claim, `waits for another deployment of ${task.repoId} to end (${task.stage})`);
      // Waiting is progress: the reaper's clock begins anew.
      const kept = await store.heartbeat(claim, { atMs: now(), leaseMs: CLAIM_LEASE_MS, inLine: true });
      if (kept === 'lost') return null;
      await pause(settings.repositories.pollMs, AbortSignal.any([signal, isFirst.signal]));
      if (signal.aborted) return null;
    }
    activeClaims.awaits(claim, null);
    return await body();
  } finally {
    turn.leave();
  }
}

const LIMITS = { landings: 100 } as const;

/** `unknown`: git could not compare the commit with one that is deployed, and that main has, as far as can be read. */
type Newer = ({ readonly kind: 'newer' } & NewerDeployment) | { readonly kind: 'none' | 'unknown' };

interface Landed {
  readonly task: Pick<Task, 'id' | 'landedSha'>;
  readonly repo: MirroredRepository;
  readonly signal: AbortSignal;
}

/** `none`: what is deployed, as far as is on record and still on main, does not contain the task's commit. */
export async function newerDeployment(
  service: Pick<ServiceContext, 'mirrors' | 'store' | 'workspaces'>,
  { task: { id, landedSha }, repo, signal }: Landed,
): Promise<Newer> {
  if (landedSha === null) return { kind: 'none' };
  const { store, mirrors } = service;
  // Whatever the clock says: what somebody else landed is noticed late, behind what contains it.
  const landed = await store.landedTasks({ repoId: repo.id, sinceMs: 0, limit: LIMITS.landings });
  const uncompared: string[] = [];
  for (const { id: task, landedSha: commit } of landed) {
    if (task === id || commit === null || commit === landedSha) continue;
    if (!(await isDeployed(service, task))) continue;
    const contains = await mirrors.hasCommit(repo.id, { commit: landedSha, head: commit });
    if (contains === 'yes') return { kind: 'newer', task, commit };
    if (contains === 'unknown') uncompared.push(commit);
  }
  if (uncompared.length === 0) return { kind: 'none' };
  // A commit that main was rewritten without is gone for good, and production is to follow main.
  const now = await mirrors.refresh(repo, signal);
  const main = now.kind === 'fresh' ? now.heads[repo.main] : undefined;
  if (main === undefined) return { kind: 'unknown' };
  for (const commit of uncompared)
    if (!(await mirrors.wasDropped(repo.id, { commit, base: landedSha, main }))) return { kind: 'unknown' };
  return { kind: 'none' };
}

/** By the report of its deployment, which is there before the check has read it. */
async function isDeployed(
  { store, workspaces }: Pick<ServiceContext, 'store' | 'workspaces'>,
  taskId: string,
): Promise<boolean> {
  const [judged] = await store.gateRuns({ taskId, check: 'check_deploy_status', limit: 1 });
  const rule = artefactOf('deploy');
  if (judged?.status === 'pass' || rule === null) return judged?.status === 'pass';
  const row = await store.findArtefact({ taskId, name: rule.name });
  const text = row === null ? null : await workspaces.readStoredReport(row);
  const read = text === null ? null : parseArtefact(text, { [rule.key]: 'string' }, 'authored');
  return read?.kind === 'read' && read.front[rule.key] === rule.opens;
}
