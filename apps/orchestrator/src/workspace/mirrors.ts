/** The service's own bare mirrors, one per repository. Fetches of one mirror never overlap. */
import { join } from 'node:path';
import {
  collectGarbage,
  expireTested,
  fetchMirror,
  type GitFailed,
  type GitRepo,
  importCommit,
  isAncestor,
  openMirror,
} from '@gatehouse/git';
import { faultOfGit } from '@gatehouse/merge-gate';
import { describeCrash, type LeaseProof, type MachineFault } from '@gatehouse/verdict';
import { describeGitFailure } from '../platform/describe-git-failure.ts';
import { errorsOf } from '../platform/errors.ts';
import type { Repository } from '../store/port.ts';

export type MirrorAnswer =
  | {
      readonly kind: 'fresh';
      readonly git: GitRepo;
      readonly heads: Readonly<Record<string, string>>;
      /** Branches whose objects the forge has lost: not gone, but nothing can be said about them. */
      readonly broken: readonly string[];
    }
  /** The forge or the disk did not answer; nothing is known to have changed. */
  | {
      readonly kind: 'unreachable';
      readonly reason: string;
      readonly trouble?: MachineFault;
      /** A lock stood in the way: of a git at work for moments, of a killed one for ever. */
      readonly isLocked?: true;
    };

export type FreshMirror = Extract<MirrorAnswer, { kind: 'fresh' }>;

export interface Mirrors {
  /**
   * Fetches every branch head. Callers that come while a fetch runs wait for a fetch that starts after they asked. The
   * signal ends the waiting, not the fetch: others wait for it, too.
   */
  refresh(repo: Pick<Repository, 'id' | 'url' | 'main'>, signal?: AbortSignal): Promise<MirrorAnswer>;
  directory(repoId: string): string;
  /** What was broken at the last fetch that came through; empty before the first. */
  broken(repoId: string): readonly string[];
  /** Whether `head` has `commit` in its history, as far as the last fetch brought it. */
  hasCommit(
    repoId: string,
    range: { readonly commit: string; readonly head: string },
  ): Promise<'yes' | 'no' | 'unknown'>;
  /** Points a ref of the mirror at a commit it holds, so that nothing loses it. `left`: it holds no such commit. */
  pin(repoId: string, of: { readonly commit: string; readonly ref: string }): Promise<PinAnswer>;
  /** Drops old catch-up results and garbage, but nothing `keep` needs. Null: done; else why not, in words. */
  compact(
    repoId: string,
    of: { readonly keep: readonly string[]; readonly proof: LeaseProof; readonly signal?: AbortSignal },
  ): Promise<string | null>;
}

export interface OpenMirrors extends Mirrors {
  /** Ends the fetches that still run, whoever waits for them; resolves when they have ended. Later ones never start. */
  close(): Promise<void>;
}

export type PinAnswer = { readonly kind: 'done' } | { readonly kind: 'left' | 'failed'; readonly reason: string };

const FETCH_LIMIT_MS = 300_000;

/** Mirrors below `root`. Whoever opens them closes them: a forge that hangs would keep a fetch for minutes. */
export function mirrorsIn(root: string): OpenMirrors {
  const closing = new AbortController();
  const last = new Map<string, Promise<unknown>>();
  const waiting = new Map<string, Promise<MirrorAnswer>>();
  const broken = new Map<string, readonly string[]>();
  const directory = (repoId: string) => join(root, `${fileName(repoId)}.git`);

  const enqueue = (repo: Pick<Repository, 'id' | 'url' | 'main'>): Promise<MirrorAnswer> => {
    const next = (last.get(repo.id) ?? Promise.resolve()).then(async () => {
      waiting.delete(repo.id);
      const answer = await fetchNow(repo, directory(repo.id), closing.signal);
      if (answer.kind === 'fresh') broken.set(repo.id, answer.broken);
      return answer;
    });
    waiting.set(repo.id, next);
    last.set(repo.id, next);
    return next;
  };
  return {
    directory,
    broken: (repoId) => broken.get(repoId) ?? [],
    refresh: (repo, signal) => unlessAborted(waiting.get(repo.id) ?? enqueue(repo), signal),
    pin: async (repoId, { commit, ref }) => {
      const own = { gitDir: directory(repoId) };
      const kept = await importCommit({ from: own, into: own, commit, ref });
      if (kept.kind === 'imported') return { kind: 'done' };
      if (kept.kind === 'refused') return { kind: 'failed', reason: kept.reason };
      if (kept.kind === 'crashed') return { kind: 'failed', reason: describeCrash(kept) };
      return { kind: kept.trouble === 'missing-object' ? 'left' : 'failed', reason: describeGitFailure(kept) };
    },
    compact: (repoId, of) => compact({ gitDir: directory(repoId) }, of),
    async hasCommit(repoId, { commit, head }) {
      const answer = await isAncestor({ repo: { gitDir: directory(repoId) }, ancestor: commit, of: head });
      return answer.kind === 'yes' || answer.kind === 'no' ? answer.kind : 'unknown';
    },
    close: async () => {
      closing.abort(new Error('its mirrors are closed'));
      await errorsOf([...last.values()]);
    },
  };
}

async function unlessAborted(fetching: Promise<MirrorAnswer>, signal?: AbortSignal): Promise<MirrorAnswer> {
  if (signal === undefined) return fetching;
  const left = Promise.withResolvers<MirrorAnswer>();
  const leave = () => left.resolve({ kind: 'unreachable', reason: 'nobody waits for the fetch any more' });
  if (signal.aborted) leave();
  signal.addEventListener('abort', leave, { once: true });
  const first = await Promise.race([left.promise, fetching]);
  signal.removeEventListener('abort', leave);
  return first;
}

async function fetchNow(
  repo: Pick<Repository, 'url' | 'main'>,
  dir: string,
  signal: AbortSignal,
): Promise<MirrorAnswer> {
  const limits = { timeoutMs: FETCH_LIMIT_MS, signal };
  const mirror = await openMirror({ dir, url: repo.url, main: repo.main, ...limits });
  if (mirror.kind === 'crashed') return { kind: 'unreachable', reason: describeCrash(mirror) };
  if (mirror.kind === 'git-failed') return unreachable(mirror);
  // A remote without `main` is refused as a mirror, but its branches can be named to whoever mistyped one.
  const git = mirror.kind === 'opened' ? mirror.repo : { gitDir: dir };
  const fetched = await fetchMirror({ repo: git, url: repo.url, ...limits });
  if (mirror.kind === 'refused' && (fetched.kind !== 'fetched' || fetched.heads[repo.main] !== undefined))
    return { kind: 'unreachable', reason: mirror.reason, trouble: 'network' };
  if (fetched.kind === 'crashed') return { kind: 'unreachable', reason: describeCrash(fetched) };
  if (fetched.kind === 'git-failed') return unreachable(fetched);
  if (fetched.broken.includes(repo.main))
    return { kind: 'unreachable', reason: `the forge has lost objects of ${repo.main}`, trouble: 'network' };
  return { kind: 'fresh', git, heads: fetched.heads, broken: fetched.broken };
}

/** No branch can keep a fetch from working: whatever does, every task of the repository meets it. */
function unreachable(failed: GitFailed): MirrorAnswer {
  const reason = describeGitFailure(failed);
  if (failed.trouble === 'cancelled') return { kind: 'unreachable', reason };
  const locked = failed.trouble === 'locked' ? ({ isLocked: true } as const) : {};
  return { kind: 'unreachable', reason, trouble: faultOfGit(failed) ?? 'network', ...locked };
}

const DAY_MS = 86_400_000;

async function compact(
  repo: GitRepo,
  { keep, proof, signal }: Parameters<Mirrors['compact']>[1],
): Promise<string | null> {
  const expired = await expireTested({ repo, keep, olderThanMs: 7 * DAY_MS, signal });
  if (expired.kind === 'crashed') return describeCrash(expired);
  if (expired.kind === 'git-failed') return expired.trouble === 'not-a-repository' ? null : expired.trouble;
  const collected = await collectGarbage({ repo, proof, keep, signal });
  switch (collected.kind) {
    case 'collected':
      return null;
    case 'crashed':
      return describeCrash(collected);
    case 'refused':
      return collected.reason;
    case 'git-failed':
      return collected.trouble;
  }
}

/** A repository's id as a file name: unambiguous and without separators. */
export const fileName = (id: string): string => encodeURIComponent(id).replace(/\./g, '%2E').slice(0, 200);
