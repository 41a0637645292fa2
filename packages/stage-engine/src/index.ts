/**
 * The stage table of Gatehouse and a pure, total reducer over it. Nothing here raises, waits, reads a clock or knows
 * a gate: `decide` turns a task's state and one event into the next state and orders for a store.
 */
export {
  ACTIONS,
  type Action,
  type ActionRow,
  type Outcome,
  type ResumeReason,
  WAITS,
  type WaitCause,
  type WaitRow,
} from './actions.ts';
export { type ArtefactRule, CHECKS, type CheckName, type CheckRow, isCheckName } from './checks.ts';
export { DEFAULT_CONFIG, type EngineConfig } from './config.ts';
export { decide, isTaskState } from './decide.ts';
export type { WakeReason } from './deprecated.ts';
export type { Decision, EngineEffect, StopAnswer } from './effects.ts';
export type { AgentAnswer, CheckAnswer, EngineEvent, EventOf, LandingAnswer, RunPhase } from './events.ts';
export { type JobKind, type StepName, stepsOf } from './position.ts';
export { PROFILES, type Profile, type ProfileRow } from './profiles.ts';
export {
  type AgentRole,
  isTerminal,
  STAGE_TRANSITIONS,
  STAGES,
  type Stage,
  type StageRow,
  SUB_GATES,
} from './stages.ts';
export {
  type Blocked,
  type BlockReason,
  type Clock,
  type Counted,
  initialState,
  type Override,
  type TaskState,
  type TaskStatus,
  timerDueMs,
  type Waiting,
} from './task-state.ts';
