/** What would grow for ever otherwise: old rows, old reports, old catch-up results and a mirror's garbage. */
import type { LeaseProof } from '@gatehouse/verdict';
import type { ServiceContext } from '../context.ts';
import { errorOf } from '../platform/errors.ts';
import { everyTask } from '../store/every-task.ts';
import type { Repository } from '../store/port/index.ts';

const DAY_MS = 86_400_000;
/** Who holds a merge lease while a mirror is made small. */
const HOLDER = 'housekeeping';

/** One pass. Each part is idempotent, and one that fails does not keep the others from being done. */
export async function runMaintenance(
  service: Pick<ServiceContext, 'engine' | 'log' | 'mirrors' | 'now' | 'settings' | 'store' | 'wakeup' | 'workspaces'>,
  signal: AbortSignal,
): Promise<void> {
  const { store, settings, now } = service;
  const beforeMs = now() - settings.storage.retentionDays * DAY_MS;
  // Reports first: the rows say whose they are.
  for await (const task of everyTask(store, {}))
    if ((task.stage === 'done' || task.stage === 'cancelled') && task.updatedAt < beforeMs)
      await service.workspaces.deleteReports(task.id);
  const dropped = await store.prune(beforeMs);
  if (dropped > 0) service.log.info('old rows are gone', { rows: dropped, days: settings.storage.retentionDays });
  for (const repo of await store.listRepos()) {
    if (signal.aborted) return;
    await service.workspaces.deleteProbeReports(repo.id);
    await compactMirror(service, repo, signal);
  }
}

/** Only while no task lands and no task is in the queue; a lease that is busy now is free tomorrow. */
async function compactMirror(
  service: Pick<ServiceContext, 'engine' | 'log' | 'mirrors' | 'now' | 'settings' | 'store' | 'wakeup'>,
  repo: Repository,
  signal: AbortSignal,
): Promise<void> {
  const { store, settings, now, engine } = service;
  if ((await store.listTickets(repo.id)).length > 0) return;
  const atMs = now();
  const lease = { repoId: repo.id, holder: HOLDER, attempt: 0, atMs, ttlMs: settings.merge.leaseTtlMs };
  const acquired = await store.acquireLease(lease);
  if (acquired.kind !== 'acquired') return;
  const renew = () => errorOf(store.renewLease(acquired.proof, now()));
  const alive = setInterval(() => void renew(), settings.merge.leaseTtlMs / 4);
  try {
    const failure = await compact(service, repo, { proof: acquired.proof, signal });
    if (failure !== null && !signal.aborted)
      service.log.warn('a mirror could not be made smaller', { repo: repo.id, why: failure });
  } finally {
    // A renewal that outlived its work would keep every task from landing.
    clearInterval(alive);
    await store.releaseLease(acquired.proof, { atMs: now(), engine });
    service.wakeup.notify();
  }
}

async function compact(
  service: Pick<ServiceContext, 'mirrors' | 'store'>,
  repo: Repository,
  held: { readonly proof: LeaseProof; readonly signal: AbortSignal },
): Promise<string | null> {
  const live = await service.store.listTasks({ repoId: repo.id, live: true, limit: 100_000 });
  const named = live.flatMap(({ baseSha, headSha, testedSha }) => [baseSha, headSha, testedSha]);
  return service.mirrors.compact(repo.id, { keep: [...new Set(named)].filter((sha) => sha !== null), ...held });
}
