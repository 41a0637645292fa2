/** What people see of a task at its forge, and what of theirs is read: plain data, nothing of one vendor. */
import type { TellAnswer, Unsupported } from '../platform/tell-answer.ts';

/** One commit status per task; a later one for the same commit replaces it. */
export interface TaskStatusReport {
  readonly commit: string;
  readonly state: 'pending' | 'success' | 'failure' | 'error';
  readonly text: string;
  readonly signal?: AbortSignal;
}

/** One comment per task, at its pull request; found again by a marker with the task's id. */
export interface TaskComment {
  readonly taskId: string;
  readonly pullRequest: number;
  /** Markdown. What it quotes was escaped by the caller. */
  readonly text: string;
  readonly signal?: AbortSignal;
}

/** A pull request as it is now. */
export interface PullRequest {
  readonly number: number;
  readonly title: string;
  readonly branch: string;
  readonly head: string;
  /** Name of the branch it is to land on. */
  readonly base: string;
  readonly author: string;
  /** A draft, or named as work in progress. */
  readonly isDraft: boolean;
  /** The branch is in another repository, or in none any more. */
  readonly isFork: boolean;
  /** What its head is fetched by from the repository it is to land in: the branch, or for a fork `refs/pull/N/head`. */
  readonly headRef: string;
  /** Login of the owner of the branch's repository; null: there is none any more. */
  readonly headOwner: string | null;
  readonly labels: readonly string[];
  /** At least one person who may approve did, at this head, and none asks for changes. Null: the forge was not asked. */
  readonly isApproved: boolean | null;
  readonly state: 'open' | 'closed' | 'merged';
}

export type PullRequestsAnswer =
  | { readonly kind: 'pull-requests'; readonly all: readonly PullRequest[] }
  | { readonly kind: 'unreachable'; readonly reason: string };

export type PullRequestAnswer =
  | { readonly kind: 'pull-request'; readonly pullRequest: PullRequest }
  /** Deleted, or not visible any more. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'unreachable'; readonly reason: string };

/** A comment that nobody edited: its author is who wrote it. */
export interface PersonsComment {
  readonly by: string;
  readonly text: string;
}

export type CommentsAnswer =
  /** In order. `cursor` is where the next reading begins. */
  | { readonly kind: 'comments'; readonly all: readonly PersonsComment[]; readonly cursor: string }
  | { readonly kind: 'unreachable'; readonly reason: string };

/** What Gitea and GitHub fetch the head of a pull request by, for as long as it is there, and even when its fork is gone. */
export const headRefOf = (pull: Pick<PullRequest, 'number' | 'branch' | 'isFork'>): string =>
  pull.isFork ? `refs/pull/${pull.number}/head` : pull.branch;

/** Whether a person may write to the repository, and so may command. */
export type RightAnswer =
  | { readonly kind: 'may' }
  | { readonly kind: 'may-not' }
  /** The token may not ask. */
  | { readonly kind: 'not-told'; readonly reason: string }
  | { readonly kind: 'unreachable'; readonly reason: string };

/** A pull request whose commit has landed. */
export interface LandedPullRequest {
  readonly number: number;
  readonly branch: string;
  readonly commit: string;
  readonly main: string;
  readonly signal?: AbortSignal;
}

/** `merged`: the forge says so now. `open`: it does not yet, and asking again may help. `closed`: it can only be closed, and was. */
export type FinishAnswer =
  | { readonly kind: 'merged' }
  | { readonly kind: 'closed'; readonly reason: string }
  | { readonly kind: 'open'; readonly reason: string }
  | { readonly kind: 'unreachable'; readonly reason: string };

/** The repository itself, as the forge that has people shows it now. */
export type RepositoryAnswer =
  | {
      readonly kind: 'repository';
      /** The forge's own, for as long as the repository lives, whatever it is called. */
      readonly id: string;
      /** Where it is now, in the form of the address it was asked by. */
      readonly address: string;
      readonly isArchived: boolean;
      readonly hasMain: boolean;
      readonly defaultBranch: string;
      readonly hasPullRequests: boolean;
    }
  /** There is none by this name, or none that the token may see. */
  | { readonly kind: 'hidden'; readonly reason: string }
  | { readonly kind: 'unreachable'; readonly reason: string };

/** One line of `doctor --repo`. */
export interface ForgeFinding {
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly detail: string;
  /** The click or command that mends it; null: nothing to mend. */
  readonly next: string | null;
}

/** The part of a forge that people meet. No method throws; a forge without people answers `unsupported`. */
export interface ForgeForPeople {
  /** Which repository answers at the address, and whether it has that branch. One that was renamed or transferred is followed on
   *  the same host. */
  repository(main: string, signal?: AbortSignal): Promise<RepositoryAnswer | Unsupported>;
  /** Puts the task's one status on a commit. */
  setStatus(status: TaskStatusReport): Promise<TellAnswer | Unsupported>;
  /** Writes the task's one comment, or edits it. */
  comment(comment: TaskComment): Promise<TellAnswer | Unsupported>;
  /** Every open one. */
  pullRequests(signal?: AbortSignal): Promise<PullRequestsAnswer | Unsupported>;
  /** One, open or not. */
  pullRequest(number: number, signal?: AbortSignal): Promise<PullRequestAnswer | Unsupported>;
  /** Comments behind `cursor`, without edited ones and our own; null: from the first. */
  comments(of: {
    readonly pullRequest: number;
    readonly cursor: string | null;
    readonly signal?: AbortSignal;
  }): Promise<CommentsAnswer | Unsupported>;
  mayCommand(login: string, signal?: AbortSignal): Promise<RightAnswer | Unsupported>;
  /** Makes the forge say that a landed pull request is merged. The branch stays; `deleteBranch` is for afterwards. */
  finish(landed: LandedPullRequest): Promise<FinishAnswer | Unsupported>;
  /** Everything a person has to set right before tasks can land, and what is right. */
  inspect(main: string, signal?: AbortSignal): Promise<readonly ForgeFinding[] | Unsupported>;
}
