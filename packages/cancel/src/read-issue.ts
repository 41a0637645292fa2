/**
 * Only the tracker's own time separates a late message from a new one: so the issue is re-read after
 * the stop and its time is kept with the tombstone.
 */
import { callPort } from './call-port.ts';
import type { CleanUp, IssueAnswer, StepSubject } from './ports.ts';
import { readIssueAnswer } from './read-answers.ts';
import type { ParsedStopRequest } from './request.ts';
import type { StopStepOutcome } from './verdict.ts';

export interface IssueRead {
  readonly outcome: StopStepOutcome;
  /** Null: there is no issue, or its time is not known. */
  readonly updatedAt: number | null;
}

export async function readIssue(port: CleanUp, of: StepSubject, asked: ParsedStopRequest): Promise<IssueRead> {
  const issue = await callPort({
    port: 'cleanUp.read-issue',
    limitMs: asked.limits.portMs,
    signal: asked.signal,
    ask: (signal) => port.readIssue?.(of, signal) ?? NO_TRACKER,
    read: (answer) => (answer === NO_TRACKER ? NO_TRACKER : readIssueAnswer(answer)),
  });
  switch (issue.kind) {
    case 'cut-off':
      return failed('the caller gave up');
    case 'silent':
      return failed(issue.reason);
    case 'answered':
      return readOf(issue.answer);
  }
}

const NO_TRACKER = { kind: 'no-tracker' } as const;

function readOf(answer: IssueAnswer | typeof NO_TRACKER): IssueRead {
  switch (answer.kind) {
    case 'no-tracker':
      return { outcome: { step: 'read-issue', kind: 'skipped', detail: 'there is no tracker' }, updatedAt: null };
    case 'failed':
      return failed(answer.reason);
    case 'read':
      return { outcome: { step: 'read-issue', kind: 'done', detail: '' }, updatedAt: answer.updatedAt };
  }
}

const failed = (detail: string): IssueRead => ({
  outcome: { step: 'read-issue', kind: 'failed', detail },
  updatedAt: null,
});
