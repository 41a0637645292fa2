import { DEFAULT_CONFIG, decide, type EngineEvent, type TaskState, timerDueMs } from '@gatehouse/stage-engine';
import { describe, expect, test } from '@jest/globals';
import { answered, at, kindsOf, pass, run } from './worlds.ts';

const RARE_MS = 900_000;
const DAY_MS = 86_400_000;
const woken = (why: Extract<EngineEvent, { kind: 'woken' }>['why'], atMs: number): EngineEvent => ({
  kind: 'woken',
  why,
  atMs,
});
const secure: EngineEvent = { kind: 'check-answered', check: 'check_security_gate', verdict: pass, atMs: 0 };
const merged: EngineEvent = { kind: 'check-answered', check: 'check_branch_mergeable', verdict: pass, atMs: 0 };
const merging = (): TaskState => at('gates-only', 'check_branch_mergeable');
const says = (cause: 'lock-busy' | 'main-broken' | 'ci-pending' | 'infra', atMs: number): EngineEvent =>
  answered('check_branch_mergeable', cause, atMs);

describe('waiting for the merge lock', () => {
  const queued = run(merging(), says('lock-busy', 1000)).state;

  test('a free lease wakes it at sub-gate 1, with its ticket kept: only the head of the queue may acquire', () => {
    const { state, effects } = run(queued, woken('lease-free', 5000));
    expect(state).toMatchObject({ status: 'active', step: 'check_security_gate', ticket: true });
    expect(kindsOf(effects)).toEqual(['start-job']);
  });

  test('a task woken in vain keeps its place in the queue, and reports nothing twice', () => {
    const { state, effects } = run(queued, woken('lease-free', 5000), secure, says('lock-busy', 6000));
    expect(state).toMatchObject({ status: 'waiting', ticket: true, waitingSinceMs: 1000 });
    expect(kindsOf(effects)).toEqual(['release-lease']);
  });

  test('getting the lock gives the ticket up', () => {
    const { state, effects } = run(queued, woken('lease-free', 5000), secure, merged);
    expect(state).toMatchObject({ step: 'check_coverage_gate', ticket: false });
    expect(state.clocks).toEqual({});
    expect(kindsOf(effects)).toEqual(['drop-ticket', 'start-job']);
  });

  test('so does any other answer on the way', () => {
    const { state, effects } = run(queued, woken('lease-free', 5000), answered('check_security_gate', 'infra', 6000));
    expect(state.ticket).toBe(false);
    expect(kindsOf(effects)).toEqual(['release-lease', 'drop-ticket', 'start-job']);
  });

  test('the cap is wall time since the first refusal, whatever was asked in between', () => {
    const later = run(queued, woken('lease-free', 5000), secure, says('lock-busy', 1000 + DAY_MS - 1)).state;
    expect(later.status).toBe('waiting');
    expect(timerDueMs(later)).toBe(1000 + DAY_MS);
    const { state } = run(later, woken('timer', 1000 + DAY_MS));
    expect(state).toMatchObject({ status: 'blocked', blocked: { reason: 'waited too long', cause: 'lock-busy' } });
  });

  test('a task that learns that the lease is free may try, however late', () => {
    const { state } = run(queued, woken('lease-free', 1000 + 2 * DAY_MS));
    expect(state).toMatchObject({ status: 'active', step: 'check_security_gate' });
  });

  test('whoever tries that late and meets the lock again has waited too long', () => {
    const late = run(queued, woken('lease-free', 1000 + 2 * DAY_MS), secure).state;
    const { state } = run(late, says('lock-busy', 1000 + 2 * DAY_MS));
    expect(state).toMatchObject({ status: 'blocked', blocked: { reason: 'waited too long', cause: 'lock-busy' } });
  });

  test('a timer before its time changes nothing', () => {
    expect(run(queued, woken('timer', 1000 + RARE_MS - 1)).ignored).toBe(true);
    expect(run(queued, woken('timer', 1000 + RARE_MS)).state.status).toBe('active');
  });

  test('the queue wakes it, so the timer is only a fallback', () => {
    const dueMs = timerDueMs(run(queued, woken('lease-free', 5000), secure, says('lock-busy', 6000)).state);
    expect(dueMs).toBe(6000 + RARE_MS);
    expect(RARE_MS).toBeGreaterThan(10 * DEFAULT_CONFIG.pollMs);
  });

  test('what it does not wait for does not wake it', () => {
    expect(run(queued, woken('environment-changed', 5000)).ignored).toBe(true);
    expect(run(queued, woken('forge-changed', 5000)).ignored).toBe(true);
  });
});

describe('waiting for a broken main', () => {
  const stuck = run(merging(), says('main-broken', 0)).state;

  test('one alert per broken tree, for the whole repository', () => {
    const first = run(merging(), says('main-broken', 0)).effects.find(({ kind }) => kind === 'alert');
    expect(first).toMatchObject({ key: 'main-broken/b1', scope: 'repository' });
    const verdict = { status: 'defer' as const, cause: 'main-broken' as const, reason: 'red', findings: [] };
    const nameless: EngineEvent = { kind: 'check-answered', check: 'check_branch_mergeable', verdict, atMs: 0 };
    expect(run(merging(), nameless).state.alerted).toEqual(['main-broken/unknown-tree']);
    const again = run(stuck, woken('main-moved', 1), secure, says('main-broken', 2));
    expect(kindsOf(again.effects)).toEqual(['release-lease']);
  });

  test('a main that is broken in turns is reported once per tree', () => {
    const broken = (baseTree: string): EngineEvent => ({
      kind: 'check-answered',
      check: 'check_branch_mergeable',
      verdict: { status: 'defer', cause: 'main-broken', reason: 'red', findings: [], baseTree },
      atMs: 0,
    });
    const other = run(stuck, woken('main-moved', 1), secure, broken('b2'));
    expect(other.effects).toContainEqual(expect.objectContaining({ kind: 'alert', key: 'main-broken/b2' }));
    const back = run(other.state, woken('main-moved', 2), secure, broken('b1'));
    expect(kindsOf(back.effects)).not.toContain('alert');
  });

  test('main, the machine or a probe that found main well wakes it', () => {
    for (const why of ['main-moved', 'environment-changed', 'main-healed'] as const) {
      expect(run(stuck, woken(why, 1)).state).toMatchObject({ status: 'active', step: 'check_security_gate' });
    }
  });

  test('its timer orders a probe of main every 15 minutes and leaves it where it is', () => {
    expect(timerDueMs(stuck)).toBe(900_000);
    expect(run(stuck, woken('timer', 899_999)).ignored).toBe(true);
    const { state, effects } = run(stuck, woken('timer', 900_000));
    expect(effects).toEqual([{ kind: 'probe-main' }]);
    expect(state).toEqual({ ...stuck, waiting: { ...stuck.waiting, untilMs: 1_800_000 } });
    expect(run(state, woken('timer', 1_800_000)).effects).toEqual([{ kind: 'probe-main' }]);
  });

  test('a probe that found main well wakes no task that waits for something else', () => {
    const queued = run(merging(), says('lock-busy', 0)).state;
    expect(run(queued, woken('main-healed', 1)).ignored).toBe(true);
  });

  test('the base commit names the tree when the check does not', () => {
    const verdict = {
      status: 'defer',
      cause: 'main-broken',
      reason: 'red',
      findings: [],
      commits: { base: 'c0ffee' },
    } as const;
    const { effects } = run(merging(), { kind: 'check-answered', check: 'check_branch_mergeable', verdict, atMs: 0 });
    expect(effects).toContainEqual(expect.objectContaining({ key: 'main-broken/c0ffee' }));
  });

  test('days of a broken main use up no other wait', () => {
    const queued = run(merging(), says('lock-busy', 0), woken('lease-free', 1), secure).state;
    const { state } = run(queued, says('main-broken', 2), woken('main-moved', 5 * DAY_MS), secure);
    expect(run(state, says('lock-busy', 5 * DAY_MS)).state.status).toBe('waiting');
  });
});

describe('a fault of the machine', () => {
  test('waits longer each time, at most an hour, and counts per cause', () => {
    const delays = [1, 2, 3].map((times) => {
      let { state, effects } = run(merging(), says('infra', 0));
      for (let more = 1; more < times; more += 1) ({ state, effects } = run(state, secure, says('infra', 0)));
      return effects.flatMap((effect) => (effect.kind === 'start-job' ? [effect.delayMs] : []))[0];
    });
    expect(delays).toEqual([30_000, 60_000, 120_000]);
    const mixed = run(merging(), says('infra', 0), secure, answered('check_branch_mergeable', 'crashed')).state;
    expect(mixed.counts).toEqual({ infra: 1, crashed: 1 });
  });
});

describe('the numbers of the settings', () => {
  const config = { ...DEFAULT_CONFIG, infraRetryMax: 20, pollMs: 0 };

  test('a delay grows to an hour and no further', () => {
    let state = at('gates-only', 'check_security_gate');
    let delayMs = 0;
    for (let times = 0; times < 20; times += 1) {
      const decision = decide(state, answered('check_security_gate', 'infra'), config);
      for (const effect of decision.effects) if (effect.kind === 'start-job') delayMs = effect.delayMs;
      state = decision.state;
    }
    expect([state.status, delayMs]).toEqual(['active', 3_600_000]);
  });

  test('the next attempt always lies ahead, even with a poll of nothing', () => {
    expect(timerDueMs(decide(merging(), says('ci-pending', 1000), config).state)).toBe(1001);
  });
});

describe('a blocked task', () => {
  const stuck = run(merging(), ...[0, 1, 2, 3].flatMap((atMs) => [secure, says('infra', atMs)])).state;

  test('is brought up again every day, each time under a new key', () => {
    expect(stuck.blocked).toMatchObject({ reason: 'attempts spent', cause: 'infra', remindAtMs: DAY_MS + 3 });
    const [first, second] = [run(stuck, woken('timer', DAY_MS + 3)), run(stuck, woken('timer', DAY_MS + 2))];
    expect(first.effects).toMatchObject([{ kind: 'alert', key: 'attempts-spent/infra#1/reminder-1' }]);
    expect(first.state.blocked).toMatchObject({ reminders: 1, remindAtMs: 2 * DAY_MS + 3 });
    expect(second.ignored).toBe(true);
    expect(run(first.state, woken('timer', 3 * DAY_MS)).effects).toMatchObject([
      { key: 'attempts-spent/infra#1/reminder-2' },
    ]);
  });

  test('is left alone when it was removed: its author knows', () => {
    const removed = run(merging(), answered('check_branch_mergeable', 'fail')).state;
    expect(timerDueMs(removed)).toBeNull();
    expect(run(removed, woken('timer', 9 * DAY_MS)).ignored).toBe(true);
  });

  test('is not woken by the world', () => {
    for (const why of ['lease-free', 'main-moved', 'environment-changed', 'forge-changed'] as const) {
      expect(run(stuck, woken(why, DAY_MS * 2)).ignored).toBe(true);
    }
  });

  test('starts afresh when a person retries it, at sub-gate 1 and with a new alert to give', () => {
    const { state } = run(stuck, { kind: 'retried', by: 'ada', atMs: 0 });
    expect(state).toMatchObject({
      status: 'active',
      step: 'check_security_gate',
      counts: {},
      episode: 2,
      blocked: null,
    });
    const again = run(state, ...[0, 1, 2, 3].flatMap((atMs) => [secure, says('infra', atMs)]));
    expect(again.effects).toContainEqual(expect.objectContaining({ kind: 'alert', key: 'attempts-spent/infra#2' }));
  });
});
