/**
 * The event log replays to the stored state: after every write, each task's newest events are played to a copy of it by
 * the production reducer, and the copy must equal the stored state.
 */
import type { Engine } from '@gatehouse/orchestrator/testing';
import type { EngineEvent, TaskState } from '@gatehouse/stage-engine';
import type { Cells, Database } from '../database.ts';

export interface LoggedEvent {
  readonly seq: number;
  readonly taskId: string | null;
  readonly kind: string;
  readonly body: string;
  /** As its task is stored now; null where it is about none. */
  readonly stored: StoredTask | null;
}

export interface StoredTask {
  readonly profile: 'full' | 'gates-only';
  readonly state: string;
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
      const touched = new Map<string, string | undefined>();
      for (const { taskId, kind, body, stored } of added) {
        if (taskId === null || BESIDE.has(kind)) continue;
        touched.set(taskId, stored?.state);
        const before = copies.get(taskId) ?? engine.initialState(stored?.profile ?? 'full');
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
    `SELECT e.seq, e.task_id, e.kind, e.body_json, t.profile, t.state_json
     FROM events e LEFT JOIN tasks t ON t.id = e.task_id WHERE e.seq > ? ORDER BY e.seq`,
  ).raw();
  let lastSeq = 0;
  return () => {
    if (!touched.delete('events')) return [];
    const added = (events.all(lastSeq) as Cells[]).map(loggedOf);
    lastSeq = added.at(-1)?.seq ?? lastSeq;
    return added;
  };
}

function loggedOf([seq, taskId, kind, body, profile, state]: Cells): LoggedEvent {
  return { seq, taskId, kind, body, stored: profile === null ? null : { profile, state } } as LoggedEvent;
}
