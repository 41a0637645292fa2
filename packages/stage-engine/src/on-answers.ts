/**
 * Events that answer a job: a check's verdict, the landing, an agent's end. An answer that is not awaited is ignored.
 */
import type { Outcome } from './actions.ts';
import { CHECKS } from './checks.ts';
import { type Decision, ignored } from './effects.ts';
import type { CheckAnswer, EventOf, LandingAnswer } from './events.ts';
import { frozen } from './frozen.ts';
import { advance, cancel, draft, type Now, overrideOf, releaseLease } from './moves.ts';
import type { Position, StepName } from './position.ts';
import type { TaskState } from './task-state.ts';
import { applyAction } from './verdicts.ts';

/** Where the task stands, if it is waiting for the answer of exactly this step. */
function awaited(state: TaskState, step: StepName): Position | null {
  const asked = state.status === 'active' || state.waiting?.cause === 'approval';
  return asked && state.step === step ? { stage: state.stage, step } : null;
}

export function checkAnswered(state: TaskState, event: EventOf<'check-answered'>, now: Now): Decision {
  const place = awaited(state, event.check);
  if (place === null) return ignored(state);
  const { reason, findings, baseTree = event.verdict.commits?.base } = event.verdict;
  const outcome = outcomeOf(state, event, now);
  return applyAction(state, { outcome, place, reason, findings, ...(baseTree === undefined ? {} : { baseTree }) }, now);
}

function outcomeOf(state: TaskState, { check, verdict }: EventOf<'check-answered'>, now: Now): Outcome {
  const outcome = plainOutcome(verdict);
  if (outcome === 'pass' || outcome === 'nothing-to-land') return outcome;
  if (overrideOf(state, check) !== undefined && CHECKS[check].override === 'skips') return 'skip';
  const blamed = outcome === 'infra' && check === 'check_branch_mergeable' && !now.config.infraRetryEnabled;
  return blamed ? 'fail' : outcome;
}

function plainOutcome(verdict: CheckAnswer): Outcome {
  switch (verdict.status) {
    case 'pass':
    case 'fail':
      return verdict.status;
    case 'skip':
      return verdict.code ?? 'skip';
    case 'defer':
    case 'error':
      return verdict.cause ?? 'crashed';
  }
}

/** A person's yes opens the one check that asks a person. */
export function approved(state: TaskState, event: EventOf<'approved'>, now: Now): Decision {
  const place = awaited(state, event.check);
  if (place === null || CHECKS[event.check].askedOf !== 'person') return ignored(state);
  return applyAction(state, { outcome: 'pass', place, reason: `approved by ${event.by}`, findings: [] }, now);
}

/** `merged-outside` is the tested commit in main by another hand: landed all the same. */
const LANDING: { readonly [Kind in LandingAnswer['kind']]: Outcome } = frozen({
  landed: 'pass',
  'merged-outside': 'pass',
  'base-moved': 'base-moved',
  'branch-moved': 'branch-moved',
  'ci-pending': 'ci-pending',
  'cannot-land': 'cannot-land',
  'lock-busy': 'lock-busy',
  frozen: 'frozen',
  'needs-merge': 'needs-merge',
  infra: 'infra',
});

export function landingAnswered(state: TaskState, event: EventOf<'landing-answered'>, now: Now): Decision {
  const place = awaited(state, 'land');
  if (place === null) return ignored(state);
  const { answer } = event;
  const outcome = LANDING[answer.kind];
  if (outcome === 'pass') return landed(state, place);
  const reason = answer.kind === 'landed' ? '' : answer.reason;
  return applyAction(state, { outcome, place, reason, findings: [] }, now);
}

/** Main has it: nothing before counts any more. A branch that is gone now is as it should be. */
function landed(state: TaskState, place: Position): Decision {
  const onMain = { ...state, landed: true, counts: {}, clocks: {}, brief: null };
  if (state.stop?.why === 'stop') return cancel(releaseLease(onMain), 'merged, not deployed', 'alert');
  const { state: free, effects } = releaseLease({ ...onMain, stop: null });
  return advance(draft(free, ...effects), place);
}

/** An agent's word opens nothing but the way to the check of its stage. */
export function agentAnswered(state: TaskState, event: EventOf<'agent-answered'>, now: Now): Decision {
  const place = awaited(state, event.step);
  if (place === null) return ignored(state);
  const { answer } = event;
  if (answer.kind === 'done') return applyAction(state, { outcome: 'pass', place, reason: 'done', findings: [] }, now);
  return applyAction(state, { outcome: answer.kind, place, reason: answer.reason, findings: [] }, now);
}
