import * as engine from '@gatehouse/stage-engine';
import {
  DEFAULT_CONFIG,
  decide,
  type EngineConfig,
  type EngineEvent,
  initialState,
  isCheckName,
  isTaskState,
  isTerminal,
  type Profile,
  type Stage,
  stepsOf,
  type TaskState,
  timerDueMs,
} from '@gatehouse/stage-engine';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { at, happenings, live, profile, run } from './worlds.ts';

const refuse = (): never => {
  throw new Error('no read allowed');
};
const hostile: unknown = new Proxy(() => {}, {
  apply: refuse,
  get: refuse,
  getOwnPropertyDescriptor: refuse,
  getPrototypeOf: refuse,
  has: refuse,
  ownKeys: refuse,
});
const hostileRecord: unknown = new Proxy({}, { get: refuse, has: refuse, ownKeys: refuse, getPrototypeOf: refuse });
const cyclic: Record<string, unknown> = {};
cyclic['self'] = cyclic;
const nasty: readonly unknown[] = [
  hostile,
  hostileRecord,
  cyclic,
  undefined,
  null,
  Number.NaN,
  -1,
  'x'.repeat(1_000_000),
  Symbol('s'),
  10n,
  [],
  {},
  () => refuse(),
  Object.create(null),
];

test('every function this package exports is tried here', () => {
  const functions = Object.entries(engine).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []));
  expect(functions.sort()).toEqual([
    'decide',
    'initialState',
    'isCheckName',
    'isTaskState',
    'isTerminal',
    'stepsOf',
    'timerDueMs',
  ]);
});

test('decide answers whatever it is given, and changes nothing it cannot read', () => {
  const state = at('gates-only', 'check_security_gate');
  const event: EngineEvent = { kind: 'head-moved', atMs: 1 };
  for (const value of nasty) {
    const unknown = decide(value as TaskState, event, DEFAULT_CONFIG);
    expect(Object.is(unknown.state, value)).toBe(true);
    expect([unknown.effects, unknown.ignored]).toEqual([[], true]);
    expect(decide(state, value as EngineEvent, DEFAULT_CONFIG)).toEqual({ state, effects: [], ignored: true });
    expect(decide(state, event, value as EngineConfig)).toEqual(decide(state, event, DEFAULT_CONFIG));
  }
});

test('the small questions are total', () => {
  for (const value of nasty) {
    expect(isTerminal(value as Stage)).toBe(false);
    expect(isCheckName(value)).toBe(false);
    expect(isTaskState(value)).toBe(false);
    expect(stepsOf(value as Stage)).toEqual([]);
    expect(timerDueMs(value as TaskState)).toBeNull();
    expect(initialState(value as Profile)).toEqual(initialState('full'));
  }
  expect(isCheckName('toString')).toBe(false);
});

test('an arbitrary event is answered with a state that decide knows again', () => {
  const kinds = fc.constantFrom(
    'check-answered',
    'landing-answered',
    'agent-answered',
    'woken',
    'overridden',
    'stop-requested',
  );
  const anything = fc.record(
    {
      kind: fc.oneof(kinds, fc.anything()),
      check: fc.constantFrom('check_security_gate', 'check_review_approved', 7),
      step: fc.anything(),
      verdict: fc.oneof(
        fc.anything(),
        fc.record({
          status: fc.constantFrom('pass', 'fail', 'defer', 'x'),
          cause: fc.anything(),
          findings: fc.anything(),
        }),
      ),
      answer: fc.oneof(fc.anything(), fc.record({ kind: fc.anything(), reason: fc.anything() })),
      why: fc.anything(),
      by: fc.anything(),
      reason: fc.anything(),
      phase: fc.anything(),
      atMs: fc.oneof(fc.nat(), fc.anything()),
    },
    { requiredKeys: ['kind', 'atMs'] },
  );
  const stopped = decide(
    initialState('full'),
    { kind: 'stop-requested', by: '', phase: 'idle', atMs: -0 },
    DEFAULT_CONFIG,
  );
  expect(stopped.state.stop?.atMs).toBe(0);
  fc.assert(
    fc.property(profile, happenings, anything, (kind, world, event) => {
      const before = live(kind, world).at(-1)?.decision.state ?? initialState(kind);
      const { state } = decide(before, event as EngineEvent, DEFAULT_CONFIG);
      expect(isTaskState(state)).toBe(true);
      expect(JSON.parse(JSON.stringify(state))).toEqual(state);
    }),
    { numRuns: 500 },
  );
});

describe('an answer that cannot be read', () => {
  const broken = (verdict: unknown): EngineEvent =>
    ({ kind: 'check-answered', check: 'check_security_gate', verdict, atMs: 0 }) as EngineEvent;

  test('never opens a check: it is a crash, asked again', () => {
    const unreadable = [
      null,
      {},
      { status: 'PASS' },
      { status: 'green' },
      { status: 'error' },
      { status: 'defer', cause: 'pass' },
    ];
    for (const verdict of unreadable) {
      const { state } = run(at('gates-only', 'check_security_gate'), broken(verdict));
      expect(state).toMatchObject({ step: 'check_security_gate', counts: { crashed: 1 } });
    }
  });

  test('of an agent is a crash of ours, not work that is done', () => {
    for (const answer of [null, {}, { kind: 'DONE' }]) {
      const event = { kind: 'agent-answered', step: 'developer', answer, atMs: 0 } as unknown as EngineEvent;
      expect(run(at('full', 'developer'), event).state).toMatchObject({ step: 'developer', counts: { crashed: 1 } });
    }
  });

  test('of a landing is not a landing', () => {
    const unreadable = [null, {}, { kind: 'LANDED' }, { kind: true }];
    for (const answer of unreadable) {
      const { state } = run(at('gates-only', 'land'), { kind: 'landing-answered', answer, atMs: 0 } as EngineEvent);
      expect(state).toMatchObject({ landed: false, step: 'check_security_gate', counts: { infra: 1 } });
    }
  });

  test('keeps the findings that are findings, bounded', () => {
    const findings = [7, null, { rule: 'r' }, { rule: 'r', message: 'm'.repeat(100_000), line: -1, path: 3 }];
    const { state } = run(
      at('gates-only', 'check_security_gate'),
      broken({ status: 'fail', reason: 'x'.repeat(1e6), findings }),
    );
    expect(state.blocked?.detail.length).toBeLessThan(20_000);
    expect(state.blocked?.detail.split('\n').map((line) => line.slice(-40))).toEqual([
      'x'.repeat(40),
      '(… 991872 characters more)',
      'm'.repeat(40),
      '(… 91872 characters more)',
    ]);
  });

  test('says how much of a text and how many findings it leaves out, and cuts between lines and characters', () => {
    const lines = `${'a line\n'.repeat(2_000)}`;
    const wide = `${'x'.repeat(8_127)}😀${'y'.repeat(100)}`;
    const many = Array.from({ length: 1_003 }, (_, at) => ({ rule: `r${at}`, message: '' }));
    const detailOf = (findings: unknown[]) =>
      run(at('gates-only', 'check_security_gate'), broken({ status: 'fail', reason: 'r', findings })).state.blocked
        ?.detail ?? '';
    expect(detailOf([{ rule: 'r', message: lines }])).toMatch(/a line\n\(… \d+ characters more\)$/);
    expect(detailOf([{ rule: 'r', message: wide }])).toMatch(/x\n\(… 102 characters more\)$/);
    expect(detailOf(many)).toMatch(/- cut: 3 more findings are not listed; see the report$/);
  });
});

test('a setting that cannot be read takes its default: no broken number lifts a cap', () => {
  const state = at('gates-only', 'check_security_gate');
  const event = {
    kind: 'check-answered',
    check: 'check_security_gate',
    verdict: { status: 'error', cause: 'infra' },
    atMs: 0,
  };
  for (const broken of [Number.NaN, Number.POSITIVE_INFINITY, -1, 1.5, '3', null]) {
    const config = { ...DEFAULT_CONFIG, infraRetryMax: broken, infraBackoffMs: broken } as EngineConfig;
    expect(decide(state, event as EngineEvent, config)).toEqual(decide(state, event as EngineEvent, DEFAULT_CONFIG));
  }
});

test('a row that decide never wrote is refused, field by field', () => {
  const whole = at('full', 'check_branch_mergeable');
  expect(isTaskState(whole)).toBe(true);
  for (const field of Object.keys(whole)) {
    const without: Record<string, unknown> = { ...whole };
    delete without[field];
    expect(isTaskState(without)).toBe(false);
  }
  const impossible: Partial<Record<keyof TaskState, unknown>>[] = [
    { stage: 'done' },
    { status: 'blocked' },
    { status: 'waiting' },
    { status: 'stopping' },
    { step: 'check_review_approved' },
    { step: null },
    { counts: { infra: -1 } },
    { counts: { patience: 1 } },
    { clocks: { 'lock-busy': { by: 'no-step', sinceMs: 0 } } },
    { overrides: [{ check: 'check_me', by: 'a', reason: 'b' }] },
    { ended: 'done' },
  ];
  for (const change of impossible) expect(isTaskState({ ...whole, ...change })).toBe(false);
});
