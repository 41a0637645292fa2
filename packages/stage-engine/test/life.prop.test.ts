import {
  DEFAULT_CONFIG,
  decide,
  type EngineConfig,
  initialState,
  isTaskState,
  isTerminal,
  type TaskState,
} from '@gatehouse/stage-engine';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { happenings, kindsOf, kindWorld, live, type Moment, profile } from './worlds.ts';

const RUNS = 400;
const everyLife = (law: (moments: readonly Moment[]) => void, numRuns = RUNS): void =>
  fc.assert(
    fc.property(profile, happenings, (kind, world) => law(live(kind, world))),
    { numRuns },
  );

test('lives reach every status, both ends and the other side of main', () => {
  const seen = new Set<string>();
  everyLife((moments) => {
    for (const { decision } of moments) {
      const { stage, status, landed, profile: kind } = decision.state;
      seen.add(`${kind} ${status}`).add(`${kind} ${stage}`);
      if (landed) seen.add(`${kind} landed ${status}`);
      for (const effect of kindsOf(decision.effects)) seen.add(effect);
    }
    // So many that the rarest is met fifteen times: with a few hundred lives one of ten runs of this test missed something.
  }, 5 * RUNS);
  for (const kind of ['full', 'gates-only']) {
    for (const what of ['active', 'waiting', 'blocked', 'stopping', 'done', 'cancelled']) {
      expect(seen).toContain(`${kind} ${what}`);
    }
  }
  expect(seen).toContain('full landed blocked');
  for (const effect of ['take-ticket', 'drop-ticket', 'record-skip', 'alert', 'cancel-jobs', 'clean-up']) {
    expect(seen).toContain(effect);
  }
});

test('a state is plain JSON that decide knows again', () => {
  everyLife((moments) => {
    for (const { decision } of moments) {
      expect(JSON.parse(JSON.stringify(decision))).toEqual(decision);
      expect(isTaskState(decision.state)).toBe(true);
    }
  });
});

test('the list of events, read back from JSON, gives the same state again', () => {
  everyLife((moments) => {
    let state: TaskState | undefined;
    for (const { before, event } of moments) {
      state = decide(
        JSON.parse(JSON.stringify(state ?? before)),
        JSON.parse(JSON.stringify(event)),
        DEFAULT_CONFIG,
      ).state;
    }
    expect(state).toEqual(moments.at(-1)?.decision.state);
  });
});

test('an ignored event is the very same state and no effects', () => {
  everyLife((moments) => {
    for (const { before, decision } of moments) {
      if (decision.ignored !== true) continue;
      expect(decision.state).toBe(before);
      expect(decision.effects).toEqual([]);
    }
  });
});

test('arguments are never written to', () => {
  everyLife((moments) => {
    for (const { before, event } of moments) {
      const [stateBefore, eventBefore] = [JSON.stringify(before), JSON.stringify(event)];
      decide(before, event, DEFAULT_CONFIG);
      expect([JSON.stringify(before), JSON.stringify(event)]).toEqual([stateBefore, eventBefore]);
    }
  });
});

test('a terminal stage is a sink', () => {
  fc.assert(
    fc.property(profile, happenings, happenings, (kind, world, more) => {
      const end = live(kind, world).at(-1)?.decision.state;
      if (end === undefined || !isTerminal(end.stage)) return;
      for (const happening of more) {
        const { state, effects } = decide(end, happening({ ...end, stage: 'created' }), DEFAULT_CONFIG);
        expect(state).toBe(end);
        expect(effects).toEqual([]);
      }
    }),
    { numRuns: RUNS },
  );
});

/** What a store would hold after the effects: at most one job, the lease or not, a ticket or not. */
const world = (): { job: string | null; leaseMayBeHeld: boolean; ticket: boolean } => ({
  job: null,
  leaseMayBeHeld: false,
  ticket: false,
});

const ANSWERS = ['check-answered', 'landing-answered', 'agent-answered'];

test('one job is live while a task is active, none otherwise; no lease at rest; a ticket only for the merge lock', () => {
  everyLife((moments) => {
    const held = world();
    for (const { before, event, decision } of moments) {
      if (decision.ignored === true) continue;
      if (ANSWERS.includes(event.kind) && before.status === 'active') held.job = null;
      for (const effect of decision.effects) {
        if (effect.kind === 'cancel-jobs') held.job = null;
        if (effect.kind === 'start-job') {
          expect(held.job).toBeNull();
          held.job = effect.step;
        }
        if (effect.kind === 'release-lease') held.leaseMayBeHeld = false;
        if (effect.kind === 'take-ticket' || effect.kind === 'drop-ticket') {
          expect(held.ticket).toBe(effect.kind === 'drop-ticket');
          held.ticket = effect.kind === 'take-ticket';
        }
      }
      if (held.job === 'check_branch_mergeable' || held.job === 'land') held.leaseMayBeHeld = true;
      const { state } = decision;
      const live = state.status === 'active' && state.step !== null;
      expect(held.job).toBe(live ? state.step : null);
      expect(held.ticket).toBe(state.ticket);
      if (state.status === 'waiting' || state.status === 'blocked' || isTerminal(state.stage)) {
        expect(held.leaseMayBeHeld).toBe(false);
      }
      if (state.status === 'waiting') expect(state.ticket).toBe(state.waiting?.cause === 'lock-busy');
      if (state.status === 'blocked' || isTerminal(state.stage)) expect(state.ticket).toBe(false);
    }
  });
});

test('an alert key comes once per episode, and only once at all where it is about the task', () => {
  everyLife((moments) => {
    const seen = new Set<string>();
    for (const { before, decision } of moments) {
      for (const effect of decision.effects) {
        if (effect.kind !== 'alert') continue;
        const key = effect.scope === 'task' ? effect.key : `${decision.state.episode} ${effect.key}`;
        expect(seen).not.toContain(key);
        seen.add(key);
      }
      const unannounced = decision.state.status === 'blocked' && before.status !== 'blocked';
      if (unannounced && decision.state.blocked?.reason !== 'removed')
        expect(kindsOf(decision.effects)).toContain('alert');
    }
  });
});

test('main is never unlanded, and done means landed', () => {
  everyLife((moments) => {
    for (const { before, decision } of moments) {
      if (before.landed) expect(decision.state.landed).toBe(true);
      if (decision.state.stage === 'done') expect(decision.state.landed).toBe(true);
    }
  });
});

test('once landed, no developer, no gate and no landing is asked for again', () => {
  everyLife((moments) => {
    for (const { before, decision } of moments) {
      if (!before.landed) continue;
      for (const effect of decision.effects) {
        if (effect.kind === 'start-job') expect(['deployer', 'check_deploy_status']).toContain(effect.step);
      }
    }
  });
});

test('from every state a kind world leads to the end', () => {
  everyLife((moments) => {
    for (const { decision } of moments.slice(-3)) {
      let { state } = decision;
      for (let moves = 0; moves < 40 && !isTerminal(state.stage); moves += 1) {
        state = decide(state, kindWorld(state, 0), DEFAULT_CONFIG).state;
      }
      expect(isTerminal(state.stage)).toBe(true);
    }
  });
});

test('without a person, a new head or a healed main, no world keeps a task busy for ever', () => {
  const hasty: EngineConfig = { ...DEFAULT_CONFIG, mergeDeferMaxMs: 300_000, pollMs: 30_000 };
  fc.assert(
    fc.property(profile, fc.array(anyFault, { minLength: 1, maxLength: 12 }), (kind, script) => {
      let state = initialState(kind);
      let now = 0;
      let moves = 0;
      for (; moves < 4000; moves += 1) {
        if (isTerminal(state.stage) || state.status === 'blocked') break;
        now = Math.max(now + 1000, state.waiting?.untilMs ?? 0);
        state = decide(state, faultyEvent(state, script, { moves, now }), hasty).state;
      }
      expect(isTerminal(state.stage) || state.status === 'blocked').toBe(true);
      expect(moves).toBeLessThan(4000);
    }),
    { numRuns: 300 },
  );
});

const CAPPED = [
  'fail',
  'lock-busy',
  'infra',
  'tool-failed',
  'crashed',
  'base-moved',
  'branch-moved',
  'ci-pending',
  'cannot-land',
  'feed-down',
] as const;
type ScriptedFault = { readonly step: string; readonly says: (typeof CAPPED)[number] };
const anyFault: fc.Arbitrary<ScriptedFault> = fc.record({
  step: fc.constantFrom(
    'check_security_gate',
    'check_branch_mergeable',
    'check_coverage_gate',
    'check_ci_green',
    'land',
  ),
  says: fc.constantFrom(...CAPPED),
});

/** Plays the script over and over: a step says what the script has for it next, and opens when it has nothing. */
function faultyEvent(state: TaskState, script: readonly ScriptedFault[], at: { moves: number; now: number }) {
  const kind = kindWorld(state, at.now);
  const line = script[at.moves % script.length];
  if (line === undefined || line.step !== state.step || state.status !== 'active') return kind;
  const { says } = line;
  if (kind.kind === 'check-answered') {
    const verdict =
      says === 'fail'
        ? ({ status: 'fail', reason: 'red', findings: [] } as const)
        : ({ status: 'defer', cause: says, reason: 'later', findings: [] } as const);
    return { ...kind, verdict };
  }
  if (kind.kind !== 'landing-answered' || says === 'fail' || says === 'tool-failed') return kind;
  if (says === 'crashed' || says === 'feed-down') return kind;
  return { ...kind, answer: { kind: says, reason: 'later' } as const };
}
