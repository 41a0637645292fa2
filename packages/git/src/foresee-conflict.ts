/**
 * Whether a branch would meet a conflict if it were caught up now: one merge of trees in the mirror, for people and never
 * for a verdict. What it writes goes into a directory that git itself takes for left-over once a kill has left it there.
 */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { onDisk, removeAll } from './adapters/disk.ts';
import { callGit } from './adapters/git-call.ts';
import { attributeEffectOfCommit } from './attributes.ts';
import { expectSha } from './object-name.ts';
import type { GitFailed, RepoRequest, Sha } from './outcome.ts';
import type { Conflicted } from './rebase.ts';

/** Request of `foreseeConflict`. */
export interface ForeseeConflict extends RepoRequest {
  /** Full object name of the commit of main. */
  readonly base: Sha;
  /** Full object name of the branch's own commit. */
  readonly head: Sha;
}

/** `clean`: `tree` is what the merge would be, of which nothing is kept. `unsure`: a `.gitattributes` file of base may decide, which only a work tree obeys. */
export type ForeseenConflict =
  | Conflicted
  | {
      readonly kind: 'clean';
      /** Tree object name of what the merge would be. */
      readonly tree: Sha;
    }
  | { readonly kind: 'unsure' };

const DEADLINE_MS = 10_000;

/**
 * Merges `head` into `base` without a work tree and keeps nothing of it. A catch-up by rebase may still end otherwise, commit
 * by commit. Histories without a common commit are `git-failed`.
 */
export async function foreseeConflict(request: ForeseeConflict): Promise<ForeseenConflict | GitFailed> {
  const { base, head, repo } = request;
  expectSha(base, 'base');
  expectSha(head, 'head');
  const judged = await attributeEffectOfCommit({ ...request, commit: base });
  if (judged.kind === 'git-failed') return judged;
  if (judged.effect !== 'none') return { kind: 'unsure' };
  const objects = join(repo.gitDir, 'objects');
  // `git prune` removes what has this name and is old.
  const scratch = await onDisk('foresee-conflict', () => mkdtemp(join(objects, 'tmp_objdir-foresee-')));
  if (typeof scratch !== 'string') return scratch;
  try {
    return await mergeIn(request, { objects, scratch });
  } finally {
    await onDisk('foresee-conflict', () => removeAll(scratch));
  }
}

async function mergeIn(
  request: ForeseeConflict,
  { objects, scratch }: { readonly objects: string; readonly scratch: string },
): Promise<ForeseenConflict | GitFailed> {
  const { base, head, repo } = request;
  const merged = await callGit(
    {
      op: 'foresee-conflict',
      gitDir: repo.gitDir,
      args: ['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', base, head],
      env: { GIT_OBJECT_DIRECTORY: scratch, GIT_ALTERNATE_OBJECT_DIRECTORIES: objects },
      // Without a word beside it; what cannot be read ends the same way.
      acceptSilent: [1],
      deadlineMs: DEADLINE_MS,
    },
    request,
  );
  if (merged.kind === 'git-failed') return merged;
  // The tree's name, then the paths that it does not decide.
  const [tree = '', ...paths] = merged.text.split('\0').filter((word) => word !== '');
  if (merged.code === 0) return { kind: 'clean', tree: tree.trim() };
  return paths.length === 0 ? { kind: 'unsure' } : { kind: 'conflicted', paths };
}
