/** What a branch changes of what trusted commands run, for gates that run commands of their own. */
import type { GitFault } from '@gatehouse/gate-run';
import type { GitRepo } from '@gatehouse/git';
import { compareDefinitions, type DefinitionAnswer } from './gate-definition/compare.ts';
import { openGitFiles } from './gate-definition/git-files.ts';

/** What may be given to `findChangedCommands`. */
export interface ChangedCommandsRequest {
  /** The mirror that holds both commits. */
  readonly git: GitRepo;
  /** The commit whose definition is trusted; full object name. */
  readonly base: string;
  /** The commit the commands are run on; full object name. */
  readonly tested: string;
  /** Shell lines, run in the root of the repository. */
  readonly commands: readonly string[];
  /** Deadline of each git call, in milliseconds. */
  readonly gitTimeoutMs?: number;
  /** Ends the call early. */
  readonly signal?: AbortSignal;
}

/** The two commits, compared. */
export interface ChangedCommands extends DefinitionAnswer {
  readonly kind: 'compared';
}

/** What a branch changes of what trusted commands run, by the rules of the test command. */
export async function findChangedCommands(request: ChangedCommandsRequest): Promise<ChangedCommands | GitFault> {
  const { git: repo, base, tested, commands, gitTimeoutMs: timeoutMs } = request;
  const signal = request.signal ?? new AbortController().signal;
  const files = await openGitFiles({ repo, base, tested, timeoutMs, signal });
  if ('kind' in files) return files;
  const answer = await compareDefinitions(commands, files);
  return files.fault ?? { kind: 'compared', ...answer };
}
