/** The registry of checks: the only place where a check's name meets the code that answers it. */
import type { CheckName } from '@gatehouse/stage-engine';
import { checkCiGreen } from './ci-check.ts';
import { checkCoverage } from './coverage-check.ts';
import { checkImageFreshness } from './freshness-check.ts';
import { checkMergeable } from './merge-check.ts';
import type { Check } from './port.ts';
import { checkSecurityGate } from './security-check.ts';
import {
  checkAnalysisApproved,
  checkArchitectureDone,
  checkDeployStatus,
  checkReviewApproved,
  checkStagingStatus,
  checkTestsPassed,
} from './stage-checks.ts';

/** Keys are frozen: adding is fine, renaming is not. */
export const QG_CHECKS = {
  check_analysis_approved: checkAnalysisApproved,
  check_architecture_done: checkArchitectureDone,
  check_ci_green: checkCiGreen,
  check_review_approved: checkReviewApproved,
  check_tests_passed: checkTestsPassed,
  check_staging_status: checkStagingStatus,
  check_security_gate: checkSecurityGate,
  check_branch_mergeable: checkMergeable,
  check_coverage_gate: checkCoverage,
  check_image_freshness: checkImageFreshness,
  check_deploy_status: checkDeployStatus,
} as const satisfies Readonly<Record<CheckName, Check>>;

export type GateCheckName = keyof typeof QG_CHECKS;

/** The check behind a name, or null for a name nobody registered. */
export const checkNamed = (name: string): Check | null =>
  Object.hasOwn(QG_CHECKS, name) ? QG_CHECKS[name as GateCheckName] : null;
