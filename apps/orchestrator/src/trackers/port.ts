/**
 * Where tasks come from, and where their people read the outcome. An issue is always re-read: a message about one is
 * a hint. Nothing of a vendor shows. `test/tracker.contract.ts` is the law (docs/adr/0013-complete-ports.md).
 */
import type { TellAnswer, Unsupported } from '../platform/tell-answer.ts';
import type { WebhookDelivery } from '../platform/webhook-delivery.ts';

/** What an issue's status asks for. */
export type IssueWish = 'start' | 'approve' | 'stop' | 'nothing';

export interface TrackedIssue {
  readonly id: string;
  /** As people call it, `PROJ-12`. */
  readonly key: string;
  /** Id of the repository that its project asks for work in. */
  readonly repository: string;
  readonly title: string;
  /** Plain text. */
  readonly description: string;
  readonly wish: IssueWish;
  /** The tracker's own clock, epoch ms; only ever compared with itself. */
  readonly updatedAt: number;
}

export type IssueLookup =
  | { readonly kind: 'issue'; readonly issue: TrackedIssue }
  /** Deleted, or not visible any more. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'unreachable'; readonly reason: string };

export type IssueList =
  | {
      readonly kind: 'issues';
      readonly all: readonly TrackedIssue[];
      /** What a person has to set right: a status that is not there, or was renamed. */
      readonly warnings: readonly { readonly repository: string; readonly text: string }[];
    }
  | { readonly kind: 'unreachable'; readonly reason: string };

export interface IssueComment {
  readonly issueId: string;
  /** The same key again writes no second comment. */
  readonly key: string;
  readonly text: string;
  readonly signal?: AbortSignal;
}

/** What one webhook asks the service to read again. */
export type IssueHint =
  /** Null: every issue. */
  | { readonly kind: 're-read'; readonly issueId: string | null }
  | { readonly kind: 'elsewhere' }
  /** Its signature is missing or wrong. */
  | { readonly kind: 'refused'; readonly reason: string };

export interface Tracker {
  /** Kind of tracker; `none`: there is none. */
  readonly name: string;
  issue(id: string, signal?: AbortSignal): Promise<IssueLookup | Unsupported>;
  /** Issues whose status asks for something: what a lost webhook would have said. */
  wanted(signal?: AbortSignal): Promise<IssueList | Unsupported>;
  comment(comment: IssueComment): Promise<TellAnswer | Unsupported>;
  hint(delivery: WebhookDelivery): Promise<IssueHint | Unsupported>;
}
