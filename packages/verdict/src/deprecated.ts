/** Names of earlier versions, kept for one release. */
export type {
  /** @deprecated Use `MachineFault`. */
  MachineFault as Trouble,
} from './check-verdict.ts';
