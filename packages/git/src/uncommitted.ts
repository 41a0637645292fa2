/** What stands in a work tree and in no commit, so that nobody takes a verdict on a commit for one on it. */
import { callGit } from './adapters/git-call.ts';
import type { CallOptions, GitFailed, RepoRequest } from './outcome.ts';

/** Answer of `uncommittedPaths`. */
export interface UncommittedPaths {
  /** Always this one. */
  readonly kind: 'listed';
  /** Changed, staged, removed and new paths that are not ignored, from the root of the work tree; a new folder stands for what is in it. */
  readonly paths: readonly string[];
}

/**
 * Lists what differs from HEAD in the work tree, submodules aside. Nothing is written, and no filter that the repository configures is run:
 * a file that one would change back counts as changed.
 */
export async function uncommittedPaths(
  request: RepoRequest & {
    /** Absolute path of the root of the work tree. */
    readonly workTree: string;
  },
): Promise<UncommittedPaths | GitFailed> {
  const { repo, workTree } = request;
  const unfiltered = await withoutFilters(repo.gitDir, request);
  if (!Array.isArray(unfiltered)) return unfiltered;
  const args = [
    'status',
    '--porcelain=v1',
    '-z',
    '--untracked-files=normal',
    '--ignore-submodules=all',
    '--no-renames',
  ];
  const asked = await callGit({ op: 'status', gitDir: repo.gitDir, workTree, args, settings: unfiltered }, request);
  if (asked.kind === 'git-failed') return asked;
  return { kind: 'listed', paths: asked.text.split('\0').flatMap((entry) => entry.slice(3) || []) };
}

/** Settings that empty every filter of the configuration. */
async function withoutFilters(gitDir: string, options: CallOptions): Promise<string[] | GitFailed> {
  const args = ['config', '--name-only', '--list', '-z'];
  const listed = await callGit({ op: 'status', gitDir, args, maxBytes: 1024 * 1024 }, options);
  if (listed.kind === 'git-failed') return listed;
  const filters = listed.text
    .split('\0')
    .flatMap((key) => /^filter\.(.+)\.(?:clean|process|required)$/s.exec(key)?.[1] ?? []);
  return [...new Set(filters)].flatMap((name) => [
    `filter.${name}.clean=`,
    `filter.${name}.process=`,
    `filter.${name}.required=false`,
  ]);
}
