import { type EngineEvent, initialState, type RunPhase } from '@gatehouse/stage-engine';
import { describe, expect, test } from '@jest/globals';
import { answered, at, kindsOf, pass, run } from './worlds.ts';

const stop = (phase: RunPhase): EngineEvent => ({ kind: 'stop-requested', by: 'ada', phase, atMs: 0 });
const settled = (verified: boolean): EngineEvent => ({ kind: 'stop-settled', verified, atMs: 0 });
const landing = (kind: 'landed' | 'base-moved' | 'frozen'): EngineEvent => ({
  kind: 'landing-answered',
  answer: kind === 'landed' ? { kind } : { kind, reason: 'why' },
  atMs: 0,
});

describe('what is not running', () => {
  test('is cancelled at once, its ready job with it', () => {
    const ready = run(at('gates-only', 'check_coverage_gate'), stop('idle'));
    expect(ready).toMatchObject({ stop: 'cancelled', state: { stage: 'cancelled', ended: 'stopped' } });
    expect(kindsOf(ready.effects)).toEqual(['cancel-jobs', 'release-lease', 'report', 'clean-up']);
  });

  test('rests: whatever runs elsewhere, there is nothing to end', () => {
    const blocked = run(at('gates-only', 'check_coverage_gate'), answered('check_coverage_gate', 'fail')).state;
    const queued = run(
      at('gates-only', 'check_branch_mergeable'),
      answered('check_branch_mergeable', 'lock-busy'),
    ).state;
    for (const state of [blocked, queued, initialState('full')]) {
      for (const phase of ['idle', 'running'] as const) expect(run(state, stop(phase)).stop).toBe('cancelled');
    }
    expect(run(initialState('full'), stop('critical')).stop).toBe('cancelled');
    expect(kindsOf(run(queued, stop('idle')).effects)).toContain('drop-ticket');
    const told = { kind: 'report', status: 'error', text: 'cancelled: stopped' };
    expect(run(queued, stop('idle')).effects).toContainEqual(told);
  });
});

describe('what is running', () => {
  const stopping = run(at('gates-only', 'check_branch_mergeable'), stop('running'));

  test('is fenced in the same transaction and keeps its lease until it is proven over', () => {
    expect(stopping).toMatchObject({ stop: 'stopping', state: { status: 'stopping', stage: 'deploy-staging' } });
    expect(stopping.effects).toEqual([{ kind: 'cancel-jobs' }]);
    const { state, effects } = run(stopping.state, settled(true));
    expect(state).toMatchObject({ stage: 'cancelled', ended: 'stopped' });
    expect(kindsOf(effects)).toEqual(['release-lease', 'report', 'clean-up']);
  });

  test('is settled with an alert when it could not be proven over', () => {
    const { state, effects } = run(stopping.state, settled(false));
    expect(state.stage).toBe('cancelled');
    expect(kindsOf(effects)).toContain('alert');
  });

  test('hears nothing else while it stops', () => {
    const events: EngineEvent[] = [
      { kind: 'check-answered', check: 'check_branch_mergeable', verdict: pass, atMs: 0 },
      { kind: 'retried', by: 'ada', atMs: 0 },
      { kind: 'head-moved', atMs: 0 },
      { kind: 'branch-gone', atMs: 0 },
      { kind: 'overridden', check: 'check_coverage_gate', by: 'ada', reason: '', atMs: 0 },
    ];
    for (const event of events) expect(run(stopping.state, event).ignored).toBe(true);
    expect(run(stopping.state, stop('running'))).toMatchObject({ stop: 'already', ignored: true });
  });

  test('before the gates is not critical, whatever the event says', () => {
    expect(run(at('full', 'check_review_approved'), stop('critical')).stop).toBe('stopping');
    expect(run(at('gates-only', 'land'), stop('running')).stop).toBe('stopping');
  });
});

describe('inside the critical window', () => {
  const deferred = run(at('full', 'land'), stop('critical'));

  test('a stop disturbs nothing and is kept', () => {
    expect(deferred).toMatchObject({ stop: 'deferred', effects: [], state: { status: 'active', step: 'land' } });
    expect(run(deferred.state, stop('critical')).stop).toBe('already');
  });

  test('landed ends as merged, not deployed, with an alert', () => {
    const { state, effects } = run(deferred.state, landing('landed'));
    expect(state).toMatchObject({ stage: 'cancelled', landed: true, ended: 'merged, not deployed' });
    expect(kindsOf(effects)).toEqual(['release-lease', 'report', 'alert', 'clean-up']);
  });

  test('not landed ends as stopped; a frozen repository is reported', () => {
    expect(run(deferred.state, landing('base-moved')).state).toMatchObject({ landed: false, ended: 'stopped' });
    expect(kindsOf(run(deferred.state, landing('frozen')).effects)).toContain('alert');
  });

  test('a stop overrides that the branch is gone', () => {
    const gone = run(at('full', 'land'), { kind: 'branch-gone', atMs: 0 }, stop('critical'));
    expect(gone.stop).toBe('deferred');
    expect(run(gone.state, landing('landed')).state.ended).toBe('merged, not deployed');
  });

  test('that the branch is gone does not make a stop forgotten', () => {
    const gone = run(deferred.state, { kind: 'branch-gone', atMs: 0 });
    expect(gone.ignored).toBe(true);
    expect(run(gone.state, landing('landed')).state.ended).toBe('merged, not deployed');
  });

  test('a deploy that has run is judged, even when no job is leased just now', () => {
    expect(run(at('full', 'check_deploy_status', true), stop('idle')).stop).toBe('deferred');
  });

  test('a deploy command that runs is let finish: success is done, failure is reported', () => {
    const deploying = run(at('full', 'deployer', true), stop('critical'));
    expect(deploying.stop).toBe('deferred');
    const deployed = run(deploying.state, {
      kind: 'agent-answered',
      step: 'deployer',
      answer: { kind: 'done' },
      atMs: 0,
    }).state;
    const done = run(deployed, { kind: 'check-answered', check: 'check_deploy_status', verdict: pass, atMs: 0 });
    expect(done.state).toMatchObject({ stage: 'done', ended: 'done: the stop came too late' });
    const failed = run(deployed, answered('check_deploy_status', 'fail'));
    expect(failed.state).toMatchObject({ stage: 'cancelled', ended: 'merged, deploy failed: it says fail' });
    expect(kindsOf(failed.effects)).toContain('alert');
  });

  test('a deploy command that never began is not begun', () => {
    expect(run(at('full', 'deployer', true), stop('idle')).state.ended).toBe('merged, not deployed');
  });
});

test('what is over answers too late when done, already when cancelled', () => {
  const done = run(at('gates-only', 'land'), landing('landed')).state;
  expect(run(done, stop('running'))).toMatchObject({ stop: 'too_late', ignored: true });
  const cancelled = run(at('gates-only', 'land'), stop('idle')).state;
  expect(run(cancelled, stop('idle'))).toMatchObject({ stop: 'already', ignored: true });
});
