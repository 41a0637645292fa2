/** Names of earlier versions, kept for one release. */
import type { MachineFault } from './check-verdict.ts';

/** @deprecated Use `MachineFault`. */
export type Trouble = MachineFault;
