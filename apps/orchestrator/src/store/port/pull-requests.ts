/** What is remembered of pull requests: what people asked for, how far comments were read, what was told. */
import type { AskedHow, CountedCommands } from '../../schema/stored-values.ts';

export type { AskedHow, CountedCommands };

export interface RememberedPullRequest {
  readonly repoId: string;
  readonly number: number;
  /** Where it was when it was last read. */
  readonly branch: string;
  readonly head: string;
  /** The head that was asked for last; a label asks once for each. Null: nothing was asked, or it was taken back. */
  readonly askedHead: string | null;
  readonly askedBy: string | null;
  readonly askedHow: AskedHow | null;
  /** The last task that was asked for here. */
  readonly taskId: string | null;
  /** Where the next reading of its comments begins. */
  readonly commandCursor: string | null;
  readonly commands: CountedCommands | null;
  /** The last answer to a person that is no state of the task; shown in the comment until there is another one. */
  readonly note: string | null;
  /** Digest of what the task's comment and status said last. */
  readonly toldHash: string | null;
  readonly toldAt: number | null;
  /** When the pull request of a landed task was seen to be merged or closed, and its branch was dealt with. */
  readonly finishedAt: number | null;
  readonly updatedAt: number;
}

export interface PullRequestStore {
  rememberedPullRequest(repoId: string, number: number): Promise<RememberedPullRequest | null>;
  /** In order of number. */
  rememberedPullRequests(repoId: string): Promise<RememberedPullRequest[]>;
  /** Adds the row, or changes what is given of it; the rest stays. */
  rememberPullRequest(
    row: Pick<RememberedPullRequest, 'repoId' | 'number' | 'branch' | 'head'> & Partial<RememberedPullRequest>,
    atMs: number,
  ): Promise<void>;
  /** The task has a pull request from now on; false: it had one before. */
  linkPullRequest(taskId: string, number: number): Promise<boolean>;
}
