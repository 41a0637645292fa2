/**
 * A git that was killed in the middle of a fetch leaves the lock of a ref behind, and every later fetch fails at it. In a
 * mirror, which is ours alone, it is removed once no live process can have made it.
 */
import { clearStaleLocks } from '@gatehouse/git';
import type { LeaseProof } from '@gatehouse/verdict';
import type { ServiceContext } from '../context.ts';
import type { Repository } from '../store/port/index.ts';

const HOLDER = 'left-locks';
/** The least that may be asked for: no call of ours holds the lock of a ref for longer than moments. */
const OLD_MS = 60_000;

/** While a task is between its test and the window nothing is done: a later pass tries again. */
export async function clearStaleMirrorLocks(
  service: Pick<ServiceContext, 'engine' | 'log' | 'mirrors' | 'now' | 'settings' | 'store'>,
  repo: Repository,
): Promise<void> {
  const { store, settings, now, engine } = service;
  const inside = await insideWindow(service, repo);
  if (inside !== null) return clear(service, repo, inside);
  const lease = { repoId: repo.id, holder: HOLDER, attempt: 0, atMs: now(), ttlMs: settings.merge.leaseTtlMs };
  const acquired = await store.acquireLease(lease);
  if (acquired.kind !== 'acquired') return;
  try {
    await clear(service, repo, acquired.proof);
  } finally {
    await store.releaseLease(acquired.proof, { atMs: now(), engine });
  }
}

/** The lease of a landing that waits to read this very mirror, and would keep it for ever. */
async function insideWindow({ store }: Pick<ServiceContext, 'store'>, { id }: Repository): Promise<LeaseProof | null> {
  const lease = await store.currentLease(id);
  const task = lease === null ? null : await store.getTask(lease.holder);
  return task === null || task.criticalToken === null ? null : store.leaseOf(id, task.id);
}

async function clear(
  { mirrors, log }: Pick<ServiceContext, 'log' | 'mirrors'>,
  { id }: Repository,
  proof: LeaseProof,
): Promise<void> {
  const cleared = await clearStaleLocks({ repo: { gitDir: mirrors.directory(id) }, proof, olderThanMs: OLD_MS });
  if (cleared.kind !== 'cleared') return log.warn('the locks of a mirror cannot be judged', { repo: id });
  if (cleared.removed.length > 0)
    log.warn('locks that a killed git left in a mirror are gone', { repo: id, locks: cleared.removed.join(', ') });
  for (const { path, why, pids } of cleared.kept)
    log.warn('a lock of a mirror stays', { repo: id, lock: path, why, pids: pids.join(', ') });
}
