/** One half of a verdict: what it found, what it warns of, and whether it could decide at all. */
import type { CheckVerdict, Finding } from '@gatehouse/verdict';

type ScanCause = Extract<CheckVerdict, { readonly status: 'defer' | 'error' }>['cause'];

/** `fault` means that the part could not decide. */
export interface Part {
  readonly findings: readonly Finding[];
  readonly warnings: readonly string[];
  readonly fault: { readonly cause: ScanCause; readonly reason: string } | null;
}

/** A part with the rest empty. */
export const part = (some: Partial<Part>): Part => ({ findings: [], warnings: [], fault: null, ...some });
/** A part that could not tell. */
export const cannotDecide = (reason: string): Part => part({ fault: { cause: 'tool-failed', reason } });
