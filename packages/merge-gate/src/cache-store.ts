/**
 * Which caches a run may see: those that a green run of a landed commit left. What a branch leaves is kept under its commit
 * and shown to no other run until main holds that very commit, so no branch can put anything into the runs of main or of others.
 */
import { basename, dirname, join } from 'node:path';
import type { RunCache } from '@gatehouse/gate-run';
import { isAncestor } from '@gatehouse/git';
import { entriesOf, removeEntry } from './adapters/cache-entries.ts';
import type { RetestRequest } from './retest.ts';

/** Kept besides the newest landed one: results that wait for their landing. */
const WAITING = 3;

/** Beside the mirror, on the disk where checkouts are. */
export const cacheStoreOf = (gitDir: string): string =>
  join(dirname(gitDir), `${basename(gitDir).replace(/\.git$/, '')}.cache`);

/** The caches of a run; undefined where the policy names none, or no landed commit is known. */
export async function cachesOf(request: RetestRequest): Promise<RunCache | undefined> {
  const { git, commit, policy, purpose = 'branch', signal, gitTimeoutMs: timeoutMs } = request;
  const { cache: paths = [] } = policy;
  const landed = purpose === 'base' || purpose === 'probe' ? commit : request.base;
  if (paths.length === 0 || landed === undefined) return undefined;
  const store = cacheStoreOf(git.gitDir);
  const entries = await entriesOf(store);
  const isLanded = async (entry: string): Promise<boolean> =>
    entry === landed ||
    (await isAncestor({ repo: git, ancestor: entry, of: landed, timeoutMs, signal })).kind === 'yes';
  let from: string | null = null;
  for (const entry of entries) if (from === null && (await isLanded(entry))) from = entry;
  const others = entries.filter((entry) => entry !== from && entry !== commit);
  for (const entry of others.slice(WAITING)) await removeEntry(store, entry);
  return {
    paths,
    from: from === null ? null : join(store, from),
    into: entries.includes(commit) ? null : join(store, commit),
  };
}
