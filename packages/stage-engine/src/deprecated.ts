/** Names of earlier versions, kept for one release. */
import type { ResumeReason } from './actions.ts';

/** @deprecated Use `ResumeReason`. */
export type WakeReason = ResumeReason;
