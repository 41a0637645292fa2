/** What a task's branch holds against main, as bytes: whether a role that commits did its work, and what of it instructs agents. */
import { changedPaths, type GitFailed, type GitRepo, mergeBase } from '@gatehouse/git';
import { type Crashed, describeCrash } from '@gatehouse/verdict';
import { PAPERS } from '../policy/task-key.ts';
import { isToolConfig } from './tool-config.ts';

export interface BranchAgainstMain {
  readonly git: GitRepo;
  readonly main: string;
  readonly commit: string;
  readonly signal: AbortSignal;
}

export type BranchWork =
  /** `fork`: where the branch left main. */
  | { readonly kind: 'compared'; readonly fork: string; readonly paths: readonly string[] }
  /** They have no commit in common: what the branch changes cannot be told. */
  | { readonly kind: 'unrelated' }
  | { readonly kind: 'infra'; readonly reason: string };

/** What the branch changed since it left main. */
export async function compareWithMain({ git, main, commit, signal }: BranchAgainstMain): Promise<BranchWork> {
  const fork = await mergeBase({ repo: git, a: main, b: commit, signal });
  if (fork.kind === 'unrelated') return fork;
  if (fork.kind !== 'found') return infra(fork);
  const changed = await changedPaths({ repo: git, base: fork.sha, head: commit, signal });
  return changed.kind === 'listed' ? { kind: 'compared', fork: fork.sha, paths: changed.paths } : infra(changed);
}

const infra = (failed: GitFailed | Crashed): BranchWork => ({
  kind: 'infra',
  reason: `the branch cannot be compared with main: ${failed.kind === 'crashed' ? describeCrash(failed) : `git ${failed.trouble}`}`,
});

/** Papers of tasks are no code. */
export const codeOf = (paths: readonly string[]): readonly string[] => paths.filter((path) => !path.startsWith(PAPERS));

/** Files by which a change would instruct the agent that judges it. */
export const instructionsOf = (paths: readonly string[]): readonly string[] => paths.filter(isToolConfig);
