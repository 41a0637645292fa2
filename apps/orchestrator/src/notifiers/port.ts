/**
 * Where alerts go that a person has to act on. An alert is a message of the outbox, so it is raised once per cause and
 * delivered at least once; a notifier only delivers. Only what is wrong with the store itself is told without it.
 * `test/notifier.contract.ts` is the law (docs/adr/0013-complete-ports.md).
 */
import type { TellAnswer } from '../platform/tell-answer.ts';

/** How soon a person has to look: `critical` is told in quiet hours, too. */
export type Severity = 'warning' | 'critical';

/** Something a person has to act on. Text is data: it may quote a branch name or a tool's output. */
export interface Alert {
  readonly kind: 'alert';
  /** The cause; a second alert of the same cause and scope is never raised. */
  readonly key: string;
  readonly scope: 'task' | 'repository' | 'service';
  /** Id of the task it is about; null: none. */
  readonly task: string | null;
  /** Id of the repository that it is about as a whole; null for one about a task or the service. */
  readonly repository: string | null;
  readonly text: string;
}

export interface Notifier {
  /** Kind of notifier, for logs. */
  readonly name: string;
  /** Never throws. The same alert may come again after a crash. */
  notify(alert: Alert, signal?: AbortSignal): Promise<TellAnswer>;
}

/** Several alerts as one message: what was raised in the same moment, or in the same quiet hours. */
export interface Notice {
  /** Stays the same when the message is tried again, so that a receiver can tell a second copy. */
  readonly id: string;
  readonly alerts: readonly Alert[];
}

/** A receiver outside of the service. */
export interface Receiver {
  /** Kind of receiver: `telegram`, `webhook`. */
  readonly kind: string;
  /** Never throws; no secret of the receiver is in a reason. */
  send(notice: Notice, signal?: AbortSignal): Promise<TellAnswer>;
}

/** Which alerts a receiver gets, and when. */
export interface Route {
  /** Unique; stands in the outbox. */
  readonly name: string;
  readonly receiver: Receiver;
  /** `repository`: of the alert, or of its task; null: the service. */
  wants(alert: Alert, repository: string | null): boolean;
  /** Epoch ms from which the alert may be sent: now, or the end of the quiet hours. */
  dueAt(alert: Alert, nowMs: number): number;
}
