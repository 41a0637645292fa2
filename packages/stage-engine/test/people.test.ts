import {
  type CheckName,
  DEFAULT_CONFIG,
  decide,
  type EngineEffect,
  type EngineEvent,
  initialState,
  isTerminal,
  type TaskState,
} from '@gatehouse/stage-engine';
import { describe, expect, test } from '@jest/globals';
import { answered, at, kindsOf, kindWorld, pass, run } from './worlds.ts';

const retried: EngineEvent = { kind: 'retried', by: 'ada', atMs: 0 };
const headMoved: EngineEvent = { kind: 'head-moved', atMs: 0 };
const branchGone: EngineEvent = { kind: 'branch-gone', atMs: 0 };
const landed: EngineEvent = { kind: 'landing-answered', answer: { kind: 'landed' }, atMs: 0 };
const override = (check: CheckName): EngineEvent => ({
  kind: 'overridden',
  check,
  by: 'ada',
  reason: 'known',
  atMs: 0,
});
const opens = (check: CheckName): EngineEvent => ({ kind: 'check-answered', check, verdict: pass, atMs: 0 });
const removed = (): TaskState =>
  run(at('gates-only', 'check_coverage_gate'), answered('check_coverage_gate', 'fail')).state;

/** Given up at `check`, which answers nothing but `cause`. */
function blocked(check: CheckName, cause: 'infra' | 'crashed' | 'tool-failed'): TaskState {
  let state = at('full', check);
  while (state.status !== 'blocked') state = run(state, answered(check, cause)).state;
  return state;
}

/** Every effect of a life in which everything works. */
function liveKindly(profile: 'full' | 'gates-only') {
  let state = initialState(profile);
  const effects: EngineEffect[] = [];
  while (!isTerminal(state.stage)) {
    const decision = decide(state, kindWorld(state, 0), DEFAULT_CONFIG);
    state = decision.state;
    effects.push(...decision.effects);
  }
  return effects;
}

describe('a failing change', () => {
  test('goes back to its developer with the findings word for word', () => {
    const { state, effects } = run(at('full', 'check_coverage_gate'), answered('check_coverage_gate', 'fail'));
    const brief = 'check_coverage_gate: it says fail\n- red-test a.test.ts:7: a.test is red';
    expect(effects).toContainEqual({ kind: 'start-job', job: 'agent', step: 'developer', delayMs: 0, brief });
    const crashed: EngineEvent = {
      kind: 'agent-answered',
      step: 'developer',
      answer: { kind: 'tool-failed', reason: 'exit 1' },
      atMs: 0,
    };
    expect(run(state, crashed).effects).toContainEqual(expect.objectContaining({ step: 'developer', brief }));
    const mended = run(state, { kind: 'agent-answered', step: 'developer', answer: { kind: 'done' }, atMs: 0 });
    const jobs = mended.effects.filter(({ kind }) => kind === 'start-job');
    expect(jobs).toHaveLength(1);
    expect(jobs[0]).not.toHaveProperty('brief');
  });

  test('every step has its kind of job: agents work, checks are gates, and one lands', () => {
    const jobs = liveKindly('full').flatMap((effect) => (effect.kind === 'start-job' ? [effect] : []));
    expect(jobs.length).toBeGreaterThan(8);
    for (const { step, job } of jobs) {
      const expected = step === 'land' ? 'landing' : step.startsWith('check_') ? 'gate' : 'agent';
      expect([step, job]).toEqual([step, expected]);
    }
  });

  test('a check that asks a person says on the forge that it waits for one', () => {
    expect(liveKindly('full')).toContainEqual({ kind: 'report', status: 'pending', text: 'a person has to approve' });
  });

  test('the answer of an agent that is not asked any more is ignored', () => {
    const state = at('full', 'check_coverage_gate');
    const late: EngineEvent = { kind: 'agent-answered', step: 'developer', answer: { kind: 'done' }, atMs: 0 };
    expect(run(state, late)).toEqual({ state, effects: [], ignored: true });
  });

  test('a developer who is asked for the first time has no findings to read', () => {
    const jobs = liveKindly('full').filter((effect) => effect.kind === 'start-job' && effect.step === 'developer');
    expect(jobs).toHaveLength(1);
    expect(jobs[0]).not.toHaveProperty('brief');
  });

  test('names whole findings only, and counts what does not fit', () => {
    const findings = Array.from({ length: 100 }, (_, index) => ({
      rule: `r${index}`,
      message: 'x'.repeat(2000),
      commit: 'c0ffee',
    }));
    const { state } = run(at('full', 'check_ci_green'), {
      kind: 'check-answered',
      check: 'check_ci_green',
      verdict: { status: 'fail', reason: 'red', findings },
      atMs: 0,
    });
    const lines = state.brief?.split('\n') ?? [];
    expect(lines.at(-1)).toBe(`- and ${100 - (lines.length - 2)} more, see the report`);
    expect(lines.at(-2)).toBe(`- r${lines.length - 3} (in c0ffee): ${'x'.repeat(2000)}`);
  });

  test('is out of a queue for people, with a report and no alert', () => {
    const { state, effects } = run(at('gates-only', 'check_coverage_gate'), answered('check_coverage_gate', 'fail'));
    expect(state).toMatchObject({ status: 'blocked', stage: 'deploy-staging', blocked: { reason: 'removed' } });
    expect(effects).toMatchObject([{ kind: 'release-lease' }, { kind: 'report', status: 'failure' }]);
  });

  test('of analysis or architecture has that stage done again', () => {
    const { state } = run(at('full', 'check_architecture_done'), answered('check_architecture_done', 'fail'));
    expect(state).toMatchObject({ stage: 'architecture', step: 'architect', counts: { rerun: 1 } });
  });

  test('with the old behaviour of the merge gate switched back on, a machine fault of the merge check is a failure', () => {
    const old = { ...DEFAULT_CONFIG, infraRetryEnabled: false };
    const merging = at('gates-only', 'check_branch_mergeable');
    expect(decide(merging, answered('check_branch_mergeable', 'infra'), old).state.blocked?.reason).toBe('removed');
    const covering = at('gates-only', 'check_coverage_gate');
    expect(decide(covering, answered('check_coverage_gate', 'infra'), old).state.status).toBe('active');
  });
});

describe('entering', () => {
  test('a branch of people enters at the first sub-gate, a task of agents at analysis', () => {
    const enqueued: EngineEvent = { kind: 'enqueued', atMs: 0 };
    expect(run(initialState('gates-only'), enqueued).state).toMatchObject({
      stage: 'deploy-staging',
      step: 'check_security_gate',
    });
    expect(run(initialState('full'), enqueued).state).toMatchObject({ stage: 'analysis', step: 'analyst' });
    expect(run(initialState('full'), enqueued, enqueued).ignored).toBe(true);
  });

  test('a branch of people is done once landed, and says that nothing was deployed by us', () => {
    const { state, effects } = run(at('gates-only', 'land'), landed);
    expect(state).toMatchObject({ stage: 'done', landed: true });
    expect(effects).toContainEqual({ kind: 'record-skip', check: 'check_deploy_status', reason: 'profile' });
    expect(kindsOf(effects)).toEqual(['release-lease', 'record-skip', 'report', 'clean-up']);
  });
});

describe('an approval', () => {
  const waiting = at('full', 'check_analysis_approved');

  test('is waited for without a job and without a cap', () => {
    expect(waiting).toMatchObject({ status: 'waiting', waiting: { cause: 'approval' } });
    expect(run(waiting, { kind: 'woken', why: 'timer', atMs: 9e12 }).ignored).toBe(true);
  });

  test('opens the check that asks a person, and no other', () => {
    const approve = (check: CheckName): EngineEvent => ({ kind: 'approved', check, by: 'ada', atMs: 0 });
    expect(run(waiting, approve('check_analysis_approved')).state).toMatchObject({
      stage: 'architecture',
      step: 'architect',
    });
    expect(run(at('full', 'check_review_approved'), approve('check_review_approved')).ignored).toBe(true);
  });

  test('may be refused by the tracker: the analysis is done again', () => {
    expect(run(waiting, answered('check_analysis_approved', 'fail')).state.step).toBe('analyst');
  });
});

describe('a new head', () => {
  test('brings a removed branch back to sub-gate 1', () => {
    const { state } = run(removed(), headMoved);
    expect(state).toMatchObject({ status: 'active', step: 'check_security_gate', blocked: null, episode: 2 });
  });

  test('withdraws the job about the old head', () => {
    const { state, effects } = run(at('gates-only', 'check_coverage_gate'), headMoved);
    expect(state.step).toBe('check_security_gate');
    expect(kindsOf(effects)).toEqual(['cancel-jobs', 'release-lease', 'start-job']);
  });

  test('does not disturb a landing: the landing finds out', () => {
    expect(run(at('gates-only', 'land'), headMoved).ignored).toBe(true);
  });

  test('in the full profile is judged again from CI on: its review was about another tree', () => {
    expect(run(at('full', 'check_coverage_gate'), headMoved).state.step).toBe('check_ci_green');
    expect(run(at('full', 'architect'), headMoved).ignored).toBe(true);
  });

  test('does not lift a block that a person has to lift, but takes its overrides away', () => {
    const stuck = run(at('gates-only', 'land'), override('check_coverage_gate'), {
      kind: 'landing-answered',
      answer: { kind: 'frozen', reason: 'main lacks it' },
      atMs: 0,
    }).state;
    expect(run(stuck, headMoved).state).toEqual({ ...stuck, overrides: [] });
  });
});

describe('a branch that is gone', () => {
  test('cancels the task, whatever it is doing', () => {
    for (const state of [removed(), at('gates-only', 'check_coverage_gate'), initialState('gates-only')]) {
      expect(run(state, branchGone).state).toMatchObject({ stage: 'cancelled', ended: 'branch-gone' });
    }
    expect(kindsOf(run(at('gates-only', 'check_coverage_gate'), branchGone).effects)).toContain('cancel-jobs');
  });

  test('while landing is judged by how the landing ends: forges delete what they merged', () => {
    const gone = run(at('gates-only', 'land'), branchGone).state;
    expect(gone).toMatchObject({ status: 'active', step: 'land' });
    expect(run(gone, landed).state).toMatchObject({ stage: 'done', ended: 'done' });
    const refused: EngineEvent = { kind: 'landing-answered', answer: { kind: 'branch-moved', reason: '' }, atMs: 0 };
    expect(run(gone, refused).state).toMatchObject({ stage: 'cancelled', ended: 'branch-gone' });
  });

  test('or has a new head, or is merged again, is of no interest once main has it', () => {
    const deploying = at('full', 'deployer', true);
    const again: EngineEvent = { kind: 'merged-otherwise', reason: 'twice', atMs: 0 };
    for (const event of [headMoved, branchGone, again]) expect(run(deploying, event).ignored).toBe(true);
  });

  test('merged from outside as another commit cancels with an alert', () => {
    const { state, effects } = run(removed(), { kind: 'merged-otherwise', reason: 'squashed', atMs: 0 });
    expect(state).toMatchObject({ stage: 'cancelled', ended: 'merged-outside: squashed' });
    expect(kindsOf(effects)).toContain('alert');
  });
});

describe('a tested commit that somebody else landed', () => {
  const outside: EngineEvent = {
    kind: 'landing-answered',
    answer: { kind: 'merged-outside', reason: 'by hand' },
    atMs: 0,
  };
  const waiting = run(at('gates-only', 'land'), {
    kind: 'landing-answered',
    answer: { kind: 'ci-pending', reason: 'lint runs' },
    atMs: 0,
  }).state;

  test.each([
    ['a gate that runs', at('gates-only', 'check_coverage_gate')],
    ['a wait', waiting],
    ['a block', removed()],
    ['a branch that is gone', run(at('gates-only', 'land'), branchGone).state],
  ])('has landed, out of %s', (_what, state) => {
    const { state: after, effects } = run(state, outside);
    expect(after).toMatchObject({ stage: 'done', landed: true, waiting: null, blocked: null });
    const isRunning = state.status === 'active' && state.step !== 'land';
    expect(kindsOf(effects).includes('cancel-jobs')).toBe(isRunning);
    expect(kindsOf(effects)).toContain('release-lease');
  });

  test('is deployed where agents deploy', () => {
    expect(run(at('full', 'check_coverage_gate'), outside).state).toMatchObject({ step: 'deployer', status: 'active' });
  });

  test('means nothing before the gates, after landing, and to a task that is being stopped', () => {
    const stop: EngineEvent = { kind: 'stop-requested', by: 'ada', phase: 'running', atMs: 0 };
    const stopping = run(at('gates-only', 'check_coverage_gate'), stop).state;
    for (const state of [
      initialState('full'),
      at('full', 'developer'),
      at('full', 'deployer', true),
      stopping,
      run(removed(), branchGone).state,
    ])
      expect(run(state, outside).ignored).toBe(true);
  });
});

describe('a retry', () => {
  test('is for blocked tasks only', () => {
    expect(run(at('gates-only', 'check_coverage_gate'), retried).ignored).toBe(true);
    expect(run(removed(), retried).state.step).toBe('check_security_gate');
  });

  test('is not eaten up by what happened on the way to main: landing counts anew', () => {
    const tired = run(at('full', 'check_image_freshness'), answered('check_image_freshness', 'infra')).state;
    expect(tired.counts).toEqual({ infra: 1 });
    const onward = (['check_security_gate', 'check_branch_mergeable', 'check_coverage_gate'] as const).map(opens);
    expect(run(tired, ...onward, opens('check_image_freshness'), landed).state).toMatchObject({
      landed: true,
      step: 'deployer',
    });
    expect(run(tired, ...onward, opens('check_image_freshness'), landed).state.counts).toEqual({});
  });

  test.each([
    ['check_architecture_done', 'architect'],
    ['check_review_approved', 'reviewer'],
    ['check_tests_passed', 'tester'],
    ['check_staging_status', 'deployer'],
  ] as const)('of %s does the work of the %s anew: the report it left is not read again', (check, agent) => {
    for (const cause of ['infra', 'crashed'] as const)
      expect(run(blocked(check, cause), retried).state).toMatchObject({ status: 'active', step: agent });
    expect(run(at('full', check), answered(check, 'tool-failed')).state).toMatchObject({ step: agent });
    expect(run(at('full', check), answered(check, 'infra')).state).toMatchObject({ step: check });
  });

  test('of a check that asks no report asks it again', () => {
    const spent = blocked('check_ci_green', 'tool-failed');
    expect(run(spent, retried).state).toMatchObject({ status: 'active', step: 'check_ci_green' });
  });

  test('by an override of another check does not read the report again either', () => {
    const spent = blocked('check_review_approved', 'infra');
    expect(run(spent, override('check_security_gate')).state).toMatchObject({ step: 'reviewer' });
    expect(run(spent, override('check_review_approved')).state).toMatchObject({ step: 'tester' });
  });

  test('after a failed deploy deploys again', () => {
    const failed = run(at('full', 'check_deploy_status', true), answered('check_deploy_status', 'fail')).state;
    expect(failed.blocked?.reason).toBe('landed, not deployed');
    expect(run(failed, retried).state).toMatchObject({
      status: 'active',
      stage: 'deploy',
      step: 'deployer',
      landed: true,
    });
  });
});

describe('an override', () => {
  test('leaves blocked and skips that one check, on the record', () => {
    const back = run(removed(), override('check_coverage_gate'));
    expect(back.state).toMatchObject({ status: 'active', step: 'check_security_gate' });
    const { state, effects } = run(back.state, opens('check_security_gate'), opens('check_branch_mergeable'));
    expect(state.step).toBe('check_image_freshness');
    expect(effects[0]).toEqual({
      kind: 'record-skip',
      check: 'check_coverage_gate',
      reason: 'overridden by ada: known',
    });
  });

  test('takes the place of an earlier one of the same check, and leaves those of the others', () => {
    const state = at('gates-only', 'check_security_gate');
    const later: EngineEvent = { ...override('check_coverage_gate'), reason: 'still known' } as EngineEvent;
    const twice = run(state, override('check_coverage_gate'), override('check_branch_mergeable'), later).state;
    expect(twice.overrides).toEqual([
      { check: 'check_branch_mergeable', by: 'ada', reason: 'known' },
      { check: 'check_coverage_gate', by: 'ada', reason: 'still known' },
    ]);
  });

  test('overrules a check that is running', () => {
    const { state } = run(
      at('gates-only', 'check_coverage_gate'),
      override('check_coverage_gate'),
      answered('check_coverage_gate', 'fail'),
    );
    expect(state.step).toBe('check_image_freshness');
  });

  test('of the merge check is known to it: nothing lands without a lease and a tested commit', () => {
    const { effects } = run(removed(), override('check_branch_mergeable'), opens('check_security_gate'));
    expect(effects).toMatchObject([{ kind: 'start-job', step: 'check_branch_mergeable', override: { by: 'ada' } }]);
    const failed = run(
      removed(),
      override('check_branch_mergeable'),
      opens('check_security_gate'),
      answered('check_branch_mergeable', 'fail'),
    );
    expect(failed.state.blocked?.reason).toBe('removed');
  });

  test('ends with the head it was given for', () => {
    const { state } = run(at('gates-only', 'check_security_gate'), override('check_coverage_gate'), headMoved);
    expect(state.overrides).toEqual([]);
    const sentBack = run(
      at('full', 'check_ci_green'),
      override('check_coverage_gate'),
      answered('check_ci_green', 'fail'),
    );
    expect(sentBack.state.overrides).toEqual([]);
  });

  test('outlives a main that moved, and ends with a branch that did', () => {
    const overruled = run(at('gates-only', 'check_branch_mergeable'), override('check_coverage_gate')).state;
    expect(run(overruled, answered('check_branch_mergeable', 'base-moved')).state.overrides).toHaveLength(1);
    expect(run(overruled, answered('check_branch_mergeable', 'branch-moved')).state.overrides).toEqual([]);
  });

  test('ends a wait of that very check, and no other', () => {
    const waiting = run(at('gates-only', 'check_security_gate'), answered('check_security_gate', 'feed-down')).state;
    expect(run(waiting, override('check_security_gate')).state.step).toBe('check_branch_mergeable');
    expect(run(waiting, override('check_coverage_gate')).state.status).toBe('waiting');
  });

  test('of a check this task never passes is ignored', () => {
    expect(run(removed(), override('check_review_approved')).ignored).toBe(true);
    expect(run(at('full', 'deployer', true), override('check_security_gate')).ignored).toBe(true);
  });
});
