/** What people see of a task at its forge, and what of theirs is read: plain data, nothing of one vendor. */

/** One commit status per task; a later one for the same commit replaces it. */
export interface TaskStatusReport {
  readonly commit: string;
  readonly state: 'pending' | 'success' | 'failure' | 'error';
  readonly text: string;
  readonly signal?: AbortSignal;
}

/** One comment per task, at the pull request of its branch. */
export interface TaskComment {
  readonly taskId: string;
  readonly branch: string;
  readonly text: string;
  readonly signal?: AbortSignal;
}

/** A pull request as it is now. */
export interface PullRequest {
  readonly number: number;
  readonly branch: string;
  readonly head: string;
  /** Name of the branch it is to land on. */
  readonly base: string;
  readonly author: string;
  readonly isDraft: boolean;
  /** The branch is in another repository. */
  readonly isFork: boolean;
  readonly labels: readonly string[];
  readonly state: 'open' | 'closed' | 'merged';
}

export type PullRequestsAnswer =
  | { readonly kind: 'pull-requests'; readonly all: readonly PullRequest[] }
  | { readonly kind: 'unreachable'; readonly reason: string };

/** What one webhook asks the service to read again. */
export type Hint =
  /** Null: every branch. */
  | { readonly kind: 're-read'; readonly branch: string | null }
  /** About another repository, or about nothing that is read here. */
  | { readonly kind: 'elsewhere' }
  /** Its signature is missing or wrong. */
  | { readonly kind: 'refused'; readonly reason: string };
