/** Names of earlier versions, kept for one release. */
export type {
  /** @deprecated Use `GitFailureKind`. */
  GitFailureKind as Trouble,
  /** @deprecated Use `RefusedCall`. */
  RefusedCall as Refused,
} from './outcome.ts';
