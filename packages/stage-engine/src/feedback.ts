/** Verdicts in words: for the developer who mends the change, and for the report on the pull request. */
import type { Finding } from '@gatehouse/verdict';
import type { StepName } from './position.ts';

/** What was said about a change, whoever said it. */
export interface Explained {
  readonly reason: string;
  readonly findings: readonly Finding[];
}

const BRIEF_LIMIT = 65_536;

/**
 * Findings verbatim, one a line, whole ones only: past 64 Ki characters the rest is counted and left to the report,
 * so that a change with a million findings still fits a row.
 */
export function formatFindings(step: StepName, said: Explained): string {
  const lines = [`${step}: ${said.reason}`];
  let room = BRIEF_LIMIT;
  for (const [index, finding] of said.findings.entries()) {
    const line = `- ${finding.rule}${placeOf(finding)}: ${finding.message}`;
    room -= line.length;
    if (room < 0) {
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
