/** STOP, first half: put it on record, once. It never waits for a run; it says what is to be settled. */
import { callPort } from './call-port.ts';
import type { CancellationStore } from './ports.ts';
import { readStop } from './read-answers.ts';
import { readStopRequest, type StopRequest } from './request.ts';
import type { NextStep, StopVerdict, StopWord } from './verdict.ts';

/** `already` may be a stop that was never finished; asking `settleStop` once more is harmless. */
const NEXT: { readonly [Word in StopWord]: NextStep } = {
  cancelled: 'settle',
  stopping: 'settle',
  deferred: 'wait',
  too_late: 'nothing',
  already: 'settle',
};

export async function stop(
  request: StopRequest,
  ports: { readonly ledger: Pick<CancellationStore, 'requestStop'> },
): Promise<StopVerdict> {
  const asked = readStopRequest(request);
  if (asked.kind === 'refused') return asked;
  const { taskId, reason, actor, limits, signal } = asked;
  const recorded = await callPort({
    port: 'ledger.requestStop',
    limitMs: limits.portMs,
    signal,
    ask: (patience) => ports.ledger.requestStop({ taskId, reason, actor }, patience),
    read: readStop,
  });
  switch (recorded.kind) {
    case 'silent':
      return { kind: 'unanswered', reason: recorded.reason };
    case 'cut-off':
      return { kind: 'unanswered', reason: 'the caller gave up before the ledger answered' };
    case 'answered':
      if (recorded.answer.kind === 'unknown-task') return recorded.answer;
      return { ...recorded.answer, next: NEXT[recorded.answer.kind] };
  }
}
