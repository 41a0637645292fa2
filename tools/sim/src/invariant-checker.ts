/** Checks everything that a world does, and keeps what must not have happened. */
import type { Engine } from '@gatehouse/orchestrator/testing';
import { count } from './coverage-counters.ts';
import type { Database } from './database.ts';
import { INVARIANTS } from './invariants/after-each-write.ts';
import { alerts, type NewAlert } from './invariants/alerts.ts';
import { claimedRunsKnown } from './invariants/claimed-runs-known.ts';
import { endViolations } from './invariants/ends.ts';
import { landedIsTold } from './invariants/landed-is-told.ts';
import { landedWasTested } from './invariants/landed-was-tested.ts';
import { gateRunReader, landingViolations } from './invariants/landing.ts';
import { logReader, replay } from './invariants/replay.ts';
import type { Observer } from './observed-store.ts';
import { EMPTY, type Snapshot, snapshots } from './snapshot.ts';
import type { Landing, WorldState } from './world-state.ts';

export interface Violation {
  readonly invariant: string;
  readonly text: string;
  /** Virtual time since the world began. */
  readonly atMs: number;
}

export interface InvariantChecker extends Observer {
  readonly violations: readonly Violation[];
  readonly blame: (invariant: string, text: string) => void;
  readonly onLanding: (landing: Landing) => void;
  readonly onPushedByOthers: (commit: string) => void;
  /** The forge answered this process so about its own checks of a commit. */
  readonly onChecks: (by: string, commit: string, answer: string) => void;
  readonly onAlertSent: (text: string) => void;
  /** A process could not prove the end of these runs. */
  readonly onUnproven: (by: string, runs: string) => void;
  /** The newest snapshot. */
  readonly snapshot: () => Snapshot;
  readonly atEnd: () => void;
}

export interface InvariantCheckerParts {
  readonly state: WorldState;
  readonly database: Database;
  readonly engine: Engine;
  readonly startMs: number;
  /** The task whose commit this is. */
  readonly ownerOf: (commit: string) => string | undefined;
  /** How often a process was killed, stopped or refused so far: each may repeat an alert. */
  readonly disturbances: () => number;
}

export function invariantChecker(parts: InvariantCheckerParts): InvariantChecker {
  const { state, database, engine, startMs, ownerOf, disturbances } = parts;
  const violations: Violation[] = [];
  const take = snapshots(database);
  const newEvents = logReader(database);
  const played = replay(engine);
  const raised = alerts();
  const own = claimedRunsKnown();
  const runsOf = gateRunReader(database);
  const untestedLanding = landedWasTested(database);
  const newAlerts = database.query(
    `SELECT id, task_id AS taskId, payload_json ->> 'scope' AS scope, payload_json ->> 'key' AS "key" FROM outbox
     WHERE id > ? AND kind = 'alert' ORDER BY id`,
  );
  const taskRow = database.query(
    'SELECT head_sha AS head, landed_sha AS landed, pull_request AS number FROM tasks WHERE id = ?',
  );
  const finished = database
    .query("SELECT 1 FROM outbox WHERE kind = 'finish-pull-request' AND state = 'sent' AND task_id = ?")
    .pluck();
  const testedAs = database.query(
    `SELECT id, branch, head_sha AS head FROM tasks
     WHERE tested_sha = ? AND stage IN ('deploy-staging', 'deploy') AND status <> 'stopping'`,
  );
  const testedOf = database.query('SELECT tested_sha FROM tasks WHERE id = ?').pluck();
  const byOthers = new Map<string, string>();
  // What the forge said of a commit: to each process, and to that which opened the window of its landing.
  const checksOf = new Map<string, string>();
  const openedOn = new Map<string, string>();
  const moves = new Map<string, string[]>();
  const stops = new Map<string, string[]>();
  const sent = new Map<string, number>();
  let before = EMPTY;
  let alertsSeen = 0;
  const blame = (invariant: string, text: string): void => {
    violations.push({ invariant, text, atMs: state.clock.nowMs - startMs });
    state.trace(() => `VIOLATION ${invariant}: ${text}`);
  };
  const blameAll = (invariant: string, texts: readonly string[]): void => {
    for (const text of texts) blame(invariant, text);
  };
  const checkRows = (): void => {
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
      state.trace(() => `  ${taskId}: ${kind} ${body.slice(0, 220)} -> ${stateLine(played.stateOf(taskId ?? ''))}`);
  };

  return {
    violations,
    blame,
    snapshot: () => before,
    onWrite: ({ method, by, weight }) => {
      if (weight === 'life') return;
      state.trace(() => `${by} wrote by ${method}`);
      state.lastChangeMs = state.clock.nowMs;
      if (weight === 'rows') checkRows();
    },
    onStale: (text) => blame('stale-token', text),
    onAnswer: ({ method, by }, request, answer) => {
      if (method === 'requestStop') {
        const { taskId } = request as { taskId: string };
        const { kind } = answer as { kind: string };
        count(state.counters, `stop answered: ${kind}`);
        if (kind !== 'unknown-task') stops.set(taskId, [...(stops.get(taskId) ?? []), kind]);
      }
      if (method === 'claimJob' && answer !== null) own.claimed(by, answer as { id: number; token: number });
      if (method === 'tombstone') blameAll('claimed-runs-known', own.check(by, (request as { note: string }).note));
      if (method === 'enterCritical') {
        const { kind } = answer as { kind: string };
        count(state.counters, `window: ${kind}`);
        if (kind === 'entered') {
          const tested = String(testedOf.get((request as { taskId: string }).taskId));
          openedOn.set(tested, checksOf.get(`${by} ${tested}`) ?? 'nothing');
        }
      }
      if (method === 'applyEvent') count(state.counters, `event: ${(answer as { kind: string }).kind}`);
    },
    onLanding: ({ commit, from, by }) => {
      count(state.counters, 'landed');
      const taskId = ownerOf(commit);
      const landed = state.history.at(commit);
      const main = state.history.at(from);
      if (taskId === undefined || landed === undefined || main === undefined) {
        blame('landed-was-passed', `${by} landed ${commit}, which no task stands for`);
        return;
      }
      moves.set(taskId, [...(moves.get(taskId) ?? []), commit]);
      const said = openedOn.get(commit) ?? 'nothing';
      if (said !== 'green' && said !== 'unsupported')
        blame('landed-was-green', `${taskId} landed ${commit}, of whose required checks the forge said ${said}`);
      const stored = played.stateOf(taskId);
      const broken = landingViolations({
        taskId,
        commit: landed,
        before: main,
        head: (taskRow.get(taskId) as { head: string | null } | undefined)?.head ?? null,
        runs: runsOf(taskId),
        overridden: stored?.overrides.map(({ check }) => check) ?? [],
        stop: stops.get(taskId)?.[0] ?? null,
      });
      blameAll('landed-was-passed', broken);
      const untested = untestedLanding({ taskId, commit: landed, isDeclared: state.testing.ci === 'declared' });
      if (untested !== null) blame('landed-was-tested', untested);
    },
    onPushedByOthers: (commit) => {
      for (const { id, branch, head } of testedAs.all(commit) as TestedTask[]) {
        const now = state.heads.get(branch);
        if (now === head || now === commit) byOthers.set(id, commit);
      }
    },
    onChecks: (by, commit, answer) => checksOf.set(`${by} ${commit}`, answer),
    onAlertSent: (text) => {
      const times = (sent.get(text) ?? 0) + 1;
      sent.set(text, times);
      if (times > 1) count(state.counters, 'alert sent again after a fault');
      if (times > 1 + disturbances()) blame('one-alert-per-cause', `sent ${times} times: ${text}`);
    },
    onUnproven: (by, runs) => blameAll('claimed-runs-known', own.check(by, runs)),
    atEnd: () => {
      for (const table of database.orphans())
        blame('no-orphans', `a row of ${table} refers to a row that is not there`);
      const main = state.history.at(state.heads.get('main') ?? '');
      for (const task of before.tasks.values()) {
        const stored = played.stateOf(task.id);
        const row = taskRow.get(task.id) as TaskRow;
        const { landed } = row;
        const broken = endViolations({
          id: task.id,
          stage: task.stage,
          status: task.status,
          ended: stored?.ended ?? null,
          blocked: stored?.blocked?.detail ?? null,
          landed,
          headOnMain: landed !== null && main?.ancestors.has(landed) === true,
          stops: stops.get(task.id) ?? [],
        });
        blameAll('every-task-ends', broken);
        const told = landedIsTold({
          ...task,
          ended: stored?.ended ?? null,
          landed,
          moves: moves.get(task.id) ?? [],
          byOthers: byOthers.get(task.id) ?? null,
          isWithdrawn: state.withdrawn.has(task.branch) || state.stopped.has(task.id),
          pullRequest: state.pullRequests.find(({ number }) => number === row.number)?.state ?? null,
          isFinished: finished.get(task.id) !== undefined,
          isTold: state.toldLanded.has(task.id),
        });
        blameAll('landed-is-told', told);
        count(state.counters, `ended: ${task.stage}${stored?.ended ? ` (${stored.ended.split(':')[0]})` : ''}`);
      }
    },
  };
}

interface TestedTask {
  readonly id: string;
  readonly branch: string;
  readonly head: string | null;
}

interface TaskRow {
  readonly head: string | null;
  readonly landed: string | null;
  readonly number: number | null;
}

const stateLine = (state: ReturnType<ReturnType<typeof replay>['stateOf']>): string =>
  `${state?.stage}/${state?.status}/${state?.step}${state?.blocked ? ` (${state.blocked.reason})` : ''}`;
