/** A place is a stage and the step due on it. Order and continuation are read off the tables, nothing is listed twice. */
import { CHECKS, type CheckName, isCheckName } from './checks.ts';
import { type AgentRole, STAGE_TRANSITIONS, STAGES, type Stage, SUB_GATES } from './stages.ts';

/** What can be due: a check, the landing, or the work of an agent. */
export type StepName = CheckName | 'land' | AgentRole;

export interface Position {
  readonly stage: Stage;
  readonly step: StepName;
}

/** Where a task stands as to the merge: before the sub-gates, between them and main, or past main. */
export type Phase = 'working' | 'gated' | 'landed';

const STEPS: ReadonlyMap<Stage, readonly StepName[]> = new Map(
  STAGES.map((stage) => {
    const { agent, checks } = STAGE_TRANSITIONS[stage];
    const landing: readonly StepName[] = stage === 'deploy' ? ['land'] : [];
    return [stage, [...landing, ...(agent === null ? [] : [agent]), ...checks, ...(SUB_GATES[stage] ?? [])]];
  }),
);

/** The steps of a stage in order. Landing comes before the deployer's work: what is deployed is what main holds. No stage, no steps. */
export const stepsOf = (stage: Stage): readonly StepName[] => STEPS.get(stage) ?? [];

const ORDER: readonly Position[] = STAGES.flatMap((stage) => stepsOf(stage).map((step) => ({ stage, step })));

const indexOf = (place: Position): number =>
  ORDER.findIndex((other) => other.stage === place.stage && other.step === place.step);

/** Null when the stage has no step (`created` and the terminal ones). */
export function firstPosition(stage: Stage): Position | null {
  return ORDER.find((place) => place.stage === stage) ?? null;
}

/** Null after the last step of the last stage: the task is done. */
export function nextPosition(place: Position): Position | null {
  const index = indexOf(place);
  return index < 0 ? null : (ORDER[index + 1] ?? null);
}

export function isAtOrAfter(place: Position, other: Position): boolean {
  return indexOf(place) >= indexOf(other);
}

export function positionOfCheck(check: CheckName): Position {
  return { stage: CHECKS[check].stage, step: check };
}

/**
 * Where the work behind `place` is done again. A check of a report only reads what the agent or command of its stage left: asked
 * once more it reads the same.
 */
export function workBehind(place: Position): Position {
  const { agent, checks } = STAGE_TRANSITIONS[place.stage];
  const readsReport = isCheckName(place.step) && checks.includes(place.step) && CHECKS[place.step].artefact !== null;
  return readsReport && agent !== null ? { stage: place.stage, step: agent } : place;
}

/** Sub-gate 1 of deploy-staging: where everything that lost the lease before landing starts again. */
export const FIRST_SUB_GATE: Position = { stage: 'deploy-staging', step: SUB_GATES['deploy-staging'][0] };

/** Where main is moved to the tested commit, and read. */
export const LAND: Position = { stage: 'deploy', step: 'land' };

export function phaseOf(place: Position, landed: boolean): Phase {
  if (landed) return 'landed';
  return isAtOrAfter(place, FIRST_SUB_GATE) ? 'gated' : 'working';
}

/** What kind of worker does a step. */
export type JobKind = 'gate' | 'landing' | 'agent';

export function jobOf(step: StepName): JobKind {
  if (step === 'land') return 'landing';
  return isCheckName(step) ? 'gate' : 'agent';
}
