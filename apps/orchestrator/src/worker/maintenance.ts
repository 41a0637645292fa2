/** What would grow for ever otherwise: old rows, old reports, old catch-up results and a mirror's garbage. */
import type { LeaseProof } from '@gatehouse/verdict';
import type { House } from '../context.ts';
import { settle } from '../platform/errors.ts';
import type { RepoRow } from '../store/port.ts';

const DAY_MS = 86_400_000;
/** Who holds a merge lease while a mirror is made small. */
const HOLDER = 'housekeeping';

/** One pass. Each part is idempotent, and one that fails does not keep the others from being done. */
export async function keepHouse(house: House, signal: AbortSignal): Promise<void> {
  const { store, settings, now } = house;
  const beforeMs = now() - settings.ORCH_RETENTION_DAYS * DAY_MS;
  // Reports first: the rows say whose they are.
  for (const task of await store.listTasks({ limit: 100_000 }))
    if ((task.stage === 'done' || task.stage === 'cancelled') && task.updatedAt < beforeMs)
      await house.places.forget(task.id);
  const dropped = await store.prune(beforeMs);
  if (dropped > 0) house.log.info('old rows are gone', { rows: dropped, days: settings.ORCH_RETENTION_DAYS });
  for (const repo of await store.listRepos()) if (!signal.aborted) await shrinkMirror(house, repo, signal);
}

/** Only while nobody lands and nobody is in line; a lease that is busy now is free tomorrow. */
async function shrinkMirror(house: House, repo: RepoRow, signal: AbortSignal): Promise<void> {
  const { store, settings, now, engine } = house;
  if ((await store.listTickets(repo.id)).length > 0) return;
  const atMs = now();
  const lease = { repoId: repo.id, holder: HOLDER, attempt: 0, atMs, ttlMs: settings.ORCH_MERGE_LEASE_TTL_S };
  const acquired = await store.acquireLease(lease);
  if (acquired.kind !== 'acquired') return;
  const renew = () => settle(store.renewLease(acquired.proof, now()));
  const alive = setInterval(() => void renew(), settings.ORCH_MERGE_LEASE_TTL_S / 4);
  try {
    const trouble = await shrink(house, repo, { proof: acquired.proof, signal });
    if (trouble !== null && !signal.aborted)
      house.log.warn('a mirror could not be made smaller', { repo: repo.id, why: trouble });
  } finally {
    // A renewal that outlived its work would keep everybody from landing.
    clearInterval(alive);
    await store.releaseLease(acquired.proof, { atMs: now(), engine });
    house.bell.ring();
  }
}

async function shrink(
  house: House,
  repo: RepoRow,
  held: { readonly proof: LeaseProof; readonly signal: AbortSignal },
): Promise<string | null> {
  const live = await house.store.listTasks({ repoId: repo.id, live: true, limit: 100_000 });
  const named = live.flatMap(({ baseSha, headSha, testedSha }) => [baseSha, headSha, testedSha]);
  return house.mirrors.shrink(repo.id, { keep: [...new Set(named)].filter((sha) => sha !== null), ...held });
}
