/**
 * Lets go of catch-up results that no task waits for. What a slot has checked out, and what the caller names, stays.
 */
import { join } from 'node:path';
import { invariant } from '@gatehouse/verdict';
import { modifiedAt, onDisk } from './adapters/disk.ts';
import { callGit } from './adapters/git-call.ts';
import { expectSha } from './object-name.ts';
import type { GitFailed, RepoRequest, Sha } from './outcome.ts';

/** Request of `expireTested`. */
export interface ExpireTested extends RepoRequest {
  /** Commits that tasks still wait for, whatever their age. */
  readonly keep: readonly Sha[];
  /** Younger results stay: a task may be about to name them. At least an hour. */
  readonly olderThanMs: number;
  /** What ages are counted to, in ms since 1970. Default: now. */
  readonly nowMs?: number | undefined;
}

/** `removed` lost their ref; their objects go with the next `collectGarbage`, unless a branch holds them. */
export interface ExpiredTested {
  readonly kind: 'expired';
  /** Tested commits that lost their ref. */
  readonly removed: readonly Sha[];
  /** How many keep theirs. */
  readonly kept: number;
}

const TESTED = 'refs/gatehouse/tested/';
const LEAST_AGE_MS = 3_600_000;

/** Removes `refs/gatehouse/tested/*` of old results. All of them go, or none. */
export async function expireTested(request: ExpireTested): Promise<ExpiredTested | GitFailed> {
  const { repo, keep, olderThanMs, nowMs = Date.now() } = request;
  for (const sha of keep) expectSha(sha, 'a kept commit');
  invariant(Number.isFinite(olderThanMs) && olderThanMs >= LEAST_AGE_MS, 'an expired result is at least an hour old');
  const listed = await callGit(
    {
      op: 'list-tested',
      gitDir: repo.gitDir,
      args: ['for-each-ref', '--format=%(refname) %(objectname) %(committerdate:unix)', 'refs/gatehouse/'],
    },
    request,
  );
  if (listed.kind === 'git-failed') return listed;
  const refs = listed.text.split('\n').flatMap((line) => {
    const [ref = '', sha = '', seconds = ''] = line.split(' ');
    return ref === '' ? [] : [{ ref, sha, madeAtMs: Number(seconds) * 1000 }];
  });
  const wanted = new Set([...keep, ...refs.flatMap(({ ref, sha }) => (ref.startsWith(TESTED) ? [] : [sha]))]);
  const tested = refs.filter(({ ref }) => ref.startsWith(TESTED));
  const old = await onDisk('expire-tested', async () => {
    const chosen: typeof tested = [];
    for (const entry of tested) {
      // A commit may be older than its test: the ref's own file is the better evidence while there is one.
      const since = Math.max(entry.madeAtMs, (await modifiedAt(join(repo.gitDir, entry.ref))) ?? 0);
      if (!wanted.has(entry.sha) && nowMs - since >= olderThanMs) chosen.push(entry);
    }
    return chosen;
  });
  if ('kind' in old) return old;
  const kept = tested.length - old.length;
  if (old.length === 0) return { kind: 'expired', removed: [], kept };
  const removed = await callGit(
    {
      op: 'expire-tested',
      gitDir: repo.gitDir,
      args: ['update-ref', '--no-deref', '--stdin'],
      stdin: old.map(({ ref, sha }) => `delete ${ref} ${sha}\n`).join(''),
    },
    request,
  );
  return removed.kind === 'git-failed' ? removed : { kind: 'expired', removed: old.map(({ sha }) => sha), kept };
}
