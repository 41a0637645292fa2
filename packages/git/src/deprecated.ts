/** Names of earlier versions, kept for one release. */
import type { GitFailureKind } from './outcome.ts';

/** @deprecated Use `GitFailureKind`. */
export type Trouble = GitFailureKind;
