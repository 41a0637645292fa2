/** Verdicts in words: for the developer who mends the change, and for the report on the pull request. */
import type { Finding } from '@gatehouse/verdict';
import type { StepName } from './position.ts';

/** What was said about a change, by a check, an agent or the landing. */
export interface ExplainedOutcome {
  readonly reason: string;
  readonly findings: readonly Finding[];
}

const BRIEF_LIMIT = 65_536;

/**
 * Findings verbatim, one a line, whole ones only: past 64 Ki characters the rest is counted and left to the report,
 * so that a change with a million findings still fits a row.
 */
export function formatFindings(step: StepName, said: ExplainedOutcome): string {
  const lines = [`${step}: ${said.reason}`];
  let left = BRIEF_LIMIT;
  for (const [index, finding] of said.findings.entries()) {
    const line = `- ${finding.rule}${placeOf(finding)}: ${finding.message}`;
    left -= line.length;
    if (left < 0) {
      lines.push(`- and ${said.findings.length - index} more, see the report`);
      break;
    }
    lines.push(line);
  }
  return lines.join('\n');
}

function placeOf({ path, line, commit }: Finding): string {
  const where = path === undefined ? '' : ` ${path}${line === undefined ? '' : `:${line}`}`;
  return commit === undefined ? where : `${where} (in ${commit})`;
}
