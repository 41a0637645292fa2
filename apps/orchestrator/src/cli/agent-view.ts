/** What `gatehouse agent try` prints: the prompt, what the agent left, and the verdict. */
import type { CheckVerdict } from '@gatehouse/verdict';
import type { AgentResult } from '../agents/port.ts';
import type { Judged } from './agent-verdict.ts';
import { type Answer, EXIT } from './answer.ts';

export interface Tried extends Judged {
  readonly role: string;
  readonly stage: string;
  readonly repo: string;
  readonly commit: string;
  readonly prompt: string;
  readonly result: AgentResult;
}

const EXITS: { readonly [Status in CheckVerdict['status']]: number } = {
  pass: EXIT.pass,
  skip: EXIT.pass,
  fail: EXIT.fail,
  defer: EXIT.defer,
  error: EXIT.error,
};

export function answerOf(tried: Tried): Answer {
  const { role, stage, repo, commit, prompt, check, artefact, changed, result, verdict } = tried;
  const { run } = result;
  return {
    exit: EXITS[verdict.status],
    json: {
      ...{ role, stage, repo, commit, prompt, artefact, changed },
      run:
        run === null
          ? null
          : {
              outcome: run.outcome,
              reason: run.reason,
              exit_code: run.exitCode ?? null,
              duration_ms: run.durationMs,
              said: run.excerpt ?? '',
            },
      verdict: {
        check,
        status: verdict.status,
        ...('cause' in verdict ? { cause: verdict.cause } : {}),
        reason: verdict.reason,
        findings: verdict.findings,
        warnings: verdict.warnings,
      },
    },
    text: textOf(tried),
  };
}

function textOf({ role, prompt, check, artefact, changed, result, verdict }: Tried): string {
  const said = result.run?.excerpt ?? '';
  return [
    `== The prompt of the ${role}`,
    prompt.trimEnd(),
    '',
    ...(said === '' ? [] : ['== What it printed', said, '']),
    ...(artefact === null ? [] : [`== ${artefact.name}`, artefact.text.trimEnd(), '']),
    ...(changed.length === 0
      ? []
      : ['== What the branch would have against main', ...changed.map((path) => `  ${path}`), '']),
    '== The verdict',
    `${verdict.status.toUpperCase().padEnd(5)} ${check}: ${verdict.reason}`,
    ...verdict.findings.map(({ rule, message }) => `  ${rule}: ${message}`),
    ...verdict.warnings.map((warning) => `  warning: ${warning}`),
    'Nothing of this was kept: no task, no branch and no report.',
  ].join('\n');
}
