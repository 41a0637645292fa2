/**
 * The event log replays to the stored state: after every write, each task's newest events are played to a copy of it by
 * the production reducer, and the copy must equal the stored state.
 */
import type { Engine } from '@gatehouse/orchestrator/testing';
import type { EngineEvent, TaskState } from '@gatehouse/stage-engine';
import type { Database } from '../database.ts';

export interface LoggedEvent {
  readonly seq: number;
  readonly taskId: string | null;
  readonly kind: string;
  readonly body: string;
  /** Its task as it is stored now; both are null where there is none. */
  readonly profile: 'full' | 'gates-only' | null;
  readonly state: string | null;
}

/** Events about a task that do not move it. */
const BESIDE = new Set(['repo-changed', 'tombstoned']);

export interface Replay {
  /** Plays what is new and compares the tasks it is about. */
  readonly check: (added: readonly LoggedEvent[]) => readonly string[];
  readonly stateOf: (taskId: string) => TaskState | undefined;
}

export function replay(engine: Engine): Replay {
  const copies = new Map<string, TaskState>();
  return {
    stateOf: (taskId) => copies.get(taskId),
    check: (added) => {
      const touched = new Map<string, string | null>();
      for (const { taskId, kind, body, profile, state } of added) {
        if (taskId === null || BESIDE.has(kind)) continue;
        touched.set(taskId, state);
        const before = copies.get(taskId) ?? engine.initialState(profile ?? 'full');
        copies.set(taskId, engine.decide(before, JSON.parse(body) as EngineEvent, engine.config).state);
      }
      return [...touched].flatMap(([taskId, kept]) => {
        const played = JSON.stringify(copies.get(taskId));
        return kept === played ? [] : [`${taskId} is stored as ${kept} and replays to ${played}`];
      });
    },
  };
}

/** What was logged since the last call. */
export function logReader({ query, touched }: Database): () => readonly LoggedEvent[] {
  const events = query(
    `SELECT e.seq, e.task_id AS taskId, e.kind, e.body_json AS body, t.profile, t.state_json AS state
     FROM events e LEFT JOIN tasks t ON t.id = e.task_id WHERE e.seq > ? ORDER BY e.seq`,
  );
  let lastSeq = 0;
  return () => {
    if (!touched.delete('events')) return [];
    const added = events.all(lastSeq) as LoggedEvent[];
    lastSeq = added.at(-1)?.seq ?? lastSeq;
    return added;
  };
}
