/**
 * Where alerts go that a person has to act on. An alert is a message of the outbox, so it is raised once per cause and
 * delivered at least once; a notifier only delivers. Only what is wrong with the store itself is told without it. `test/notifier.contract.ts` is the law (docs/adr/0013-complete-ports.md).
 */
import type { TellAnswer } from '../platform/tell-answer.ts';

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
