/**
 * Events that answer a step: a check's verdict, a person's yes (`approved`), the landing, an agent's end. An answer that is not awaited is ignored.
 */
import type { Outcome } from './actions.ts';
import { CHECKS } from './checks.ts';
import { type Decision, ignored } from './effects.ts';
import type { CheckAnswer, EventOf, LandingAnswer } from './events.ts';
import { frozen } from './frozen.ts';
import { advance, cancel, cancelActiveJob, type Now, overrideOf, releaseLease } from './moves.ts';
import { stillInDoubt } from './on-windows.ts';
import { LAND, type Position, phaseOf, type StepName } from './position.ts';
import { isTerminal } from './stages.ts';
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

/** `merged-outside` is the tested commit in main by another hand: landed all the same, whatever was still to be asked. */
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
  const { answer } = event;
  const outcome = LANDING[answer.kind];
  const reason = answer.kind === 'landed' ? '' : answer.reason;
  if (event.inside === true && outcome !== 'pass') return stillInDoubt(state, reason, now);
  const place = awaited(state, 'land');
  if (place === null) return answer.kind === 'merged-outside' ? landedOnTheWay(state) : ignored(state);
  if (outcome === 'pass') return landed(state, place);
  return applyAction(state, { outcome, place, reason, findings: [] }, now);
}

/** Between the gates and main, at work, waiting or blocked. A stop that was asked for before remains what was asked for. */
function landedOnTheWay(state: TaskState): Decision {
  const { stage, step } = state;
  if (isTerminal(stage) || step === null || state.stop !== null) return ignored(state);
  if (phaseOf({ stage, step }, state.landed) !== 'gated') return ignored(state);
  return advance(cancelActiveJob(releaseLease(onMain(state))), LAND);
}

/** A branch that is gone now is as it should be. */
function landed(state: TaskState, place: Position): Decision {
  if (state.stop?.why === 'stop') return cancel(releaseLease(onMain(state)), 'merged, not deployed', 'alert');
  return advance(releaseLease(onMain({ ...state, stop: null })), place);
}

/** Main has it: nothing before counts any more. */
const onMain = (state: TaskState): TaskState => ({ ...state, landed: true, counts: {}, clocks: {}, brief: null });

/** An agent's word opens nothing but the way to the check of its stage. */
export function agentAnswered(state: TaskState, event: EventOf<'agent-answered'>, now: Now): Decision {
  const place = awaited(state, event.step);
  if (place === null) return ignored(state);
  const { answer } = event;
  if (answer.kind === 'done') return applyAction(state, { outcome: 'pass', place, reason: 'done', findings: [] }, now);
  return applyAction(state, { outcome: answer.kind, place, reason: answer.reason, findings: [] }, now);
}
