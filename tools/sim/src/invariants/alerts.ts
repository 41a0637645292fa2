/** At most one alert per cause: per blocked spell and reminder of a task, per end of a task, per key of a repository. */
import type { TaskState } from '@gatehouse/stage-engine';

export interface NewAlert {
  readonly taskId: string | null;
  readonly scope: string;
  readonly key: string;
}

export interface Alerts {
  readonly check: (news: readonly NewAlert[], stateOf: (taskId: string) => TaskState | undefined) => readonly string[];
}

export function alerts(): Alerts {
  const causes = new Map<string, string>();
  return {
    check: (news, stateOf) =>
      news.flatMap(({ taskId, scope, key }) => {
        const state = taskId === null ? undefined : stateOf(taskId);
        const cause = scope === 'repository' ? `repository: ${key}` : causeOf(taskId, key, state);
        const earlier = causes.get(cause);
        causes.set(cause, key);
        return earlier === undefined ? [] : [`${cause} was alerted as ${earlier} and as ${key}`];
      }),
  };
}

/** What the engine does not alert names its cause itself: an unproven window, a broken head, what a stop left behind. */
const NAMES_ITS_CAUSE = /^(?:landing-unproven#|broken-branch\/|left-behind$)/;

/** Said by the state alone, so that a key that changes by accident does not count as a new cause. */
function causeOf(taskId: string | null, key: string, state: TaskState | undefined): string {
  if (NAMES_ITS_CAUSE.test(key)) return `${taskId} ${key}`;
  if (state?.ended) return `${taskId} ended`;
  const { reason, reminders } = state?.blocked ?? { reason: 'not blocked', reminders: 0 };
  return `${taskId} ${reason}, spell ${state?.episode}, reminder ${reminders}`;
}
