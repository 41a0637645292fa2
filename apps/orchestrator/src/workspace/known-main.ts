/**
 * Whether the repository that answers at a forge's path is the one that was known there: main has grown from where it was
 * last seen, or was rewritten while the queued branches stayed. Another repository, an empty one and a restored backup all answer
 * a fetch, and nothing that they lack says anything about a task (docs/adr/0021).
 */
import { mergeBase } from '@gatehouse/git';
import { describeCrash } from '@gatehouse/verdict';
import { describeGitFailure } from '../platform/describe-git-failure.ts';
import { everyTask } from '../store/every-task.ts';
import type { Store } from '../store/port/index.ts';
import type { FreshMirror, MirroredRepository } from './mirrors.ts';

export type MainSeen =
  | { readonly kind: 'known' }
  /** Main does not contain what it did; `isUnrelated`: it has nothing of it. */
  | { readonly kind: 'foreign'; readonly isUnrelated: boolean; readonly reason: string }
  /** The two cannot be compared now. */
  | { readonly kind: 'unsure'; readonly reason: string };

/** Judges a fetch before anything is concluded from it. */
export type RecogniseMain = (repo: MirroredRepository, fetched: FreshMirror) => Promise<MainSeen>;

const KNOWN = { kind: 'known' } as const;
const short = (sha: string): string => sha.slice(0, 12);

/** Remembers main as it grows. What was never seen, or was accepted by a person, is known from the first fetch on. */
export function recogniseMain(store: Pick<Store, 'getRepo' | 'listTasks' | 'recordMain'>): RecogniseMain {
  return async (repo, fetched) => {
    const before = (await store.getRepo(repo.id))?.mainSha ?? null;
    const main = fetched.heads[repo.main] ?? null;
    if (before === main) return KNOWN;
    const compared = before === null ? KNOWN : await compare(repo, { fetched, before, main });
    const isRewritten = compared.kind === 'foreign' && !compared.isUnrelated;
    const seen = isRewritten && !(await hasLostBranch(store, repo, fetched)) ? KNOWN : compared;
    if (seen.kind === 'known' && main !== null) await store.recordMain(repo.id, { from: before, to: main });
    return seen;
  };
}

/** A backup lacks what was pushed since; a person who rewrites main leaves the other branches where they are. */
async function hasLostBranch(
  store: Pick<Store, 'listTasks'>,
  repo: MirroredRepository,
  { heads, broken }: FreshMirror,
): Promise<boolean> {
  for await (const { headSha, branch } of everyTask(store, { repoId: repo.id, live: true }))
    if (headSha !== null && heads[branch] === undefined && !broken.includes(branch)) return true;
  return false;
}

interface Moved {
  readonly fetched: FreshMirror;
  readonly before: string;
  readonly main: string | null;
}

async function compare(repo: MirroredRepository, { fetched, before, main }: Moved): Promise<MainSeen> {
  const foreign = (isUnrelated: boolean, why: string): MainSeen => ({
    kind: 'foreign',
    isUnrelated,
    reason: `what answers at the address of ${repo.id} is not the repository that was known: ${why}`,
  });
  if (main === null) return foreign(true, `it has no branch ${repo.main}, which was at ${short(before)}`);
  const met = await mergeBase({ repo: fetched.git, a: before, b: main });
  switch (met.kind) {
    case 'found':
      if (met.sha === before) return KNOWN;
      return met.sha === main
        ? foreign(false, `${repo.main} was set back from ${short(before)} to ${short(main)}`)
        : foreign(false, `${repo.main} was rewritten: ${short(main)} does not contain ${short(before)}`);
    case 'unrelated':
      return foreign(true, `${repo.main} at ${short(main)} has no commit in common with ${short(before)}`);
    case 'git-failed':
      return met.trouble === 'missing-object'
        ? foreign(true, `${repo.main} at ${short(main)} does not contain ${short(before)}, where it was`)
        : {
            kind: 'unsure',
            reason: `${repo.main} cannot be compared with ${short(before)}: ${describeGitFailure(met)}`,
          };
    case 'crashed':
      return { kind: 'unsure', reason: describeCrash(met) };
  }
}
