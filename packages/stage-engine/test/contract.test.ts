import {
  ACTIONS,
  CHECKS,
  DEFAULT_CONFIG,
  isTerminal,
  PROFILES,
  STAGE_TRANSITIONS,
  STAGES,
  SUB_GATES,
  stepsOf,
  WAITS,
} from '@gatehouse/stage-engine';
import { describe, expect, test } from '@jest/globals';

/** Frozen: adding is fine, renaming or changing what a name means is not. */
describe('names that others rely on', () => {
  test('the stages and their order', () => {
    expect(STAGES.join(' ')).toMatchInlineSnapshot(
      `"created analysis architecture development review testing deploy-staging deploy done cancelled"`,
    );
  });

  test('who works, what closes, what comes next', () => {
    const rows = STAGES.map((stage) => {
      const { agent, checks, next, back } = STAGE_TRANSITIONS[stage];
      return `${stage}: ${agent ?? '-'} | ${checks.join(' ') || '-'} | next ${next ?? '-'} | fail ${back ?? '-'}`;
    });
    expect(rows).toMatchInlineSnapshot(`
[
  "created: - | - | next analysis | fail -",
  "analysis: analyst | check_analysis_approved | next architecture | fail analysis",
  "architecture: architect | check_architecture_done | next development | fail architecture",
  "development: developer | check_ci_green | next review | fail development",
  "review: reviewer | check_review_approved | next testing | fail development",
  "testing: tester | check_tests_passed | next deploy-staging | fail development",
  "deploy-staging: deployer | check_staging_status | next deploy | fail development",
  "deploy: deployer | check_deploy_status | next done | fail development",
  "done: - | - | next - | fail -",
  "cancelled: - | - | next - | fail -",
]
`);
  });

  test('the sub-gates, in order', () => {
    expect(SUB_GATES).toMatchInlineSnapshot(`
{
  "deploy-staging": [
    "check_security_gate",
    "check_branch_mergeable",
    "check_coverage_gate",
    "check_image_freshness",
  ],
}
`);
  });

  test('the checks, their artefacts, keys and values', () => {
    const rows = Object.entries(CHECKS).map(([name, { stage, artefact, askedOf, profiles, override }]) => {
      const file = artefact === null ? '-' : `${artefact.name} ${artefact.key}: ${artefact.values.join(' | ')}`;
      return `${name} @ ${stage}; ${file}; ${askedOf}; ${profiles.join(', ')}; override ${override}`;
    });
    expect(rows).toMatchInlineSnapshot(`
[
  "check_analysis_approved @ analysis; -; person; full; override skips",
  "check_architecture_done @ architecture; 06-architecture.md architecture_status: DONE; machine; full; override skips",
  "check_ci_green @ development; -; machine; full; override skips",
  "check_review_approved @ review; 12-review.md verdict: APPROVED; machine; full; override skips",
  "check_tests_passed @ testing; 13-test-report.md result: PASS; machine; full; override skips",
  "check_staging_status @ deploy-staging; 15-staging-log.md staging_status: SUCCESS; machine; full; override skips",
  "check_security_gate @ deploy-staging; 17-security-report.md security_status: PASS | FAIL | ERROR; machine; full, gates-only; override skips",
  "check_branch_mergeable @ deploy-staging; -; machine; full, gates-only; override informs",
  "check_coverage_gate @ deploy-staging; 18-coverage-report.md coverage_status: PASS | FAIL | UNKNOWN | SKIP; machine; full, gates-only; override skips",
  "check_image_freshness @ deploy-staging; -; machine; full, gates-only; override skips",
  "check_deploy_status @ deploy; 14-deploy-log.md deploy_status: SUCCESS; machine; full; override skips",
]
`);
  });

  test('the action table', () => {
    const rows = Object.entries(ACTIONS).map(
      ([name, { working, gated, landed }]) => `${name}: ${working} | ${gated} | ${landed}`,
    );
    expect(rows).toMatchInlineSnapshot(`
[
  "pass: open | open | open",
  "skip: open | open | open",
  "nothing-to-land: end | end | hold",
  "fail: blame | blame | hold",
  "lock-busy: again | wait | again",
  "infra: again | again | again",
  "tool-failed: again | again | again",
  "crashed: again | again | again",
  "main-broken: again | wait | again",
  "base-moved: again | re-enter | again",
  "branch-moved: again | re-enter | again",
  "ci-pending: wait | wait | wait",
  "cannot-land: again | wait | again",
  "feed-down: wait | wait | wait",
  "needs-merge: again | wait | again",
  "frozen: again | hold | hold",
  "budget-spent: hold | hold | hold",
]
`);
  });

  test('what ends a wait', () => {
    const rows = Object.entries(WAITS).map(
      ([name, { resumedBy, timer, capped }]) =>
        `${name}: ${resumedBy.join(' ') || 'a person'}; timer ${timer ?? '-'}; ${capped ? 'capped' : 'no cap'}`,
    );
    expect(rows).toMatchInlineSnapshot(`
[
  "lock-busy: lease-free timer; timer rare; capped",
  "main-broken: main-moved main-healed environment-changed timer; timer rare; no cap",
  "ci-pending: forge-changed timer; timer poll; capped",
  "cannot-land: forge-changed timer; timer poll; capped",
  "feed-down: environment-changed timer; timer poll; capped",
  "needs-merge: main-moved forge-changed timer; timer rare; no cap",
  "approval: a person; timer -; no cap",
]
`);
  });

  test('the default settings', () => {
    expect(DEFAULT_CONFIG).toMatchInlineSnapshot(`
{
  "infraBackoffMs": 30000,
  "infraRetryEnabled": true,
  "infraRetryMax": 3,
  "maxDeveloperRetries": 3,
  "mergeDeferMaxMs": 86400000,
  "pollMs": 30000,
}
`);
  });
});

describe('the tables fit together', () => {
  test('every stage but the entry is reached, and every next and back exists', () => {
    for (const { next, back } of Object.values(STAGE_TRANSITIONS)) {
      if (next !== null) expect(STAGES).toContain(next);
      if (back !== null) expect(STAGES).toContain(back);
    }
    const reached = new Set(Object.values(STAGE_TRANSITIONS).map(({ next }) => next));
    expect(STAGES.filter((stage) => !reached.has(stage))).toEqual(['created', 'cancelled']);
  });

  test('exactly done and cancelled are terminal, and lead nowhere', () => {
    expect(STAGES.filter(isTerminal)).toEqual(['done', 'cancelled']);
    for (const stage of STAGES) expect(STAGE_TRANSITIONS[stage].next === null).toBe(isTerminal(stage));
  });

  test('every check stands on the stage whose row or sub-gates name it', () => {
    for (const [name, { stage }] of Object.entries(CHECKS)) expect(stepsOf(stage)).toContain(name);
    const asked = STAGES.flatMap((stage) => [...STAGE_TRANSITIONS[stage].checks, ...(SUB_GATES[stage] ?? [])]);
    expect([...asked].sort()).toEqual(Object.keys(CHECKS).sort());
  });

  test('every wait in the action table says what ends it', () => {
    for (const [outcome, row] of Object.entries(ACTIONS)) {
      if ([row.working, row.gated, row.landed].includes('wait')) expect(Object.keys(WAITS)).toContain(outcome);
    }
  });

  test('only pass and skip open', () => {
    for (const [outcome, { working, gated, landed }] of Object.entries(ACTIONS)) {
      const opens = [working, gated, landed].map((action) => action === 'open');
      const expected = outcome === 'pass' || outcome === 'skip';
      expect(opens).toEqual([expected, expected, expected]);
    }
  });

  test('every row has its line of prose', () => {
    const rows = [...Object.values(ACTIONS), ...Object.values(WAITS), ...Object.values(PROFILES)];
    for (const { says } of rows) expect(says.length).toBeGreaterThan(8);
  });

  test('no importer can change a table', () => {
    for (const table of [STAGE_TRANSITIONS, STAGES, SUB_GATES, CHECKS, ACTIONS, WAITS, PROFILES, DEFAULT_CONFIG]) {
      expect(isDeeplyFrozen(table)).toBe(true);
    }
    expect(isDeeplyFrozen({ a: Object.freeze([]) })).toBe(false);
  });
});

const isDeeplyFrozen = (value: unknown): boolean =>
  typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen));
