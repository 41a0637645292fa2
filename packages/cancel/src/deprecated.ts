/** Names of earlier versions, kept for one release. */
import type { CancellationState, CancellationStore, KeyRelease, RunsEnded } from './ports.ts';

/** @deprecated Use `CancellationStore`. */
export type StopLedger = CancellationStore;
/** @deprecated Use `CancellationState`. */
export type Standing = CancellationState;
/** @deprecated Use `RunsEnded`. */
export type RunsOver = RunsEnded;
/** @deprecated Use `KeyRelease`. */
export type Burial = KeyRelease;
