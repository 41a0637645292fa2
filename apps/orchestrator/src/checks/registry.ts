/**
 * The registry of checks: one row per check. Elsewhere a check is named only by who asks for one certain answer (a deployment, a merge's
 * warnings, a baseline). A new check has a row here, a row and a place in the stage engine's tables, and a file with its answer.
 */
import { CHECKS, type CheckName, isCheckName, SUB_GATES } from '@gatehouse/stage-engine';
import { invariant } from '@gatehouse/verdict';
import type { GateName } from '../policy/switched-off.ts';
import { checkCiGreen } from './ci-check.ts';
import { checkCoverage } from './coverage-check.ts';
import { type CheckDefinition, checkOf } from './definition.ts';
import { checkImageFreshness } from './freshness-check.ts';
import { checkMergeable } from './merge-check.ts';
import type { Check } from './port.ts';
import { checkReport, noDeployer, personAnswers } from './report-check.ts';
import { checkSecurityGate } from './security-check.ts';

/** Rows in the order in which a task meets them. */
export const DEFINITIONS: { readonly [Name in CheckName]: CheckDefinition } = {
  check_analysis_approved: { answer: personAnswers },
  check_architecture_done: { answer: checkReport(CHECKS.check_architecture_done, { boundToCode: false }) },
  check_ci_green: { answer: checkCiGreen, workload: 'ci', validates: true },
  check_review_approved: { answer: checkReport(CHECKS.check_review_approved, { boundToCode: true }) },
  check_tests_passed: { answer: checkReport(CHECKS.check_tests_passed, { boundToCode: true }), validates: true },
  check_staging_status: {
    answer: checkReport(CHECKS.check_staging_status, { boundToCode: true, notAsked: noDeployer('staging') }),
    validates: true,
  },
  check_security_gate: { answer: checkSecurityGate, gate: 'security', reusesPass: true },
  check_branch_mergeable: { answer: checkMergeable, gate: 'merge', workload: 'test', combines: true },
  check_coverage_gate: { answer: checkCoverage, gate: 'coverage', workload: 'coverage', subject: 'combined' },
  check_image_freshness: { answer: checkImageFreshness, subject: 'combined' },
  check_deploy_status: {
    answer: checkReport(CHECKS.check_deploy_status, { boundToCode: false, notAsked: noDeployer('production') }),
    subject: 'combined',
  },
};

const NAMES = Object.keys(DEFINITIONS).filter(isCheckName);

/** The row of a check; null for any other name. */
export const definitionOf = (name: string): CheckDefinition | null => (isCheckName(name) ? DEFINITIONS[name] : null);

/** The checks by name, gates out of scope skipped. Keys are frozen: adding is fine, renaming is not. */
export const QG_CHECKS = Object.fromEntries(NAMES.map((name) => [name, checkOf(DEFINITIONS[name])])) as {
  readonly [Name in CheckName]: Check;
};

/** The check behind a name, or null for a name that is not registered. */
export const checkNamed = (name: string): Check | null => (isCheckName(name) ? QG_CHECKS[name] : null);

/** The check that asks a gate. */
export const checkOfGate = (gate: GateName): CheckName => {
  const found = NAMES.find((name) => DEFINITIONS[name].gate === gate);
  invariant(found !== undefined, `a check asks the ${gate} gate`);
  return found;
};

/** Recorded passes of all of these make a code tree validated. */
export const VALIDATING: readonly CheckName[] = NAMES.filter((name) => DEFINITIONS[name].validates === true);

/** What a shell may ask for, and the checks behind it: each gate, and all sub-gates in their order. */
export const GATES: Readonly<Record<string, readonly CheckName[]>> = {
  ...Object.fromEntries(
    NAMES.flatMap((name) => {
      const { gate } = DEFINITIONS[name];
      return gate === undefined ? [] : [[gate, [name]]];
    }),
  ),
  all: Object.values(SUB_GATES).flat(),
};
