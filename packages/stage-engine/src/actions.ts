/**
 * The action table: what the engine does with each answer, by how far the task is. This is the whole policy on
 * verdicts; the code in moves.ts only carries it out. Every row but the opening ones releases the merge lease.
 */
import type { Cause, SkipCode } from '@gatehouse/verdict';
import { frozen } from './frozen.ts';
import type { Phase } from './position.ts';

/**
 * What an answer comes down to: it opens, it blames, it ends the task (the code of a skip), or its cause. `needs-merge` and
 * `frozen` only landing says, `budget-spent` only an agent's job.
 */
export type Outcome = 'pass' | 'skip' | 'fail' | SkipCode | Cause | 'needs-merge' | 'frozen' | 'budget-spent';

/**
 * `open`: next step. `end`: cancelled, nobody is at fault and main has all of it. `blame`: send the change back, or remove it. `again`: the same work, bounded, with backoff.
 * `wait`: see WAITS. `re-enter`: at sub-gate 1 at once, bounded. `hold`: blocked, nothing can be undone by us.
 */
export type Action = 'open' | 'end' | 'blame' | 'again' | 'wait' | 're-enter' | 'hold';

/** A row of {@link ACTIONS}: what an answer means, and what follows in each phase. */
export type ActionRow = {
  /** What it means, in one line for a person. */
  readonly says: string;
} & { readonly [Where in Phase]: Action };

/** What each answer of a step does, by where the task stands. The whole policy. */
export const ACTIONS: { readonly [Name in Outcome]: ActionRow } = frozen({
  pass: { says: 'The next step; after the last one, the next stage.', working: 'open', gated: 'open', landed: 'open' },
  skip: { says: 'Off or out of scope, said so: like pass.', working: 'open', gated: 'open', landed: 'open' },
  'nothing-to-land': {
    says: 'The branch changes nothing against main: a skip that opens nothing, the task is over.',
    working: 'end',
    gated: 'end',
    landed: 'hold',
  },
  fail: {
    says: 'The change is at fault: back to its developer, or out of the queue; once landed there is no way back.',
    working: 'blame',
    gated: 'blame',
    landed: 'hold',
  },
  'lock-busy': {
    says: 'Another task is landing: take a place in the queue and free the worker.',
    working: 'again',
    gated: 'wait',
    landed: 'again',
  },
  infra: { says: 'The machine failed, not the change.', working: 'again', gated: 'again', landed: 'again' },
  'tool-failed': { says: 'The check could not decide.', working: 'again', gated: 'again', landed: 'again' },
  crashed: { says: 'A bug of ours.', working: 'again', gated: 'again', landed: 'again' },
  'main-broken': {
    says: 'Main itself is red: no branch is to blame, the task waits until main or the machine changes.',
    working: 'again',
    gated: 'wait',
    landed: 'again',
  },
  'base-moved': {
    says: 'Main moved meanwhile: judge against the new one.',
    working: 'again',
    gated: 're-enter',
    landed: 'again',
  },
  'branch-moved': {
    says: 'The branch got a new head meanwhile: judge that one.',
    working: 'again',
    gated: 're-enter',
    landed: 'again',
  },
  'ci-pending': {
    says: "The forge's own checks are not done.",
    working: 'wait',
    gated: 'wait',
    landed: 'wait',
  },
  'cannot-land': {
    says: 'The forge refuses the landing: a right or a protection rule, for a person to settle.',
    working: 'again',
    gated: 'wait',
    landed: 'again',
  },
  'feed-down': {
    says: 'The advisory feed does not answer and may not be ignored.',
    working: 'wait',
    gated: 'wait',
    landed: 'wait',
  },
  'needs-merge': {
    says: 'Landing is not ours here: a person has to merge it.',
    working: 'again',
    gated: 'wait',
    landed: 'again',
  },
  frozen: {
    says: 'Main does not hold what the forge said it took: nothing moves before a person has checked it.',
    working: 'again',
    gated: 'hold',
    landed: 'hold',
  },
  'budget-spent': {
    says: 'The agents of the task have used what they may: a person grants more, or ends it.',
    working: 'hold',
    gated: 'hold',
    landed: 'hold',
  },
});

/** What a task can wait for; `approval` is a person's yes. */
export type WaitCause =
  | 'lock-busy'
  | 'main-broken'
  | 'ci-pending'
  | 'cannot-land'
  | 'feed-down'
  | 'needs-merge'
  | 'approval';

/** Narrows an outcome to one that has a row in WAITS. */
export function isWaitCause(outcome: Outcome | WaitCause): outcome is WaitCause {
  return Object.hasOwn(WAITS, outcome);
}

/** What can end a wait. */
export type ResumeReason =
  | 'lease-free'
  | 'main-moved'
  /** A probe found main well. */
  | 'main-healed'
  | 'timer'
  | 'environment-changed'
  | 'forge-changed';

/** A row of {@link WAITS}. */
export interface WaitRow {
  /** What it means, in one line for a person. */
  readonly says: string;
  /** What ends the wait before its timer does. */
  readonly resumedBy: readonly ResumeReason[];
  /** Pause of the timer: the poll setting; a quarter of an hour, where something else wakes in time; or none. */
  readonly timer: 'poll' | 'rare' | null;
  /** What the timer asks: the step that waits, once more, or main itself, for every task that waits for it. */
  readonly timerAsks: 'step' | 'main';
  /** Whether the wall-time cap ends it in `blocked`. */
  readonly capped: boolean;
}

/** What each cause waits for, and what ends the wait. */
export const WAITS: { readonly [Name in WaitCause]: WaitRow } = frozen({
  'lock-busy': {
    says: 'its turn to merge',
    resumedBy: ['lease-free', 'timer'],
    timer: 'rare',
    timerAsks: 'step',
    capped: true,
  },
  'main-broken': {
    says: 'a main that is green again',
    resumedBy: ['main-moved', 'main-healed', 'environment-changed', 'timer'],
    timer: 'rare',
    timerAsks: 'main',
    capped: false,
  },
  'ci-pending': {
    says: "the forge's checks",
    resumedBy: ['forge-changed', 'timer'],
    timer: 'poll',
    timerAsks: 'step',
    capped: true,
  },
  'cannot-land': {
    says: 'leave to land',
    resumedBy: ['forge-changed', 'timer'],
    timer: 'poll',
    timerAsks: 'step',
    capped: true,
  },
  'feed-down': {
    says: 'the advisory feed',
    resumedBy: ['environment-changed', 'timer'],
    timer: 'poll',
    timerAsks: 'step',
    capped: true,
  },
  'needs-merge': {
    says: 'a person to merge it',
    resumedBy: ['main-moved', 'forge-changed', 'timer'],
    timer: 'rare',
    timerAsks: 'step',
    capped: false,
  },
  approval: { says: "a person's approval", resumedBy: [], timer: null, timerAsks: 'step', capped: false },
});
