/** Names of earlier versions, kept for one release. */
export type {
  /** @deprecated Use `ResumeReason`. */
  ResumeReason as WakeReason,
} from './actions.ts';
