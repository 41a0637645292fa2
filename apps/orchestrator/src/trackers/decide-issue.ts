/**
 * What an issue's status asks of the service, given what it asked for before and what became of it. Pure. A status asks
 * once: an issue that stays where it was, is read late, or is read twice asks for nothing more.
 */
import type { IssueWish, TrackedIssue } from './port.ts';

/** The newest task of the issue. */
export interface TaskOfIssue {
  readonly id: string;
  readonly isLive: boolean;
  readonly isStopping: boolean;
  /** The check that waits for a person's approval; null: none does. */
  readonly awaitsApproval: string | null;
  /** The tracker's time of the reading that asked for it, or of the one at its stop. */
  readonly trackerUpdatedAt: number | null;
}

export interface IssueScene {
  /** Null: the issue is gone. */
  readonly issue: Pick<TrackedIssue, 'wish' | 'updatedAt'> | null;
  /** The last reading; null: it was never read. */
  readonly before: { readonly wish: IssueWish; readonly updatedAt: number } | null;
  readonly task: TaskOfIssue | null;
}

export type IssueAction =
  | { readonly kind: 'create' }
  | { readonly kind: 'approve'; readonly taskId: string; readonly check: string }
  | { readonly kind: 'stop'; readonly taskId: string; readonly reason: string }
  | { readonly kind: 'none' }
  /** Older than what is known: it is not recorded either. */
  | { readonly kind: 'stale' };

export function decideIssue({ issue, before, task }: IssueScene): IssueAction {
  const live = task?.isLive === true ? task : null;
  if (issue === null) return stop(live, 'its issue was deleted in the tracker');
  if (before !== null && issue.updatedAt < before.updatedAt) return { kind: 'stale' };
  switch (issue.wish) {
    case 'stop':
      return stop(live, 'the status of its issue in the tracker asks to stop it');
    case 'start':
      return live === null && isNewStart(issue, before, task) ? { kind: 'create' } : { kind: 'none' };
    case 'approve':
      // One that was set before the task began, or was used already, opens nothing.
      return live !== null &&
        live.awaitsApproval !== null &&
        issue.updatedAt > (live.trackerUpdatedAt ?? Number.NEGATIVE_INFINITY)
        ? { kind: 'approve', taskId: live.id, check: live.awaitsApproval }
        : { kind: 'none' };
    case 'nothing':
      return { kind: 'none' };
  }
}

function stop(live: TaskOfIssue | null, reason: string): IssueAction {
  return live === null || live.isStopping ? { kind: 'none' } : { kind: 'stop', taskId: live.id, reason };
}

/** It was somewhere else before, and no task was made of this very reading (a crash may have come before it was recorded). */
function isNewStart(
  { updatedAt }: { readonly updatedAt: number },
  before: IssueScene['before'],
  task: TaskOfIssue | null,
): boolean {
  return before?.wish !== 'start' && (task?.trackerUpdatedAt ?? Number.NEGATIVE_INFINITY) < updatedAt;
}
