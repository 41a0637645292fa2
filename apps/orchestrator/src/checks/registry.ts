/** The registry of checks: the only place where a check's name meets the code that answers it. */

import type { Check } from './context.ts';
import { checkCoverage } from './coverage-check.ts';
import { checkImageFreshness } from './freshness-check.ts';
import { checkMergeable } from './merge-check.ts';
import { checkSecurityGate } from './security-check.ts';

/** Keys are frozen: adding is fine, renaming is not. */
export const QG_CHECKS = {
  check_security_gate: checkSecurityGate,
  check_branch_mergeable: checkMergeable,
  check_coverage_gate: checkCoverage,
  check_image_freshness: checkImageFreshness,
} as const satisfies Readonly<Record<string, Check>>;

export type GateCheckName = keyof typeof QG_CHECKS;

/** The check behind a name, or null for a name nobody registered. */
export const checkNamed = (name: string): Check | null =>
  Object.hasOwn(QG_CHECKS, name) ? QG_CHECKS[name as GateCheckName] : null;
