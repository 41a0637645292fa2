/** The service's own bare mirrors, one per repository. Fetches of one mirror never overlap. */
import { join } from 'node:path';
import {
  collectGarbage,
  commitLog,
  expireTested,
  type ForeseenConflict,
  foreseeConflict,
  type GitRepo,
  importCommit,
  isAncestor,
} from '@gatehouse/git';
import { describeCrash, type LeaseProof } from '@gatehouse/verdict';
import type { FetchAnswer, Forge } from '../forges/port.ts';
import { describeGitFailure } from '../platform/describe-git-failure.ts';
import { errorsOf, outcomeOf } from '../platform/errors.ts';
import { type Logger, silentLog } from '../platform/logger.ts';
import type { Repository } from '../store/port/index.ts';
import type { MainSeen, RecogniseMain } from './known-main.ts';
import { mendMirror } from './mend-mirror.ts';

/** A repository as far as its mirror has to know it. */
export type MirroredRepository = Pick<Repository, 'id' | 'url' | 'forge' | 'main'> &
  Partial<Pick<Repository, 'credential' | 'movedTo'>>;

export type FreshMirror = Extract<FetchAnswer, { kind: 'fresh' }>;

export interface Mirrors {
  /**
   * Fetches every branch head, and the heads of the pull requests that tasks are about. Callers that come while a fetch runs wait for a
   * fetch that starts after they asked. The signal ends the waiting, not the fetch: other callers wait for it, too. A repository that is not the one that was
   * known is not fresh. After a landing, `rewritten` takes one whose main still shares its history as it is.
   */
  refresh(repo: MirroredRepository, signal?: AbortSignal, accepts?: 'rewritten'): Promise<FetchAnswer>;
  directory(repoId: string): string;
  /** What was broken at the last fetch that came through; empty before the first. */
  broken(repoId: string): readonly string[];
  /** Where every branch stood at the last fetch that came through; empty before the first. */
  heads(repoId: string): Readonly<Record<string, string>>;
  /** What a merge of two commits that the mirror holds would meet. `unsure`: it cannot be said, whatever the reason. */
  foresee(
    repoId: string,
    of: { readonly base: string; readonly head: string; readonly signal?: AbortSignal },
  ): Promise<ForeseenConflict>;
  /** Whether `head` has `commit` in its history, as far as the last fetch brought it. */
  hasCommit(
    repoId: string,
    range: { readonly commit: string; readonly head: string },
  ): Promise<'yes' | 'no' | 'unknown'>;
  /** Whether every commit between `base` and `main` can be read and `commit` is none of them: main was rewritten without it. */
  wasDropped(
    repoId: string,
    of: { readonly commit: string; readonly base: string; readonly main: string },
  ): Promise<boolean>;
  /** Points a ref of the mirror at a commit it holds, so that nothing loses it. `left`: it holds no such commit. */
  pin(repoId: string, of: { readonly commit: string; readonly ref: string }): Promise<PinAnswer>;
  /** Drops old catch-up results and garbage, but nothing `keep` needs. Null: done; else why not, in words. */
  compact(
    repoId: string,
    of: { readonly keep: readonly string[]; readonly proof: LeaseProof; readonly signal?: AbortSignal },
  ): Promise<string | null>;
}

export interface OpenMirrors extends Mirrors {
  /** Ends the fetches that still run, even those with waiting callers; resolves when they have ended. No later one starts. */
  close(): Promise<void>;
}

export type PinAnswer = { readonly kind: 'done' } | { readonly kind: 'left' | 'failed'; readonly reason: string };

const FETCH_LIMIT_MS = 300_000;

export interface MirrorParts {
  /** [every repository is known] */
  readonly recognise?: RecogniseMain;
  /** Heads of pull requests that are wanted beside the branches. [none, and none are dropped] */
  readonly pullHeads?: (repo: MirroredRepository) => Promise<readonly string[] | undefined>;
  readonly log?: Logger;
  /** Branches of a repository have become broken, or whole again. */
  readonly onBroken?: () => void;
}

/** Mirrors below `root`. The caller that opens them closes them: a forge that hangs would keep a fetch for minutes. */
export function mirrorsIn(
  root: string,
  forgeOf: (repo: MirroredRepository) => Pick<Forge, 'fetch'>,
  { recognise = async () => ({ kind: 'known' }), pullHeads, log = silentLog, onBroken }: MirrorParts = {},
): OpenMirrors {
  const closing = new AbortController();
  const last = new Map<string, Promise<unknown>>();
  const waiting = new Map<string, Promise<Fetched>>();
  const broken = new Map<string, readonly string[]>();
  const heads = new Map<string, Readonly<Record<string, string>>>();
  const directory = (repoId: string) => join(root, `${fileName(repoId)}.git`);

  const fetchWhole = wholeFetches(log, closing.signal);
  const enqueue = (repo: MirroredRepository): Promise<Fetched> => {
    const next = (last.get(repo.id) ?? Promise.resolve()).then(async () => {
      waiting.delete(repo.id);
      const wanted = await outcomeOf(async () => pullHeads?.(repo));
      if (wanted.kind !== 'value')
        return { answer: { kind: 'unreachable', reason: wanted.error.message }, seen: UNSEEN } as const;
      const pulls = wanted.value === undefined ? {} : { pullHeads: wanted.value };
      const answer = await fetchWhole(repo.id, directory(repo.id), (dir) =>
        forgeOf(repo).fetch({ dir, main: repo.main, ...pulls, timeoutMs: FETCH_LIMIT_MS, signal: closing.signal }),
      );
      if (answer.kind !== 'fresh') return { answer, seen: UNSEEN };
      const judged = await outcomeOf(() => recognise(repo, answer));
      // A store that fails now says nothing about the forge, and must not end the fetches that come after this one.
      const seen: MainSeen = judged.kind === 'value' ? judged.value : { kind: 'unsure', reason: judged.error.message };
      if (seen.kind === 'known') {
        if (answer.broken.join() !== (broken.get(repo.id) ?? []).join()) onBroken?.();
        broken.set(repo.id, answer.broken);
        heads.set(repo.id, answer.heads);
      }
      return { answer, seen };
    });
    waiting.set(repo.id, next);
    last.set(repo.id, next);
    return next;
  };
  return {
    directory,
    broken: (repoId) => broken.get(repoId) ?? [],
    heads: (repoId) => heads.get(repoId) ?? {},
    async foresee(repoId, of) {
      const answer = await foreseeConflict({ repo: { gitDir: directory(repoId) }, ...of });
      return answer.kind === 'git-failed' || answer.kind === 'crashed' ? { kind: 'unsure' } : answer;
    },
    refresh: (repo, signal, accepts) => {
      const judged = (waiting.get(repo.id) ?? enqueue(repo)).then((fetched) => judge(fetched, accepts));
      return unlessAborted(judged, signal);
    },
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
      if (commit === head) return 'yes';
      const answer = await isAncestor({ repo: { gitDir: directory(repoId) }, ancestor: commit, of: head });
      return answer.kind === 'yes' || answer.kind === 'no' ? answer.kind : 'unknown';
    },
    async wasDropped(repoId, { commit, base, main }) {
      const log = await commitLog({ repo: { gitDir: directory(repoId) }, base, head: main });
      return log.kind === 'listed' && log.commits.every(({ sha }) => sha !== commit);
    },
    close: async () => {
      closing.abort(new Error('its mirrors are closed'));
      await errorsOf([...last.values()]);
    },
  };
}

type Fetch = (dir: string) => Promise<FetchAnswer>;

/** Once in this process, and whenever objects become the matter, the mirror itself is looked at, and mended. */
function wholeFetches(log: Logger, signal: AbortSignal) {
  const doubts = new Map<string, string>();
  return async (repo: string, dir: string, fetch: Fetch): Promise<FetchAnswer> => {
    const answer = await fetch(dir);
    const doubt = doubtAbout(answer);
    if (doubt === null || doubts.get(repo) === doubt) return answer;
    doubts.set(repo, doubt);
    const mended = await mendMirror({ dir, depth: doubt === '' ? 'tips' : 'all', fetch, signal });
    switch (mended.kind) {
      case 'whole':
        return answer;
      case 'unmended':
        log.error('a mirror cannot be mended', { repo, why: mended.reason });
        return answer;
      case 'rebuilt':
        log.warn('a mirror had lost objects and was made anew', {
          repo,
          why: mended.damage,
          lost: mended.lost.join(', '),
        });
        return mended.answer;
    }
  };
}

/** What says that objects are the matter; empty: nothing does. Null: nothing came through. */
function doubtAbout(answer: FetchAnswer): string | null {
  if (answer.kind === 'fresh') return answer.broken.join(' ');
  return answer.isAboutObjects === true ? answer.reason : null;
}

interface Fetched {
  readonly answer: FetchAnswer;
  readonly seen: MainSeen;
}

/** No repository answered. */
const UNSEEN: MainSeen = { kind: 'known' };

function judge({ answer, seen }: Fetched, accepts?: 'rewritten'): FetchAnswer {
  if (seen.kind === 'known') return answer;
  if (seen.kind === 'unsure') return { kind: 'unreachable', reason: seen.reason };
  const isAccepted = accepts === 'rewritten' && !seen.isUnrelated;
  return isAccepted ? answer : { kind: 'unreachable', reason: seen.reason, isForeign: true };
}

async function unlessAborted(fetching: Promise<FetchAnswer>, signal?: AbortSignal): Promise<FetchAnswer> {
  if (signal === undefined) return fetching;
  const left = Promise.withResolvers<FetchAnswer>();
  const leave = () => left.resolve({ kind: 'unreachable', reason: 'nobody waits for the fetch any more' });
  if (signal.aborted) leave();
  signal.addEventListener('abort', leave, { once: true });
  const first = await Promise.race([left.promise, fetching]);
  signal.removeEventListener('abort', leave);
  return first;
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
