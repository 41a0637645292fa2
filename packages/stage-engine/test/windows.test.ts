/** A critical window that is open: the task belongs to its landing until main was read. */
import type { EngineEvent, TaskState } from '@gatehouse/stage-engine';
import { describe, expect, test } from '@jest/globals';
import { answered, at, kindsOf, run } from './worlds.ts';

const by = { by: 'ada', atMs: 0 } as const;
const gaveUp = (kind: 'infra' | 'lock-busy' | 'base-moved'): EngineEvent => ({
  kind: 'landing-answered',
  answer: { kind, reason: 'the job never finished' },
  inside: true,
  atMs: 0,
});
const retried: EngineEvent = { kind: 'retried', inside: true, ...by };
const stop: EngineEvent = { kind: 'stop-requested', phase: 'critical', ...by };
const AT_LANDING = { stage: 'deploy', step: 'land', status: 'active', blocked: null } as const;
const readsMain = (delayMs = 0) => ({ kind: 'start-job', job: 'landing', step: 'land', delayMs });

/** As an earlier version left it: blocked, or back at its gates. */
const blocked = (): TaskState => {
  const spent = Array.from({ length: 4 }, () => answered('check_security_gate', 'infra'));
  return run(at('gates-only', 'check_security_gate'), ...spent).state;
};

describe('a landing that gave up inside', () => {
  test.each(['infra', 'lock-busy', 'base-moved'] as const)('stays at the landing after %s, with its lease', (kind) => {
    const { state, effects } = run(at('gates-only', 'land'), gaveUp(kind));
    expect(state).toMatchObject(AT_LANDING);
    expect(effects).toEqual([
      { kind: 'cancel-jobs' },
      {
        kind: 'alert',
        scope: 'task',
        key: 'landing-unproven/given-up#1',
        text: expect.stringContaining('main is asked again'),
      },
      readsMain(30_000),
    ]);
  });

  test('never spends its attempts, and a stop that was put off stays so', () => {
    const tries = Array.from({ length: 9 }, () => gaveUp('infra'));
    const { state } = run(at('gates-only', 'land'), stop, ...tries);
    expect(state).toMatchObject({ ...AT_LANDING, counts: {}, stop: { why: 'stop' } });
    const landed: EngineEvent = { kind: 'landing-answered', answer: { kind: 'landed' }, atMs: 0 };
    expect(run(state, landed).state.ended).toBe('merged, not deployed');
  });

  test('is over where main has answered, whatever the store saw', () => {
    const outside = { kind: 'merged-outside', reason: 'by hand' } as const;
    const event: EngineEvent = { kind: 'landing-answered', answer: outside, inside: true, atMs: 0 };
    expect(run(at('gates-only', 'land'), event).state).toMatchObject({ landed: true, stage: 'done' });
  });
});

describe('a task that left its landing with the window open', () => {
  test('reads main before anything is tested: a person retries or overrides, or a gate comes upon it', () => {
    const override: EngineEvent = {
      kind: 'overridden',
      check: 'check_coverage_gate',
      reason: 'known',
      inside: true,
      ...by,
    };
    expect(blocked()).toMatchObject({ status: 'blocked', blocked: { reason: 'attempts spent' } });
    for (const event of [retried, override]) {
      const { state, effects } = run(blocked(), event);
      expect(state).toMatchObject({ ...AT_LANDING, episode: 2 });
      expect(effects).toContainEqual(expect.objectContaining({ kind: 'start-job', job: 'landing' }));
      expect(kindsOf(effects)).not.toContain('release-lease');
    }
    expect(run(at('gates-only', 'check_coverage_gate'), gaveUp('infra')).state).toMatchObject(AT_LANDING);
  });

  test('is not stopped before main was read, at rest as at its gates', () => {
    const gate = at('gates-only', 'check_coverage_gate');
    const waits = run(at('gates-only', 'check_branch_mergeable'), answered('check_branch_mergeable', 'lock-busy'));
    for (const state of [blocked(), gate, waits.state]) {
      const asked = run(state, stop);
      expect(asked).toMatchObject({ stop: 'deferred', state: { ...AT_LANDING, stop: { why: 'stop' } } });
      expect(asked.effects.at(-1)).toEqual(readsMain());
      const notThere: EngineEvent = { kind: 'landing-answered', answer: { kind: 'base-moved', reason: '' }, atMs: 0 };
      expect(run(asked.state, notThere).state.ended).toBe('stopped');
    }
    expect(kindsOf(run(gate, stop).effects)).toEqual(['cancel-jobs', 'start-job']);
  });

  test('is nothing for who is blocked without a person, is over, or is not at its gates yet', () => {
    expect(run(blocked(), gaveUp('infra')).ignored).toBe(true);
    expect(run(at('full', 'developer'), gaveUp('infra')).ignored).toBe(true);
    expect(run(at('full', 'deployer', true), gaveUp('infra')).ignored).toBe(true);
    expect(
      run(run(at('gates-only', 'land'), { ...stop, phase: 'idle' } as EngineEvent).state, gaveUp('infra')).ignored,
    ).toBe(true);
  });
});
