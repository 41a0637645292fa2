/**
 * The checks that read a stage's report: one key of its front matter, compared in exact case, in the copy that the
 * service took from this very attempt. What cannot be read says nothing; what says anything else sends the change back.
 */
import { parseArtefact } from '@gatehouse/artefact';
import type { ArtefactRule, CheckRow } from '@gatehouse/stage-engine';
import type { CheckVerdict } from '@gatehouse/verdict';
import type { Check, CheckContext, TaskEvidence } from './port.ts';
import { error, pass, skip } from './verdicts.ts';

/** A person answers; a machine has no answer. */
export const personAnswers: Check = async () =>
  error('tool-failed', 'a person approves an analysis: POST /tasks/{id}/approve');

/** Why no report on a deployment was asked for; null: one was. */
export const noDeployer =
  (target: 'staging' | 'production') =>
  ({ policy }: CheckContext): string | null =>
    policy.deploy[target] === '' && policy.agents.deployer === null
      ? `neither deploy.${target} nor a deployer is configured`
      : null;

interface ReportCheckOptions {
  /** Whether the report must be about the code that the branch holds now. */
  readonly boundToCode: boolean;
  /** Why no report was asked for; null: one was. */
  readonly notAsked?: (context: CheckContext) => string | null;
}

const BODY_LIMIT = 6_000;

/** The check that reads the report of a row of the stage engine's table. */
export function checkReport({ artefact: rule }: CheckRow, { boundToCode, notAsked }: ReportCheckOptions): Check {
  return async (context) => {
    const { evidence } = context;
    if (evidence === undefined || rule === null) return skip('profile');
    const unasked = notAsked?.(context) ?? null;
    if (unasked !== null) return skip(unasked);
    return judge(rule, evidence, boundToCode);
  };
}

async function judge(rule: ArtefactRule, evidence: TaskEvidence, boundToCode: boolean): Promise<CheckVerdict> {
  const copy = await evidence.copyOf(rule.name);
  if (copy.kind !== 'copy') return error('tool-failed', copy.reason);
  if (boundToCode && (evidence.codeTree === null || copy.codeTree !== evidence.codeTree))
    return error('tool-failed', `${rule.name} is about other code than the branch holds`);
  const read = parseArtefact(copy.text, { [rule.key]: 'string' }, 'authored');
  if (read.kind !== 'read') return error('tool-failed', `${rule.name} cannot be read: ${read.reason}`);
  const said = String(read.front[rule.key]);
  const statement = `${rule.name} says ${rule.key}: ${said.slice(0, 100)}`;
  if (said === rule.opens) return { ...pass(statement), artefact: rule.name };
  const body = read.body.trim().slice(0, BODY_LIMIT);
  const message = body === '' ? `${statement}, and gives no reason` : body;
  return {
    status: 'fail',
    reason: statement,
    findings: [{ rule: `report/${rule.key}`, message }],
    warnings: [],
    artefact: rule.name,
  };
}
