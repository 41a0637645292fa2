/** Looks at everything a world does, and keeps what must not have happened. */
import type { Engine } from '@gatehouse/orchestrator/testing';
import { count } from './coverage-counters.ts';
import type { Database } from './database.ts';
import { alerts, type NewAlert } from './invariants/alerts.ts';
import { INVARIANTS } from './invariants/all.ts';
import { ownRuns } from './invariants/claimed-runs-known.ts';
import { endTrouble } from './invariants/ends.ts';
import { gateRunReader, landingTrouble } from './invariants/landing.ts';
import { logReader, replay } from './invariants/replay.ts';
import type { Observer } from './observed-store.ts';
import { camera, EMPTY, type Picture } from './snapshot.ts';
import type { Land, Landing } from './world-state.ts';

export interface Violation {
  readonly invariant: string;
  readonly text: string;
  /** Virtual time since the world began. */
  readonly atMs: number;
}

export interface Witness extends Observer {
  readonly violations: readonly Violation[];
  readonly blame: (invariant: string, text: string) => void;
  readonly onLanding: (landing: Landing) => void;
  readonly onAlertTold: (text: string) => void;
  /** A process could not prove the end of these runs. */
  readonly onUnproven: (by: string, runs: string) => void;
  /** The newest picture. */
  readonly picture: () => Picture;
  readonly atEnd: () => void;
}

export interface WitnessParts {
  readonly land: Land;
  readonly database: Database;
  readonly engine: Engine;
  readonly startMs: number;
  /** The task whose commit this is. */
  readonly ownerOf: (commit: string) => string | undefined;
  /** How often a process was killed, stopped or refused so far: each may repeat what was told. */
  readonly disturbances: () => number;
}

export function witness(parts: WitnessParts): Witness {
  const { land, database, engine, startMs, ownerOf, disturbances } = parts;
  const violations: Violation[] = [];
  const take = camera(database);
  const newEvents = logReader(database);
  const played = replay(engine);
  const raised = alerts();
  const own = ownRuns();
  const runsOf = gateRunReader(database);
  const newAlerts = database.query(
    `SELECT id, task_id AS taskId, payload_json ->> 'scope' AS scope, payload_json ->> 'key' AS "key" FROM outbox
     WHERE id > ? AND kind = 'alert' ORDER BY id`,
  );
  const taskRow = database.query('SELECT head_sha AS head, landed_sha AS landed FROM tasks WHERE id = ?');
  const stops = new Map<string, string[]>();
  const told = new Map<string, number>();
  let before = EMPTY;
  let alertsSeen = 0;
  const blame = (invariant: string, text: string): void => {
    violations.push({ invariant, text, atMs: land.clock.nowMs - startMs });
    land.trace(() => `VIOLATION ${invariant}: ${text}`);
  };
  const blameAll = (invariant: string, texts: readonly string[]): void => {
    for (const text of texts) blame(invariant, text);
  };
  const look = (): void => {
    const after = take();
    for (const { name, reads, check } of INVARIANTS)
      if (reads.some((part) => after[part] !== before[part])) blameAll(name, check(after, before));
    before = after;
    const events = newEvents();
    if (events.length === 0) return;
    blameAll('log-replays', played.check(events));
    const raisedNow = (database.touched.delete('outbox') ? newAlerts.all(alertsSeen) : []) as (NewAlert & {
      id: number;
    })[];
    alertsSeen = raisedNow.at(-1)?.id ?? alertsSeen;
    blameAll('one-alert-per-cause', raised.check(raisedNow, played.stateOf));
    for (const { kind, taskId, body } of events)
      land.trace(() => `  ${taskId}: ${kind} ${body.slice(0, 220)} -> ${stateLine(played.stateOf(taskId ?? ''))}`);
  };

  return {
    violations,
    blame,
    picture: () => before,
    onWrite: ({ method, by, weight }) => {
      if (weight === 'life') return;
      land.trace(() => `${by} wrote by ${method}`);
      land.lastChangeMs = land.clock.nowMs;
      if (weight === 'rows') look();
    },
    onStale: (text) => blame('stale-token', text),
    onAnswer: ({ method, by }, asked, answer) => {
      if (method === 'requestStop') {
        const { taskId } = asked as { taskId: string };
        const { kind } = answer as { kind: string };
        count(land.tally, `stop answered: ${kind}`);
        if (kind !== 'unknown-task') stops.set(taskId, [...(stops.get(taskId) ?? []), kind]);
      }
      if (method === 'claimJob' && answer !== null) own.claimed(by, answer as { id: number; token: number });
      if (method === 'tombstone') blameAll('own-runs', own.check(by, (asked as { note: string }).note));
      if (method === 'enterCritical') count(land.tally, `window: ${(answer as { kind: string }).kind}`);
      if (method === 'applyEvent') count(land.tally, `event: ${(answer as { kind: string }).kind}`);
    },
    onLanding: ({ commit, from, by }) => {
      count(land.tally, 'landed');
      const taskId = ownerOf(commit);
      const landed = land.history.at(commit);
      const main = land.history.at(from);
      if (taskId === undefined || landed === undefined || main === undefined) {
        blame('landed-was-passed', `${by} landed ${commit}, which no task stands for`);
        return;
      }
      const state = played.stateOf(taskId);
      const trouble = landingTrouble({
        taskId,
        commit: landed,
        before: main,
        head: (taskRow.get(taskId) as { head: string | null } | undefined)?.head ?? null,
        runs: runsOf(taskId),
        overridden: state?.overrides.map(({ check }) => check) ?? [],
        stop: stops.get(taskId)?.[0] ?? null,
      });
      blameAll('landed-was-passed', trouble);
    },
    onAlertTold: (text) => {
      const times = (told.get(text) ?? 0) + 1;
      told.set(text, times);
      if (times > 1) count(land.tally, 'alert told again after a fault');
      if (times > 1 + disturbances()) blame('one-alert-per-cause', `told ${times} times: ${text}`);
    },
    onUnproven: (by, runs) => blameAll('own-runs', own.check(by, runs)),
    atEnd: () => {
      for (const table of database.orphans())
        blame('no-orphans', `a row of ${table} refers to a row that is not there`);
      const main = land.history.at(land.heads.get('main') ?? '');
      for (const task of before.tasks.values()) {
        const state = played.stateOf(task.id);
        const { landed } = taskRow.get(task.id) as { landed: string | null };
        const trouble = endTrouble({
          id: task.id,
          stage: task.stage,
          status: task.status,
          ended: state?.ended ?? null,
          blocked: state?.blocked?.detail ?? null,
          landed,
          headOnMain: landed !== null && main?.ancestors.has(landed) === true,
          stops: stops.get(task.id) ?? [],
        });
        blameAll('every-task-ends', trouble);
        count(land.tally, `ended: ${task.stage}${state?.ended ? ` (${state.ended.split(':')[0]})` : ''}`);
      }
    },
  };
}

const stateLine = (state: ReturnType<ReturnType<typeof replay>['stateOf']>): string =>
  `${state?.stage}/${state?.status}/${state?.step}${state?.blocked ? ` (${state.blocked.reason})` : ''}`;
