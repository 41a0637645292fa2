import {
  ACTIONS,
  type CheckName,
  DEFAULT_CONFIG,
  decide,
  type EngineEffect,
  type Outcome,
  type TaskState,
} from '@gatehouse/stage-engine';
import { describe, expect, test } from '@jest/globals';
import { answered, at, kindWorld } from './worlds.ts';

const HOUR_MS = 3_600_000;

/** A world in which one step says one thing whenever it is asked; every other step opens and every timer is kept. */
function keepsSaying(start: TaskState, outcome: Outcome): string {
  let state = start;
  let now = 0;
  let asked = 0;
  const alerts: string[] = [];
  while (state.status !== 'blocked' && asked < 400) {
    now = Math.max(now + 1, state.waiting?.untilMs ?? 0);
    const due = state.status === 'active' && state.step === start.step;
    asked += due ? 1 : 0;
    const event = due ? answered(start.step as CheckName, outcome as 'fail', now) : kindWorld(state, now);
    const { state: next, effects } = decide(state, event, { ...DEFAULT_CONFIG, pollMs: HOUR_MS });
    alerts.push(...effects.flatMap((effect: EngineEffect) => (effect.kind === 'alert' ? [effect.key] : [])));
    state = next;
  }
  const end = state.status === 'blocked' ? `blocked ${state.blocked?.reason}` : 'never ends';
  return `${outcome}: ${end} after ${asked} asked, ${Math.round(now / HOUR_MS)} h; ${alerts.join(' ') || 'no alert'}`;
}

const rows = (start: TaskState): string[] =>
  (Object.keys(ACTIONS) as Outcome[])
    .filter(
      (outcome) => !['pass', 'skip', 'nothing-to-land', 'needs-merge', 'frozen', 'budget-spent'].includes(outcome),
    )
    .map((outcome) => keepsSaying(start, outcome));

describe('a check that keeps saying the same ends in one alert', () => {
  test('gates-only, before landing, at the merge check', () => {
    expect(rows(at('gates-only', 'check_branch_mergeable'))).toMatchInlineSnapshot(`
[
  "fail: blocked removed after 1 asked, 0 h; no alert",
  "lock-busy: blocked waited too long after 96 asked, 24 h; waited-too-long/lock-busy#1",
  "infra: blocked attempts spent after 4 asked, 0 h; attempts-spent/infra#1",
  "tool-failed: blocked attempts spent after 4 asked, 0 h; attempts-spent/tool-failed#1",
  "crashed: blocked attempts spent after 4 asked, 0 h; attempts-spent/crashed#1",
  "main-broken: never ends after 400 asked, 100 h; main-broken/b1",
  "base-moved: blocked kept moving after 6 asked, 0 h; kept-moving/base-moved#1",
  "branch-moved: blocked kept moving after 6 asked, 0 h; kept-moving/branch-moved#1",
  "ci-pending: blocked waited too long after 24 asked, 24 h; waited-too-long/ci-pending#1",
  "cannot-land: blocked waited too long after 24 asked, 24 h; waited-too-long/cannot-land#1",
  "feed-down: blocked waited too long after 24 asked, 24 h; waited-too-long/feed-down#1",
]
`);
  });

  test('full, before landing, at the merge check', () => {
    expect(rows(at('full', 'check_branch_mergeable'))).toMatchInlineSnapshot(`
[
  "fail: blocked retries spent after 4 asked, 0 h; retries-spent#1",
  "lock-busy: blocked waited too long after 96 asked, 24 h; waited-too-long/lock-busy#1",
  "infra: blocked attempts spent after 4 asked, 0 h; attempts-spent/infra#1",
  "tool-failed: blocked attempts spent after 4 asked, 0 h; attempts-spent/tool-failed#1",
  "crashed: blocked attempts spent after 4 asked, 0 h; attempts-spent/crashed#1",
  "main-broken: never ends after 400 asked, 100 h; main-broken/b1",
  "base-moved: blocked kept moving after 6 asked, 0 h; kept-moving/base-moved#1",
  "branch-moved: blocked kept moving after 6 asked, 0 h; kept-moving/branch-moved#1",
  "ci-pending: blocked waited too long after 24 asked, 24 h; waited-too-long/ci-pending#1",
  "cannot-land: blocked waited too long after 24 asked, 24 h; waited-too-long/cannot-land#1",
  "feed-down: blocked waited too long after 24 asked, 24 h; waited-too-long/feed-down#1",
]
`);
  });

  test('full, before the sub-gates, at the review', () => {
    expect(rows(at('full', 'check_review_approved'))).toMatchInlineSnapshot(`
[
  "fail: blocked retries spent after 4 asked, 0 h; retries-spent#1",
  "lock-busy: blocked attempts spent after 4 asked, 0 h; attempts-spent/lock-busy#1",
  "infra: blocked attempts spent after 4 asked, 0 h; attempts-spent/infra#1",
  "tool-failed: blocked attempts spent after 4 asked, 0 h; attempts-spent/tool-failed#1",
  "crashed: blocked attempts spent after 4 asked, 0 h; attempts-spent/crashed#1",
  "main-broken: blocked attempts spent after 4 asked, 0 h; attempts-spent/main-broken#1",
  "base-moved: blocked attempts spent after 4 asked, 0 h; attempts-spent/base-moved#1",
  "branch-moved: blocked attempts spent after 4 asked, 0 h; attempts-spent/branch-moved#1",
  "ci-pending: blocked waited too long after 24 asked, 24 h; waited-too-long/ci-pending#1",
  "cannot-land: blocked attempts spent after 4 asked, 0 h; attempts-spent/cannot-land#1",
  "feed-down: blocked waited too long after 24 asked, 24 h; waited-too-long/feed-down#1",
]
`);
  });

  test('full, after landing, at the deploy check', () => {
    expect(rows(at('full', 'check_deploy_status', true))).toMatchInlineSnapshot(`
[
  "fail: blocked landed, not deployed after 1 asked, 0 h; landed-not-deployed#1",
  "lock-busy: blocked landed, not deployed after 4 asked, 0 h; landed-not-deployed/lock-busy#1",
  "infra: blocked landed, not deployed after 4 asked, 0 h; landed-not-deployed/infra#1",
  "tool-failed: blocked landed, not deployed after 4 asked, 0 h; landed-not-deployed/tool-failed#1",
  "crashed: blocked landed, not deployed after 4 asked, 0 h; landed-not-deployed/crashed#1",
  "main-broken: blocked landed, not deployed after 4 asked, 0 h; landed-not-deployed/main-broken#1",
  "base-moved: blocked landed, not deployed after 4 asked, 0 h; landed-not-deployed/base-moved#1",
  "branch-moved: blocked landed, not deployed after 4 asked, 0 h; landed-not-deployed/branch-moved#1",
  "ci-pending: blocked landed, not deployed after 24 asked, 24 h; landed-not-deployed/ci-pending#1",
  "cannot-land: blocked landed, not deployed after 4 asked, 0 h; landed-not-deployed/cannot-land#1",
  "feed-down: blocked landed, not deployed after 24 asked, 24 h; landed-not-deployed/feed-down#1",
]
`);
  });
});
