/**
 * The event log replays to the stored state: after every write, each task's newest events are played to a copy of it by
 * the production reducer, and the copy must equal the stored state.
 */
import type { Engine } from '@gatehouse/orchestrator';
import type { EngineEvent, TaskState } from '@gatehouse/stage-engine';
import type { Cells, Database } from '../database.ts';

export interface LoggedEvent {
  readonly seq: number;
  readonly taskId: string | null;
  readonly kind: string;
  readonly body: string;
}

export interface StoredTask {
  readonly profile: 'full' | 'gates-only';
  readonly state: string;
}

/** Events that tell about a task without moving it. */
const BESIDE = new Set(['repo-changed', 'tombstoned']);

export interface Replay {
  /** Plays what is new and compares the tasks it is about. */
  readonly check: (
    news: readonly LoggedEvent[],
    stored: (taskId: string) => StoredTask | undefined,
  ) => readonly string[];
  readonly stateOf: (taskId: string) => TaskState | undefined;
}

export function replay(engine: Engine): Replay {
  const copies = new Map<string, TaskState>();
  return {
    stateOf: (taskId) => copies.get(taskId),
    check: (news, stored) => {
      const touched = new Set<string>();
      for (const { taskId, kind, body } of news) {
        if (taskId === null || BESIDE.has(kind)) continue;
        touched.add(taskId);
        const before = copies.get(taskId) ?? engine.initialState(stored(taskId)?.profile ?? 'full');
        copies.set(taskId, engine.decide(before, JSON.parse(body) as EngineEvent, engine.config).state);
      }
      return [...touched].flatMap((taskId) => {
        const kept = stored(taskId)?.state;
        const played = JSON.stringify(copies.get(taskId));
        return kept === played ? [] : [`${taskId} is stored as ${kept} and replays to ${played}`];
      });
    },
  };
}

export function logReader({ query, touched }: Database): {
  readonly newEvents: () => readonly LoggedEvent[];
  readonly stored: (taskId: string) => StoredTask | undefined;
} {
  const events = query('SELECT seq, task_id, kind, body_json FROM events WHERE seq > ? ORDER BY seq').raw();
  const task = query('SELECT profile, state_json FROM tasks WHERE id = ?').raw();
  let seen = 0;
  return {
    newEvents: () => {
      if (!touched.delete('events')) return [];
      const news = (events.all(seen) as Cells[]).map(
        ([seq, taskId, kind, body]) => ({ seq, taskId, kind, body }) as LoggedEvent,
      );
      seen = news.at(-1)?.seq ?? seen;
      return news;
    },
    stored: (taskId) => {
      const row = task.get(taskId) as Cells | undefined;
      return row === undefined ? undefined : ({ profile: row[0], state: row[1] } as StoredTask);
    },
  };
}
