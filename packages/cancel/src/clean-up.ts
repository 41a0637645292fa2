/**
 * The clean-up of a cancelled task: a table of steps in order. A step that takes something away rests on those that keep
 * it, so that no failure, crash or order of retries can lose what a task made.
 */
import { callPort } from './call-port.ts';
import { whyKept, whyUnknown } from './deletable-branch.ts';
import type { CleanUp, StepAnswer, StepSubject, StopFacts } from './ports.ts';
import { readStep } from './read-answers.ts';
import type { ParsedStopRequest } from './request.ts';
import type { StopStepName, StopStepOutcome } from './verdict.ts';

interface StepRow {
  readonly step: StopStepName;
  /** Not for `gates-only`, where branch and reports are a person's. */
  readonly fullOnly: boolean;
  readonly restsOn: readonly StopStepName[];
  /** Why the step is not wanted for this task; null: it is. */
  readonly unwanted: (facts: StopFacts) => string | null;
  readonly ask: (port: CleanUp, of: StepSubject, signal: AbortSignal) => Promise<StepAnswer>;
}

const wanted = (): null => null;

export const CLEAN_UP: readonly StepRow[] = [
  {
    step: 'copy-artefacts',
    fullOnly: true,
    restsOn: [],
    unwanted: wanted,
    ask: (port, of, signal) => port.copyArtefacts(of, signal),
  },
  {
    step: 'keep-head',
    fullOnly: true,
    restsOn: [],
    unwanted: ({ head }) => whyUnknown(head),
    ask: (port, of, signal) => port.keepHead({ ...of, ref: stoppedRef(of.taskId), head: of.facts.head ?? '' }, signal),
  },
  {
    step: 'remove-workplace',
    fullOnly: false,
    restsOn: ['copy-artefacts', 'keep-head'],
    unwanted: wanted,
    ask: (port, of, signal) => port.removeWorkplace(of, signal),
  },
  {
    step: 'delete-branch',
    fullOnly: true,
    restsOn: ['keep-head'],
    unwanted: whyKept,
    ask: (port, of, signal) =>
      port.deleteBranch({ ...of, branch: of.facts.branch, expected: of.facts.head ?? '' }, signal),
  },
  {
    step: 'release-lease',
    fullOnly: false,
    restsOn: [],
    unwanted: wanted,
    ask: (port, of, signal) => port.releaseLease(of, signal),
  },
];

/** `refs/gatehouse/stopped/<taskId>`; what a ref may not hold is written as `%xx`, so every id has a ref of its own. */
export function stoppedRef(taskId: string): string {
  const safe = [...new TextEncoder().encode(taskId)].map((byte) => {
    const letter = String.fromCharCode(byte);
    return /[\w-]/.test(letter) ? letter : `%${byte.toString(16).padStart(2, '0')}`;
  });
  return `refs/gatehouse/stopped/${safe.join('')}`;
}

/** Takes every step it can. When the caller gives up, the steps that are left fail without asking the port. */
export async function cleanUp(
  port: CleanUp,
  of: StepSubject,
  asked: ParsedStopRequest,
): Promise<readonly StopStepOutcome[]> {
  const steps: StopStepOutcome[] = [];
  for (const row of CLEAN_UP) {
    const before = whyNot(row, of.facts, steps);
    steps.push(before ?? (await take(row, { port, of, asked })));
  }
  return steps;
}

interface Taking {
  readonly port: CleanUp;
  readonly of: StepSubject;
  readonly asked: ParsedStopRequest;
}

async function take({ step, ask }: StepRow, { port, of, asked }: Taking): Promise<StopStepOutcome> {
  const answered = await callPort({
    port: `cleanUp.${step}`,
    limitMs: asked.limits.portMs,
    signal: asked.signal,
    ask: (signal) => ask(port, of, signal),
    read: readStep,
  });
  switch (answered.kind) {
    case 'cut-off':
      return { step, kind: 'failed', detail: 'the caller gave up' };
    case 'silent':
      return { step, kind: 'failed', detail: answered.reason };
    case 'answered':
      return {
        step,
        kind: answered.answer.kind,
        detail: answered.answer.kind === 'done' ? '' : answered.answer.reason,
      };
  }
}

/** What is known before a port is asked; null: ask it. */
function whyNot(row: StepRow, facts: StopFacts, taken: readonly StopStepOutcome[]): StopStepOutcome | null {
  const { step } = row;
  if (row.fullOnly && facts.profile !== 'full') return { step, kind: 'skipped', detail: 'profile' };
  const detail = row.unwanted(facts);
  if (detail !== null) return { step, kind: 'skipped', detail };
  const missing = taken.find(({ step: other, kind }) => row.restsOn.includes(other) && !holds(kind));
  if (missing === undefined) return null;
  // What was left on purpose will not come later: neither will what rests on it.
  const kind = missing.kind === 'left' ? 'left' : 'waiting';
  return { step, kind, detail: `rests on ${missing.step}` };
}

const holds = (kind: StopStepOutcome['kind']): boolean => kind === 'done' || kind === 'skipped';
