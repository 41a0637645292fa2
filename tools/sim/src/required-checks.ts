/**
 * The forge's own checks. It begins them when it is asked for them; after a landing it may queue them again, and again, at the
 * very commit that was green. It lands all the same, as a forge does whose token passes its protection.
 */
import type { Forge } from '@gatehouse/orchestrator/testing';
import { count } from './coverage-counters.ts';
import type { WorldState } from './world-state.ts';

type Answer = Awaited<ReturnType<Forge['requiredChecks']>>;

const [CHECKS_MS, LONG_CHECKS_MS] = [600_000, 7_200_000];
/** So long after a landing checks may be queued again, and each so often. */
const [STIRRED_MS, TIMES] = [1_800_000, 3];
const LOOKS_MS = 120_000;
const NOT_HERE = { kind: 'unsupported', reason: 'nothing is required here' } as const;

/** A landing has moved main: green checks may be queued again, and the forge may look anew at whatever could be merged. */
export function stirChecks(state: WorldState): void {
  const { clock, around, faults } = state;
  state.landedAtMs = clock.nowMs;
  if (around.hits(faults.looksAgainPpm)) state.looksAgainUntilMs = clock.nowMs + around.between(1_000, LOOKS_MS);
}

/** Until it has, a forge lands nothing. */
export function isLookingAgain({ clock, counters, looksAgainUntilMs }: WorldState): boolean {
  if (clock.nowMs >= looksAgainUntilMs) return false;
  count(counters, 'forge: looks again after a landing');
  return true;
}

/** Most are over soon, some outlast every patience. What was answered is kept for the invariants. */
export function requiredChecksOf(state: WorldState, by: string, commit: string): Answer {
  const answer = ask(state, commit);
  state.onChecks(by, commit, answer.kind);
  return answer;
}

function ask(state: WorldState, commit: string): Answer {
  const { clock, checks, counters, greenAtMs, faults } = state;
  const known = greenAtMs.get(commit);
  if (known === undefined && !checks.hits(faults.checksRunPpm)) return NOT_HERE;
  if (known === undefined) count(counters, 'forge: checks run for a while');
  const greenAt = known ?? clock.nowMs + checks.between(1, checks.below(8) === 0 ? LONG_CHECKS_MS : CHECKS_MS);
  greenAtMs.set(commit, greenAt);
  if (clock.nowMs < greenAt) return { kind: 'pending', reason: 'the checks of the forge run' };
  return queuedAgain(state, commit) ?? { kind: 'green' };
}

/** Null: the check stays as it is. */
function queuedAgain(state: WorldState, commit: string): Answer | null {
  const { clock, around, counters, faults, greenAtMs, queuedAgainTimes } = state;
  const times = queuedAgainTimes.get(commit) ?? 0;
  if (clock.nowMs - state.landedAtMs > STIRRED_MS || times >= TIMES || !around.hits(faults.recheckPpm)) return null;
  queuedAgainTimes.set(commit, times + 1);
  count(counters, times === 0 ? 'forge: a green check is queued again' : 'forge: a check is queued again and again');
  if (around.below(6) === 0) {
    count(counters, 'forge: a green check turns red');
    return { kind: 'red', reason: 'a check of the forge failed' };
  }
  greenAtMs.set(commit, clock.nowMs + around.between(1, CHECKS_MS));
  return { kind: 'pending', reason: 'a check was queued again' };
}
