/**
 * The checks that read a stage's report: one key of its front matter, compared in exact case, in the copy that the
 * service took from this very attempt. What cannot be read says nothing; what says anything else sends the change back.
 */
import { parseArtefact } from '@gatehouse/artefact';
import { type ArtefactRule, CHECKS, type CheckName } from '@gatehouse/stage-engine';
import type { CheckVerdict } from '@gatehouse/verdict';
import type { Check, CheckContext, TaskEvidence } from './port.ts';
import { error, pass, skip } from './verdicts.ts';

/** A person answers; a machine that is asked could not tell. */
export const checkAnalysisApproved: Check = async () =>
  error('tool-failed', 'a person approves an analysis: POST /tasks/{id}/approve');

export const checkArchitectureDone: Check = reads('check_architecture_done', { boundToCode: false });
export const checkReviewApproved: Check = reads('check_review_approved', { boundToCode: true });
export const checkTestsPassed: Check = reads('check_tests_passed', { boundToCode: true });
export const checkStagingStatus: Check = reads('check_staging_status', {
  boundToCode: true,
  nobody: ({ policy }) =>
    policy.deploy.staging === '' && policy.agents.deployer === null
      ? 'neither deploy.staging nor a deployer is configured'
      : null,
});
export const checkDeployStatus: Check = reads('check_deploy_status', {
  boundToCode: false,
  nobody: ({ policy }) =>
    policy.deploy.production === '' && policy.agents.deployer === null
      ? 'neither deploy.production nor a deployer is configured'
      : null,
});

interface ReportCheckOptions {
  /** Whether the report must be about the code that the branch holds now. */
  readonly boundToCode: boolean;
  /** Why nobody had to write it; null: somebody had to. */
  readonly nobody?: (context: CheckContext) => string | null;
}

const BODY_LIMIT = 6_000;

function reads(check: CheckName, { boundToCode, nobody }: ReportCheckOptions): Check {
  return async (context) => {
    const { evidence } = context;
    const rule = CHECKS[check].artefact;
    if (evidence === undefined || rule === null) return skip('profile');
    const unasked = nobody?.(context) ?? null;
    if (unasked !== null) return skip(unasked);
    return judge(rule, evidence, boundToCode);
  };
}

async function judge(rule: ArtefactRule, work: TaskEvidence, boundToCode: boolean): Promise<CheckVerdict> {
  const copy = await work.copyOf(rule.name);
  if (copy.kind !== 'copy') return error('tool-failed', copy.reason);
  if (boundToCode && (work.codeTree === null || copy.codeTree !== work.codeTree))
    return error('tool-failed', `${rule.name} is about other code than the branch holds`);
  const read = parseArtefact(copy.text, { [rule.key]: 'string' }, 'authored');
  if (read.kind !== 'read') return error('tool-failed', `${rule.name} cannot be read: ${read.reason}`);
  const said = String(read.front[rule.key]);
  const told = `${rule.name} says ${rule.key}: ${said.slice(0, 100)}`;
  if (said === rule.opens) return { ...pass(told), artefact: rule.name };
  const body = read.body.trim().slice(0, BODY_LIMIT);
  const message = body === '' ? `${told}, and gives no reason` : body;
  return {
    status: 'fail',
    reason: told,
    findings: [{ rule: `report/${rule.key}`, message }],
    warnings: [],
    artefact: rule.name,
  };
}
