import {
  ACTIONS,
  CHECKS,
  type CheckName,
  DEFAULT_CONFIG,
  type Decision,
  decide,
  type EngineEvent,
  isCheckName,
  type Outcome,
  type Profile,
  type TaskState,
} from '@gatehouse/stage-engine';
import { describe, expect, test } from '@jest/globals';
import { answered, at, CHECK_NAMES, kindsOf } from './worlds.ts';

/** One line on where a task stands and what was ordered. */
function summaryOf({ state, effects, ignored }: Decision): string {
  if (ignored === true) return 'ignored';
  const { stage, status, step, waiting, blocked } = state;
  const where = status === 'active' ? `${stage}/${step ?? 'over'}` : (waiting?.cause ?? blocked?.reason);
  const delay = effects.flatMap((effect) =>
    effect.kind === 'start-job' && effect.delayMs > 0 ? [effect.delayMs] : [],
  );
  const ordered = effects.map((effect) => (effect.kind === 'report' ? `report ${effect.status}` : effect.kind));
  return `${status} ${where}${delay.map((ms) => ` in ${ms} ms`).join('')} <- ${ordered.join(', ')}`;
}

const say = (state: TaskState, outcome: Outcome): EngineEvent => {
  if (outcome === 'needs-merge' || outcome === 'frozen') {
    return { kind: 'landing-answered', answer: { kind: outcome, reason: `it says ${outcome}` }, atMs: 0 };
  }
  if (outcome === 'budget-spent')
    return { kind: 'agent-answered', step: 'developer', answer: { kind: outcome, reason: 'all of it' }, atMs: 0 };
  return answered(state.step as CheckName, outcome);
};

const tableOf = (state: TaskState): string[] =>
  (Object.keys(ACTIONS) as Outcome[])
    .filter((outcome) => outcome !== 'budget-spent')
    .filter((outcome) => (outcome !== 'needs-merge' && outcome !== 'frozen') === isCheckName(state.step))
    .map((outcome) => `${outcome}: ${summaryOf(decide(state, say(state, outcome), DEFAULT_CONFIG))}`);

describe('what a check says and what becomes of the task', () => {
  test('gates-only, before landing, at the merge check', () => {
    expect(tableOf(at('gates-only', 'check_branch_mergeable'))).toMatchInlineSnapshot(`
[
  "pass: active deploy-staging/check_coverage_gate <- start-job",
  "skip: active deploy-staging/check_coverage_gate <- start-job",
  "nothing-to-land: active cancelled/over <- release-lease, report success, clean-up",
  "fail: blocked removed <- release-lease, report failure",
  "lock-busy: waiting lock-busy <- release-lease, take-ticket, report pending",
  "infra: active deploy-staging/check_security_gate in 30000 ms <- release-lease, start-job",
  "tool-failed: active deploy-staging/check_security_gate in 30000 ms <- release-lease, start-job",
  "crashed: active deploy-staging/check_security_gate in 30000 ms <- release-lease, start-job",
  "main-broken: waiting main-broken <- release-lease, alert, report pending",
  "base-moved: active deploy-staging/check_security_gate <- release-lease, start-job",
  "branch-moved: active deploy-staging/check_security_gate <- release-lease, start-job",
  "ci-pending: waiting ci-pending <- release-lease, report pending",
  "cannot-land: waiting cannot-land <- release-lease, report pending",
  "feed-down: waiting feed-down <- release-lease, report pending",
]
`);
  });

  test('full, before landing, at the merge check', () => {
    expect(tableOf(at('full', 'check_branch_mergeable'))).toMatchInlineSnapshot(`
[
  "pass: active deploy-staging/check_coverage_gate <- start-job",
  "skip: active deploy-staging/check_coverage_gate <- start-job",
  "nothing-to-land: active cancelled/over <- release-lease, report success, clean-up",
  "fail: active development/developer <- release-lease, report failure, start-job",
  "lock-busy: waiting lock-busy <- release-lease, take-ticket, report pending",
  "infra: active deploy-staging/check_security_gate in 30000 ms <- release-lease, start-job",
  "tool-failed: active deploy-staging/check_security_gate in 30000 ms <- release-lease, start-job",
  "crashed: active deploy-staging/check_security_gate in 30000 ms <- release-lease, start-job",
  "main-broken: waiting main-broken <- release-lease, alert, report pending",
  "base-moved: active deploy-staging/check_security_gate <- release-lease, start-job",
  "branch-moved: active deploy-staging/check_security_gate <- release-lease, start-job",
  "ci-pending: waiting ci-pending <- release-lease, report pending",
  "cannot-land: waiting cannot-land <- release-lease, report pending",
  "feed-down: waiting feed-down <- release-lease, report pending",
]
`);
  });

  test('full, before the sub-gates, at the review', () => {
    expect(tableOf(at('full', 'check_review_approved'))).toMatchInlineSnapshot(`
[
  "pass: active testing/tester <- start-job",
  "skip: active testing/tester <- start-job",
  "nothing-to-land: active cancelled/over <- release-lease, report success, clean-up",
  "fail: active development/developer <- release-lease, report failure, start-job",
  "lock-busy: active review/check_review_approved in 30000 ms <- release-lease, start-job",
  "infra: active review/check_review_approved in 30000 ms <- release-lease, start-job",
  "tool-failed: active review/reviewer in 30000 ms <- release-lease, start-job",
  "crashed: active review/check_review_approved in 30000 ms <- release-lease, start-job",
  "main-broken: active review/check_review_approved in 30000 ms <- release-lease, start-job",
  "base-moved: active review/check_review_approved in 30000 ms <- release-lease, start-job",
  "branch-moved: active review/check_review_approved in 30000 ms <- release-lease, start-job",
  "ci-pending: waiting ci-pending <- release-lease, report pending",
  "cannot-land: active review/check_review_approved in 30000 ms <- release-lease, start-job",
  "feed-down: waiting feed-down <- release-lease, report pending",
]
`);
  });

  test('full, after landing, at the deploy check', () => {
    expect(tableOf(at('full', 'check_deploy_status', true))).toMatchInlineSnapshot(`
[
  "pass: active done/over <- report success, clean-up",
  "skip: active done/over <- report success, clean-up",
  "nothing-to-land: blocked landed, not deployed <- release-lease, report error, alert",
  "fail: blocked landed, not deployed <- release-lease, report error, alert",
  "lock-busy: active deploy/check_deploy_status in 30000 ms <- release-lease, start-job",
  "infra: active deploy/check_deploy_status in 30000 ms <- release-lease, start-job",
  "tool-failed: active deploy/check_deploy_status in 30000 ms <- release-lease, start-job",
  "crashed: active deploy/check_deploy_status in 30000 ms <- release-lease, start-job",
  "main-broken: active deploy/check_deploy_status in 30000 ms <- release-lease, start-job",
  "base-moved: active deploy/check_deploy_status in 30000 ms <- release-lease, start-job",
  "branch-moved: active deploy/check_deploy_status in 30000 ms <- release-lease, start-job",
  "ci-pending: waiting ci-pending <- release-lease, report pending",
  "cannot-land: active deploy/check_deploy_status in 30000 ms <- release-lease, start-job",
  "feed-down: waiting feed-down <- release-lease, report pending",
]
`);
  });

  test('gates-only, after landing: the task is done and hears nothing', () => {
    const landing = at('gates-only', 'land');
    const landed = decide(landing, { kind: 'landing-answered', answer: { kind: 'landed' }, atMs: 0 }, DEFAULT_CONFIG);
    expect(summaryOf(landed)).toMatchInlineSnapshot(
      `"active done/over <- release-lease, record-skip, report success, clean-up"`,
    );
    for (const outcome of Object.keys(ACTIONS) as Outcome[]) {
      const check: TaskState = { ...landed.state, step: 'check_deploy_status' };
      expect(summaryOf(decide(landed.state, say(check, outcome), DEFAULT_CONFIG))).toBe('ignored');
    }
  });

  const landingRows = (profile: Profile): string[] => {
    const answers = [
      'landed',
      'merged-outside',
      'base-moved',
      'branch-moved',
      'ci-pending',
      'cannot-land',
      'lock-busy',
      'needs-merge',
      'frozen',
      'infra',
    ] as const;
    return answers.map((kind) => {
      const answer = kind === 'landed' ? { kind } : { kind, reason: `it says ${kind}` };
      return `${kind}: ${summaryOf(decide(at(profile, 'land'), { kind: 'landing-answered', answer, atMs: 0 }, DEFAULT_CONFIG))}`;
    });
  };

  test('gates-only, what the landing answers', () => {
    expect(landingRows('gates-only')).toMatchInlineSnapshot(`
[
  "landed: active done/over <- release-lease, record-skip, report success, clean-up",
  "merged-outside: active done/over <- release-lease, record-skip, report success, clean-up",
  "base-moved: active deploy-staging/check_security_gate <- release-lease, start-job",
  "branch-moved: active deploy-staging/check_security_gate <- release-lease, start-job",
  "ci-pending: waiting ci-pending <- release-lease, report pending",
  "cannot-land: waiting cannot-land <- release-lease, report pending",
  "lock-busy: waiting lock-busy <- release-lease, take-ticket, report pending",
  "needs-merge: waiting needs-merge <- release-lease, report pending",
  "frozen: blocked frozen <- release-lease, report error, alert",
  "infra: active deploy-staging/check_security_gate in 30000 ms <- release-lease, start-job",
]
`);
  });

  test('a spent budget blocks the work of an agent at once, and what has landed stays landed', () => {
    const answer = { kind: 'budget-spent', reason: '3 attempts of 3' } as const;
    const working = at('full', 'developer');
    const event = { kind: 'agent-answered', step: 'developer', answer, atMs: 0 } as const;
    const spent = decide(working, event, DEFAULT_CONFIG);
    expect(summaryOf(spent)).toBe('blocked budget spent <- release-lease, report error, alert');
    expect(spent.state.blocked).toMatchObject({ detail: '3 attempts of 3', cause: 'budget-spent' });
    const again = decide(spent.state, { kind: 'retried', by: 'a person', atMs: 1 }, DEFAULT_CONFIG);
    expect(summaryOf(again)).toBe('active development/developer <- release-lease, start-job');
    const deploying = { ...at('full', 'deployer'), stage: 'deploy', landed: true } as const;
    const late = decide(deploying, { ...event, step: 'deployer' }, DEFAULT_CONFIG);
    expect(summaryOf(late)).toBe('blocked landed, not deployed <- release-lease, report error, alert');
  });

  test('full, what the landing answers', () => {
    expect(landingRows('full')).toMatchInlineSnapshot(`
[
  "landed: active deploy/deployer <- release-lease, start-job",
  "merged-outside: active deploy/deployer <- release-lease, start-job",
  "base-moved: active deploy-staging/check_security_gate <- release-lease, start-job",
  "branch-moved: active deploy-staging/check_security_gate <- release-lease, start-job",
  "ci-pending: waiting ci-pending <- release-lease, report pending",
  "cannot-land: waiting cannot-land <- release-lease, report pending",
  "lock-busy: waiting lock-busy <- release-lease, take-ticket, report pending",
  "needs-merge: waiting needs-merge <- release-lease, report pending",
  "frozen: blocked frozen <- release-lease, report error, alert",
  "infra: active deploy-staging/check_security_gate in 30000 ms <- release-lease, start-job",
]
`);
  });

  test('a branch that changes nothing ends cancelled, told in its words, whatever was overridden', () => {
    for (const profile of ['gates-only', 'full'] as const)
      for (const overridden of [false, true]) {
        const state: TaskState = {
          ...at(profile, 'check_branch_mergeable'),
          overrides: overridden ? [{ check: 'check_branch_mergeable', by: 'a person', reason: 'now' }] : [],
        };
        const { state: next, effects } = decide(state, say(state, 'nothing-to-land'), DEFAULT_CONFIG);
        expect(next).toMatchObject({ stage: 'cancelled', landed: false, ended: 'nothing-to-land: it is all there' });
        expect(effects).toContainEqual({
          kind: 'report',
          status: 'success',
          text: 'cancelled: nothing-to-land: it is all there',
        });
      }
  });

  test('a check that says so is believed though a person overrode it meanwhile', () => {
    for (const check of CHECK_NAMES.filter((name) => CHECKS[name].override === 'skips')) {
      const state: TaskState = {
        ...at('full', check, check === 'check_deploy_status'),
        landed: false,
        overrides: [{ check, by: 'a person', reason: 'now' }],
      };
      expect(decide(state, say(state, 'nothing-to-land'), DEFAULT_CONFIG).state).toMatchObject({ stage: 'cancelled' });
    }
  });

  test('a branch that changes nothing and says no more ends in these words alone', () => {
    const verdict = { status: 'skip' as const, code: 'nothing-to-land' as const, findings: [] };
    for (const reason of ['', 'nothing to land:', 'nothing to land: ']) {
      const event = {
        kind: 'check-answered',
        check: 'check_branch_mergeable',
        verdict: { ...verdict, reason },
        atMs: 0,
      };
      const { state } = decide(at('gates-only', 'check_branch_mergeable'), event as EngineEvent, DEFAULT_CONFIG);
      expect(state.ended).toBe('nothing-to-land');
    }
  });

  test('a skip whose code is not known opens nothing', () => {
    const state = at('gates-only', 'check_branch_mergeable');
    const verdict = { status: 'skip', code: 'of tomorrow', reason: 'x', findings: [] };
    const event = {
      kind: 'check-answered',
      check: 'check_branch_mergeable',
      verdict,
      atMs: 0,
    } as unknown as EngineEvent;
    expect(decide(state, event, DEFAULT_CONFIG).state.counts).toEqual({ crashed: 1 });
  });

  test('every answer but pass and skip gives the lease back in the same decision', () => {
    const places = [
      at('gates-only', 'check_branch_mergeable'),
      at('gates-only', 'land'),
      at('full', 'check_image_freshness'),
      at('full', 'check_deploy_status', true),
    ];
    for (const state of places) {
      for (const outcome of Object.keys(ACTIONS) as Outcome[]) {
        const decision = decide(state, say(state, outcome), DEFAULT_CONFIG);
        if (decision.ignored === true || outcome === 'pass' || outcome === 'skip') continue;
        expect(kindsOf(decision.effects)).toContain('release-lease');
      }
    }
  });
});
