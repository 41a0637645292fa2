/** The checks by name: on which stage each stands, and which artefact, key and value open it. Frozen, see stages.ts. */
import { frozen } from './frozen.ts';
import type { Profile } from './profiles.ts';
import type { Stage } from './stages.ts';

/** The name of a check, as it is stored and shown. */
export type CheckName =
  | 'check_analysis_approved'
  | 'check_architecture_done'
  | 'check_ci_green'
  | 'check_review_approved'
  | 'check_tests_passed'
  | 'check_staging_status'
  | 'check_security_gate'
  | 'check_branch_mergeable'
  | 'check_coverage_gate'
  | 'check_image_freshness'
  | 'check_deploy_status';

/** The machine verdict in an artefact's front matter; values in exact case. */
export interface ArtefactRule {
  /** File name of the artefact. */
  readonly name: string;
  /** The key of the front matter that holds the verdict. */
  readonly key: string;
  /** The one value that means PASS when the artefact is read as the verdict. */
  readonly opens: string;
  /** Every value the key may have. */
  readonly values: readonly string[];
}

/** A row of {@link CHECKS}. */
export interface CheckRow {
  /** The stage whose exit it guards. */
  readonly stage: Stage;
  /** Where its verdict stands in a report; null where it has none. */
  readonly artefact: ArtefactRule | null;
  /** `person`: no job is started, the task waits for `approved`. */
  readonly askedOf: 'machine' | 'person';
  /** Profiles that ask it; in any other it is skipped with reason `profile`. */
  readonly profiles: readonly Profile[];
  /** What an override does: the check is not asked, or it is asked and informed. */
  readonly override: 'skips' | 'informs';
}

const FULL: readonly Profile[] = ['full'];
const EVERY: readonly Profile[] = ['full', 'gates-only'];
const artefact = (name: string, key: string, values: readonly [string, ...string[]]): ArtefactRule => ({
  name,
  key,
  opens: values[0],
  values,
});
const stageCheck = (stage: Stage, rule: ArtefactRule | null): CheckRow => ({
  stage,
  artefact: rule,
  askedOf: 'machine',
  profiles: FULL,
  override: 'skips',
});
const subGate = (rule: ArtefactRule | null): CheckRow => ({
  ...stageCheck('deploy-staging', rule),
  profiles: EVERY,
});

/** Every check, with its stage, its artefact and whom it asks. */
export const CHECKS: { readonly [Name in CheckName]: CheckRow } = frozen({
  check_analysis_approved: { ...stageCheck('analysis', null), askedOf: 'person' },
  check_architecture_done: stageCheck('architecture', artefact('06-architecture.md', 'architecture_status', ['DONE'])),
  check_ci_green: stageCheck('development', null),
  check_review_approved: stageCheck('review', artefact('12-review.md', 'verdict', ['APPROVED'])),
  check_tests_passed: stageCheck('testing', artefact('13-test-report.md', 'result', ['PASS'])),
  check_staging_status: stageCheck('deploy-staging', artefact('15-staging-log.md', 'staging_status', ['SUCCESS'])),
  check_security_gate: subGate(artefact('17-security-report.md', 'security_status', ['PASS', 'FAIL', 'ERROR'])),
  /** Takes the lease and makes the commit that lands, so it is asked even when overridden. */
  check_branch_mergeable: { ...subGate(null), override: 'informs' },
  check_coverage_gate: subGate(
    artefact('18-coverage-report.md', 'coverage_status', ['PASS', 'FAIL', 'UNKNOWN', 'SKIP']),
  ),
  check_image_freshness: subGate(null),
  check_deploy_status: stageCheck('deploy', artefact('14-deploy-log.md', 'deploy_status', ['SUCCESS'])),
});

/** Total: true for the name of a check, whatever it is given. */
export function isCheckName(value: unknown): value is CheckName {
  return typeof value === 'string' && Object.hasOwn(CHECKS, value);
}
