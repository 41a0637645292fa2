/** Names of earlier versions, kept for one release. */
export type {
  /** @deprecated Use `RefusedWrite`. */
  RefusedWrite as Refused,
} from './outcome.ts';
