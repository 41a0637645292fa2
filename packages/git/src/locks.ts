/**
 * Locks that a killed git left behind. They are always listed; one is only removed under the merge lease, and only when
 * nothing on this machine can still be its maker: a lock taken from a living git is a lost or torn ref.
 */
import { invariant, LeaseProof } from '@gatehouse/verdict';
import { gitFailed } from './adapters/diagnosis.ts';
import { onDisk } from './adapters/disk.ts';
import { actingUser, type LockFile, type LockFiles, lockFilesOf, removeLock } from './adapters/lock-files.ts';
import { holdersOf, type LivingProcess, livingProcesses } from './adapters/process-list.ts';
import type { GitFailed, RefusedCall, RepoRequest } from './outcome.ts';

/** One lock. A living git that is at work holds one for moments. */
export interface StandingLock {
  /** Relative to the git directory, for example `refs/heads/main.lock`. */
  readonly path: string;
  /** `ref` guards refs; everything else (`index.lock`, `config.lock`, `gc.pid`) is `other`. */
  readonly guards: 'ref' | 'other';
  /** Since it was made, in milliseconds. */
  readonly ageMs: number;
  /** Processes that have it open. Empty proves nothing: git closes a lock before it uses it. */
  readonly openBy: readonly number[];
}

/** Lists every lock of a repository, oldest first. */
export async function listLocks(request: RepoRequest): Promise<
  | {
      readonly kind: 'listed';
      /** Every lock, oldest first. */
      readonly locks: readonly StandingLock[];
    }
  | GitFailed
> {
  const found = await findLocks(request);
  if ('kind' in found) return found;
  const { files } = found;
  const holders = await holdersOf(new Set(files.map(({ realPath }) => realPath)));
  const locks = files.map((file) => ({
    path: file.path,
    guards: guardsRef(file) ? ('ref' as const) : ('other' as const),
    ageMs: ageOf(file, Date.now()),
    openBy: holders.get(file.realPath) ?? [],
  }));
  return { kind: 'listed', locks: locks.toSorted((a, b) => b.ageMs - a.ageMs) };
}

/** Request of `clearStaleLocks`. */
export interface ClearStaleLocks extends RepoRequest {
  /** Held for as long as the call runs; it keeps our own landings away. */
  readonly proof: LeaseProof;
  /** Locks younger than this stay; at least one minute. Default ten minutes. */
  readonly olderThanMs?: number | undefined;
  /** What ages are counted to, in ms since 1970. Default: now. */
  readonly nowMs?: number | undefined;
}

/**
 * Why a lock stays: `other`, it guards no ref; `foreign`, it is no plain file of this user; `young`; `open`, a process
 * has it open; `maker-may-live`, a git process is at least as old as the lock; `unknown`, this machine does not show
 * which processes live; `changed`, it moved while it was being judged.
 */
export type WhyKept = 'other' | 'foreign' | 'young' | 'open' | 'maker-may-live' | 'unknown' | 'changed';

/** What became of each lock. */
export interface ClearedLocks {
  readonly kind: 'cleared';
  /** Paths of locks that were removed, relative to the git directory. */
  readonly removed: readonly string[];
  /** Locks that stay. */
  readonly kept: readonly {
    /** Relative to the git directory. */
    readonly path: string;
    /** Why it was not removed. */
    readonly why: WhyKept;
    /** Processes that have it open. */
    readonly pids: readonly number[];
  }[];
}

const LEAST_AGE_MS = 60_000;
const DEFAULT_AGE_MS = 600_000;

/**
 * Removes the ref locks whose makers are provably gone. For a repository on a disk of this machine, used by its git
 * alone.
 */
export async function clearStaleLocks(request: ClearStaleLocks): Promise<ClearedLocks | RefusedCall | GitFailed> {
  const { proof, olderThanMs = DEFAULT_AGE_MS, nowMs = Date.now() } = request;
  if (!LeaseProof.isMinted(proof)) return { kind: 'refused', reason: 'locks are only cleared under the merge lease' };
  invariant(Number.isFinite(olderThanMs) && olderThanMs >= LEAST_AGE_MS, 'a stale lock is at least a minute old');
  const found = await findLocks(request);
  if ('kind' in found) return found;
  const { root, files } = found;
  const living = await livingProcesses();
  const holders = await holdersOf(new Set(files.map(({ realPath }) => realPath)));
  const removed: string[] = [];
  const kept: { path: string; why: WhyKept; pids: readonly number[] }[] = [];
  for (const file of files) {
    const judged = judge(file, { nowMs, olderThanMs, living, openBy: holders.get(file.realPath) ?? [] });
    const gone = judged === null && (await onDisk('clear-locks', () => removeLock(root, file)));
    if (typeof gone === 'object') return gone;
    if (gone) removed.push(file.path);
    else kept.push({ path: file.path, ...(judged ?? { why: 'changed', pids: [] }) });
  }
  return { kind: 'cleared', removed, kept };
}

/** The clock of processes counts in seconds since boot, that of files does not. */
const CLOCK_SLACK_MS = 3_000;

/** `null` when no process may still hold the lock. */
function judge(
  file: LockFile,
  known: {
    readonly nowMs: number;
    readonly olderThanMs: number;
    readonly living: readonly LivingProcess[] | null;
    readonly openBy: readonly number[];
  },
): { readonly why: WhyKept; readonly pids: readonly number[] } | null {
  const { nowMs, olderThanMs, living, openBy } = known;
  if (!guardsRef(file)) return { why: 'other', pids: openBy };
  if (!file.plain || file.owner !== actingUser()) return { why: 'foreign', pids: openBy };
  if (ageOf(file, nowMs) < olderThanMs) return { why: 'young', pids: openBy };
  if (openBy.length > 0) return { why: 'open', pids: openBy };
  if (living === null) return { why: 'unknown', pids: [] };
  const suspects = living.filter(
    ({ name, startedAtMs }) => /^git(?:-|$)/.test(name) && startedAtMs <= file.modifiedAtMs + CLOCK_SLACK_MS,
  );
  return suspects.length === 0 ? null : { why: 'maker-may-live', pids: suspects.map(({ pid }) => pid) };
}

const guardsRef = ({ path }: LockFile): boolean =>
  path === 'packed-refs.lock' || path === 'HEAD.lock' || (path.startsWith('refs/') && path.endsWith('.lock'));

/** A time in the future is no age: the lock was touched just now, or the clock was set back. */
const ageOf = ({ modifiedAtMs }: LockFile, nowMs: number): number => Math.max(0, Math.floor(nowMs - modifiedAtMs));

async function findLocks({ repo }: RepoRequest): Promise<LockFiles | GitFailed> {
  const { gitDir } = repo;
  invariant(
    typeof gitDir === 'string' && gitDir.startsWith('/') && !gitDir.includes('\0'),
    'a git directory is absolute',
  );
  const found = await onDisk('list-locks', () => lockFilesOf(gitDir));
  return found ?? gitFailed('list-locks', 'not-a-repository', { stderr: `${gitDir} has no HEAD` });
}
