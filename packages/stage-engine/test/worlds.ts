/** What the tests of this package drive the engine with: states on the way, and arbitrary worlds. */

import {
  ACTIONS,
  CHECKS,
  type CheckName,
  DEFAULT_CONFIG,
  type Decision,
  decide,
  type EngineEffect,
  type EngineEvent,
  initialState,
  isCheckName,
  type Profile,
  type TaskState,
} from '@gatehouse/stage-engine';
import type { Cause, CheckVerdict, SkipCode } from '@gatehouse/verdict';
import fc from 'fast-check';

export const CHECK_NAMES = Object.keys(CHECKS) as CheckName[];
export const CAUSES = Object.keys(ACTIONS).filter(
  (name): name is Cause =>
    !['pass', 'skip', 'nothing-to-land', 'fail', 'needs-merge', 'frozen', 'budget-spent'].includes(name),
);
export const kindsOf = (effects: readonly EngineEffect[]): string[] => effects.map(({ kind }) => kind);

export const pass: Omit<CheckVerdict & { status: 'pass' }, 'commits'> = {
  status: 'pass',
  reason: 'fine',
  findings: [],
  warnings: [],
};

export const answered = (
  check: CheckName,
  status: 'pass' | 'skip' | 'fail' | SkipCode | Cause,
  atMs = 0,
): EngineEvent => {
  if (status === 'nothing-to-land') {
    const verdict = { status: 'skip' as const, code: status, reason: 'nothing to land: it is all there', findings: [] };
    return { kind: 'check-answered', check, verdict, atMs };
  }
  if (status === 'pass' || status === 'skip' || status === 'fail') {
    const findings =
      status === 'fail' ? [{ rule: 'red-test', message: 'a.test is red', path: 'a.test.ts', line: 7 }] : [];
    return { kind: 'check-answered', check, verdict: { status, reason: `it says ${status}`, findings }, atMs };
  }
  const verdict = {
    status: 'defer' as const,
    cause: status,
    reason: `it says ${status}`,
    findings: [],
    baseTree: 'b1',
  };
  return { kind: 'check-answered', check, verdict, atMs };
};

/** The answer that opens whatever is due: a kind world in which everything works. */
export function kindWorld(state: TaskState, atMs: number): EngineEvent {
  if (state.stage === 'created') return { kind: 'enqueued', atMs };
  if (state.status === 'blocked') return { kind: 'retried', by: 'a person', atMs };
  if (state.status === 'stopping') return { kind: 'stop-settled', verified: true, atMs };
  if (state.waiting?.cause === 'approval') {
    return { kind: 'approved', check: 'check_analysis_approved', by: 'a person', atMs };
  }
  if (state.waiting?.cause === 'main-broken')
    return { kind: 'woken', why: 'main-healed', atMs: state.waiting.untilMs ?? atMs };
  if (state.status === 'waiting') return { kind: 'woken', why: 'timer', atMs: state.waiting?.untilMs ?? atMs };
  const { step } = state;
  if (step === null) throw new Error('nothing is due');
  if (step === 'land') return { kind: 'landing-answered', answer: { kind: 'landed' }, atMs };
  if (isCheckName(step)) return { kind: 'check-answered', check: step, verdict: pass, atMs };
  return { kind: 'agent-answered', step, answer: { kind: 'done' }, atMs };
}

export const run = (state: TaskState, ...events: readonly EngineEvent[]): Decision => {
  let decision: Decision = { state, effects: [] };
  for (const event of events) decision = decide(decision.state, event, DEFAULT_CONFIG);
  return decision;
};

/** The state of a kind world in which `step` is due. */
export function at(profile: Profile, step: string, landed = false): TaskState {
  let state = initialState(profile);
  for (let moves = 0; moves < 50; moves += 1) {
    if (state.step === step && state.landed === landed) return state;
    state = run(state, kindWorld(state, 0)).state;
  }
  throw new Error(`${profile} never comes to ${step}`);
}

const atMs = fc.integer({ min: 0, max: 200_000_000 });
const finding = fc.record({ rule: fc.string(), message: fc.string() });
const verdict = fc.oneof(
  fc.record({
    status: fc.constantFrom('pass' as const, 'skip' as const),
    reason: fc.string(),
    findings: fc.constant([]),
  }),
  fc.record({
    status: fc.constant('skip' as const),
    code: fc.constant('nothing-to-land' as const),
    reason: fc.string(),
    findings: fc.constant([]),
  }),
  fc.record({
    status: fc.constant('fail' as const),
    reason: fc.string(),
    findings: fc.array(finding, { maxLength: 3 }),
  }),
  fc.record({
    status: fc.constantFrom('defer' as const, 'error' as const),
    cause: fc.constantFrom(...CAUSES),
    reason: fc.string(),
    findings: fc.constant([]),
    baseTree: fc.constantFrom('b1', 'b2'),
  }),
);
const landingAnswer = fc.oneof(
  fc.record({ kind: fc.constant('landed' as const) }),
  fc.record({
    kind: fc.constantFrom(
      'base-moved' as const,
      'branch-moved' as const,
      'ci-pending' as const,
      'cannot-land' as const,
      'lock-busy' as const,
      'frozen' as const,
      'merged-outside' as const,
      'needs-merge' as const,
      'infra' as const,
    ),
    reason: fc.string(),
  }),
);
const agentAnswer = fc.oneof(
  fc.record({ kind: fc.constant('done' as const) }),
  fc.record({
    kind: fc.constantFrom('tool-failed' as const, 'infra' as const, 'crashed' as const, 'budget-spent' as const),
    reason: fc.string(),
  }),
);

/** An event about the step that is due, built once the state is known: most random events would not apply. */
export type Happening = (state: TaskState) => EngineEvent;

const answerOfDueStep: fc.Arbitrary<Happening> = fc
  .record({ verdict, landingAnswer, agentAnswer, lateMs: fc.nat(100_000) })
  .map((said) => (state) => {
    const now = Math.max(state.waitingSinceMs ?? 0, state.waiting?.untilMs ?? 0) + said.lateMs;
    const { step } = state;
    if (step === null || state.status !== 'active') return kindWorld(state, now);
    if (step === 'land') return { kind: 'landing-answered', answer: said.landingAnswer, atMs: now };
    if (isCheckName(step)) return { kind: 'check-answered', check: step, verdict: said.verdict, atMs: now };
    return { kind: 'agent-answered', step, answer: said.agentAnswer, atMs: now };
  });

const kindAnswer: fc.Arbitrary<Happening> = atMs.map((time) => (state) => kindWorld(state, time));

const anyEvent: fc.Arbitrary<Happening> = fc
  .oneof(
    fc.record({ kind: fc.constant('enqueued' as const), atMs }),
    fc.record({ kind: fc.constant('check-answered' as const), check: fc.constantFrom(...CHECK_NAMES), verdict, atMs }),
    fc.record({ kind: fc.constant('landing-answered' as const), answer: landingAnswer, atMs }),
    fc.record({
      kind: fc.constant('woken' as const),
      why: fc.constantFrom(
        'lease-free' as const,
        'main-moved' as const,
        'timer' as const,
        'environment-changed' as const,
        'forge-changed' as const,
      ),
      atMs,
    }),
    fc.record({ kind: fc.constantFrom('head-moved' as const, 'branch-gone' as const), atMs }),
    fc.record({ kind: fc.constant('merged-otherwise' as const), reason: fc.string(), atMs }),
    fc.record({ kind: fc.constant('retried' as const), by: fc.string(), atMs }),
    fc.record({
      kind: fc.constant('overridden' as const),
      check: fc.constantFrom(...CHECK_NAMES),
      by: fc.string(),
      reason: fc.string(),
      atMs,
    }),
    fc.record({ kind: fc.constant('stop-settled' as const), verified: fc.boolean(), atMs }),
  )
  .map((event) => () => event);

const stopRequest: fc.Arbitrary<Happening> = fc
  .record({
    kind: fc.constant('stop-requested' as const),
    by: fc.string(),
    phase: fc.constantFrom('idle' as const, 'running' as const, 'critical' as const),
    atMs,
  })
  .map((event) => () => event);

export const profile: fc.Arbitrary<Profile> = fc.constantFrom('full', 'gates-only');

/** In half of all lives a way that nothing disturbs, of any length: so the last rows of the table are met as often as the first. */
const undisturbed = fc.oneof(fc.constant([]), fc.array(kindAnswer, { maxLength: 24, size: 'max' }));

/** Then mostly progress, some faults, some noise. */
const disturbed = fc.array(
  fc.oneof(
    { weight: 10, arbitrary: kindAnswer },
    { weight: 12, arbitrary: answerOfDueStep },
    { weight: 1, arbitrary: anyEvent },
    { weight: 1, arbitrary: stopRequest },
  ),
  { maxLength: 60, size: 'max' },
);

export const happenings: fc.Arbitrary<Happening[]> = fc
  .tuple(undisturbed, disturbed)
  .map(([first, then]) => [...first, ...then]);

export interface Moment {
  readonly before: TaskState;
  readonly event: EngineEvent;
  readonly decision: Decision;
}

/** Lives a task through and shows every moment of it. */
export function live(profile: Profile, world: readonly Happening[]): readonly Moment[] {
  let before = initialState(profile);
  return world.flatMap((happening) => {
    if (before.stage === 'done' || before.stage === 'cancelled') return [];
    const event = happening(before);
    const decision = decide(before, event, DEFAULT_CONFIG);
    const moment = { before, event, decision };
    before = decision.state;
    return [moment];
  });
}
