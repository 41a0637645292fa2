/**
 * The vocabulary every gate answers in. Nothing here knows a gate by name.
 * Why outcomes are plain values and never exceptions: docs/adr/0001-outcomes-are-values.md.
 */
export type {
  Cause,
  CheckVerdict,
  Finding,
  GreenBasis,
  MachineFault,
  SkipCode,
  TestedCommits,
} from './check-verdict.ts';
export { type Crashed, describeCrash, neverRaise } from './crashed.ts';
export type { Trouble } from './deprecated.ts';
export { invariant } from './invariant.ts';
export { LeaseProof } from './lease-proof.ts';
