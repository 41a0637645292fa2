/** How a task ended, as a value: the engine keeps it as a kind and, behind a colon or a comma, what a person reads. Pure. */
import type { TaskState } from '@gatehouse/stage-engine';

/** The reason of a stop that was asked for without one. */
export const NO_REASON = 'no reason was given';

export interface EndOfTask {
  readonly kind: string;
  /** Empty: the kind says it all. */
  readonly detail: string;
}

/** Null: it is not over. */
export function endOf({ ended }: Pick<TaskState, 'ended'>): EndOfTask | null {
  if (ended === null) return null;
  const [kind = ended] = /^[^:,]*/.exec(ended) ?? [];
  return { kind, detail: ended.slice(kind.length).replace(/^[:,] ?/, '') };
}
