/**
 * STOP, second half: end the runs, put their end on record, clean up, set the keys free. Started again after a crash
 * anywhere, it does what is left, in order; what cannot be cleaned up is reported and does not hold the keys for ever.
 * Why in this order: docs/adr/0007-a-stop-is-recorded-once-and-settled-until-it-is-over.md.
 */
import { callPort } from './call-port.ts';
import { cleanUp } from './clean-up.ts';
import { endRuns } from './end-runs.ts';
import type { CancellationState, LedgerAnswer, SettlePorts } from './ports.ts';
import { readLedgerAnswer, readState } from './read-answers.ts';
import { readIssue } from './read-issue.ts';
import { type ParsedStopRequest, readRequest, type SettleRequest } from './request.ts';
import type { SettleVerdict, StopStepName, StopStepOutcome, Unfinished } from './verdict.ts';

type Due = Extract<CancellationState, { readonly kind: 'stopping' | 'cancelled' }>;

interface Settling {
  readonly asked: ParsedStopRequest;
  readonly ports: SettlePorts;
  readonly due: Due;
}

/** What is known so far; each step adds to it. */
interface SoFar {
  readonly steps: readonly StopStepOutcome[];
  readonly verified: boolean | null;
  /** Runs of a task that was cancelled before: their end cannot be recorded any more; it is reported with the keys. */
  readonly unproven: readonly string[];
}

const FIRST_RETRY_MS = 5_000;
const LAST_RETRY_MS = 900_000;
const SHOWN = 20;

export async function complete(request: SettleRequest, ports: SettlePorts): Promise<SettleVerdict> {
  const asked = readRequest(request);
  if (asked.kind === 'refused') return asked;
  const begun = await callPort({
    port: 'ledger.begin',
    limitMs: asked.limits.portMs,
    signal: asked.signal,
    ask: (signal) => ports.ledger.beginAttempt(asked.taskId, signal),
    read: readState,
  });
  if (begun.kind !== 'answered') {
    const steps = [outcome('begin', 'failed', begun.kind === 'silent' ? begun.reason : CUT_OFF)];
    return unfinished({ steps, verified: null, unproven: [] }, 0);
  }
  switch (begun.answer.kind) {
    case 'unknown-task':
    case 'not-due':
      return begun.answer;
    case 'released':
      return { kind: 'over' };
    case 'stopping':
    case 'cancelled':
      return end({ asked, ports, due: begun.answer });
  }
}

/** The processes first: nothing is cleaned up under something that may still write. */
async function end(settling: Settling): Promise<SettleVerdict> {
  const { asked, ports, due } = settling;
  const ended = await endRuns(due.runs, ports.runs, asked);
  if (ended.kind === 'cut-off')
    return unfinished({ steps: [outcome('end-runs', 'failed', CUT_OFF)], verified: null, unproven: [] }, due.attempt);
  if (due.kind === 'cancelled') {
    const verified = due.runs.length === 0 ? null : ended.unproven.length === 0;
    return cleanUpAndRelease(settling, { steps: [endOutcome(ended.unproven)], verified, unproven: ended.unproven });
  }
  // A task that is being stopped had a run. A ledger that cannot name it has proven nothing.
  const unproven = due.runs.length === 0 ? ['the ledger names no run'] : ended.unproven;
  const verified = unproven.length === 0;
  const steps = [endOutcome(unproven)];
  const recorded = await recordIn(settling, 'record-end', (signal) =>
    ports.ledger.completed({ taskId: asked.taskId, verified, unproven: shortened(unproven) }, signal),
  );
  const soFar: SoFar = { steps: [...steps, recorded], verified, unproven: [] };
  return recorded.kind === 'done' ? cleanUpAndRelease(settling, soFar) : unfinished(soFar, due.attempt);
}

async function cleanUpAndRelease(settling: Settling, before: SoFar): Promise<SettleVerdict> {
  const { asked, ports, due } = settling;
  const subject = { taskId: asked.taskId, facts: due.facts };
  const cleaned = await cleanUp(ports.cleanUp, subject, asked);
  const issue = await readIssue(ports.cleanUp, subject, asked);
  const soFar: SoFar = { ...before, steps: [...before.steps, ...cleaned, issue.outcome] };
  // A caller that gave up is no failure of a step: the last attempt is not spent on a shutdown.
  const isLast = due.attempt >= asked.limits.maxAttempts && asked.signal?.aborted !== true;
  if (missing(soFar).length > 0 && !isLast) return unfinished(soFar, due.attempt);
  return releaseKeys(settling, soFar, issue.updatedAt);
}

async function releaseKeys(settling: Settling, soFar: SoFar, trackerUpdatedAt: number | null): Promise<SettleVerdict> {
  const { asked, ports, due } = settling;
  const left = shortened([...soFar.unproven, ...missing(soFar).map(({ step, detail }) => `${step}: ${detail}`)]);
  const note = left.length === 0 ? 'settled' : `settled after ${due.attempt} attempts; left behind: ${left.join('; ')}`;
  const released = await recordIn(settling, 'release-keys', (signal) =>
    ports.ledger.releaseKeys(
      { taskId: asked.taskId, note, left, ...(trackerUpdatedAt === null ? {} : { trackerUpdatedAt }) },
      signal,
    ),
  );
  const steps = [...soFar.steps, released];
  if (released.kind !== 'done') return unfinished({ ...soFar, steps }, due.attempt);
  return { kind: 'settled', verified: soFar.verified, steps, left };
}

async function recordIn(
  { asked }: Settling,
  step: StopStepName,
  ask: (signal: AbortSignal) => Promise<LedgerAnswer>,
): Promise<StopStepOutcome> {
  const { limits, signal } = asked;
  const answered = await callPort({
    port: `ledger: ${step}`,
    limitMs: limits.portMs,
    signal,
    ask,
    read: readLedgerAnswer,
  });
  switch (answered.kind) {
    case 'cut-off':
      return outcome(step, 'failed', CUT_OFF);
    case 'silent':
      return outcome(step, 'failed', answered.reason);
    case 'answered':
      if (answered.answer.kind === 'recorded') return outcome(step, 'done', '');
      return outcome(step, 'failed', answered.answer.reason);
  }
}

const missing = ({ steps }: SoFar): readonly StopStepOutcome[] =>
  steps.filter(({ kind }) => kind === 'failed' || kind === 'waiting');

/** For rows and alerts, which a long list of runs must not flood. */
const shortened = (lines: readonly string[]): readonly string[] =>
  lines.length <= SHOWN ? lines : [...lines.slice(0, SHOWN), `and ${lines.length - SHOWN} more`];

const CUT_OFF = 'the caller gave up';

const outcome = (step: StopStepName, kind: StopStepOutcome['kind'], detail: string): StopStepOutcome => ({
  step,
  kind,
  detail,
});

const endOutcome = (unproven: readonly string[]): StopStepOutcome =>
  outcome('end-runs', unproven.length === 0 ? 'done' : 'left', unproven.join('; '));

/** 5 s, 10 s, 20 s … 15 minutes: twelve attempts span about an hour, which most outages of a forge do not outlast. */
function unfinished({ steps, verified }: SoFar, attempt: number): Unfinished {
  const retryAfterMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.max(0, attempt - 1));
  return { kind: 'unfinished', steps, verified, attempt, retryAfterMs };
}
