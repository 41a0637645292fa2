/** Names of earlier versions, kept for one release. */
export type {
  /** @deprecated Use `CancellationState`. */
  CancellationState as Standing,
  /** @deprecated Use `CancellationStore`. */
  CancellationStore as StopLedger,
  /** @deprecated Use `KeyRelease`. */
  KeyRelease as Burial,
  /** @deprecated Use `RunsEnded`. */
  RunsEnded as RunsOver,
} from './ports.ts';
export type {
  /** @deprecated Use `RefusedStop`. */
  RefusedStop as Refused,
  /** @deprecated Use `StopStepName`. */
  StopStepName as StepName,
  /** @deprecated Use `StopStepOutcome`. */
  StopStepOutcome as StepOutcome,
} from './verdict.ts';
