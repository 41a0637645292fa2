/** What can happen to a task. Every event carries its time (epoch milliseconds); the engine reads no clock. */
import type { Cause, CheckVerdict, Finding, SkipCode } from '@gatehouse/verdict';
import type { ResumeReason } from './actions.ts';
import type { CheckName } from './checks.ts';
import type { AgentRole } from './stages.ts';

/** What the engine needs of a `CheckVerdict`; a whole one fits. */
export interface CheckAnswer {
  /** What the check says. */
  readonly status: CheckVerdict['status'];
  /** With `defer` and `error`: why. */
  readonly cause?: Cause;
  /** With `skip`: why it opens nothing. */
  readonly code?: SkipCode;
  /** Why, in one line for a person. */
  readonly reason: string;
  /** What its author can act on, each with a place where there is one. */
  readonly findings: readonly Finding[];
  /** For those who read the event; the engine asks none. */
  readonly warnings?: readonly string[];
  /** With `main-broken`: the tree that is red, so that its alert is raised once. Else the base commit stands for it. */
  readonly baseTree?: string;
  /** The commits that were judged. */
  readonly commits?: {
    /** Commit of main. */
    readonly base: string;
  };
}

/** What a landing came to. Only `landed` means that main holds the tested commit. */
export type LandingAnswer =
  | { readonly kind: 'landed' }
  | {
      /** What kept it from landing, or that it was landed from outside. */
      readonly kind:
        | 'base-moved'
        | 'branch-moved'
        | 'ci-pending'
        | 'cannot-land'
        | 'lock-busy'
        /** Main does not hold what the forge said it took. */
        | 'frozen'
        /** The very commit that was tested was landed from outside: true at every step between the gates and main. */
        | 'merged-outside'
        /** Landing is switched off or out of scope here. */
        | 'needs-merge'
        | 'infra';
      /** Why, in one line for a person. */
      readonly reason: string;
    };

/** What an agent's run came to. Only `done` goes on. */
export type AgentAnswer =
  | { readonly kind: 'done' }
  | {
      /** What kept the agent from its work. */
      readonly kind: 'tool-failed' | 'infra' | 'crashed' | 'budget-spent';
      /** Why, in one line for a person. */
      readonly reason: string;
    };

/** What the store saw in the transaction of the stop: no job leased, one leased, or the critical window entered. */
export type RunPhase = 'idle' | 'running' | 'critical';

/** What happened to a task, with the time at which it did. All that `decide` is told of the world. */
export type EngineEvent =
  | {
      readonly kind: 'enqueued';
      /** When it happened, in milliseconds since the epoch. */
      readonly atMs: number;
    }
  | {
      readonly kind: 'check-answered';
      /** The check it is about. */
      readonly check: CheckName;
      /** What the check said. */
      readonly verdict: CheckAnswer;
      /** When it happened, in milliseconds since the epoch. */
      readonly atMs: number;
    }
  | {
      readonly kind: 'landing-answered';
      /** What the landing or the agent said. */
      readonly answer: LandingAnswer;
      /** The store saw the critical window open, and the event does not close it. */
      readonly inside?: true;
      /** When it happened, in milliseconds since the epoch. */
      readonly atMs: number;
    }
  | {
      readonly kind: 'agent-answered';
      /** The role whose work it was. */
      readonly step: AgentRole;
      /** What the landing or the agent said. */
      readonly answer: AgentAnswer;
      /** When it happened, in milliseconds since the epoch. */
      readonly atMs: number;
    }
  /** A person said yes to the check that waits for one. */
  | {
      readonly kind: 'approved';
      /** The check it is about. */
      readonly check: CheckName;
      /** Who did it, as the caller names people. */
      readonly by: string;
      /** When it happened, in milliseconds since the epoch. */
      readonly atMs: number;
    }
  | {
      readonly kind: 'woken';
      /** What ends the wait. */
      readonly why: ResumeReason;
      /** When it happened, in milliseconds since the epoch. */
      readonly atMs: number;
    }
  /** A push from outside the service moved the task's branch. */
  | {
      readonly kind: 'head-moved';
      /** When it happened, in milliseconds since the epoch. */
      readonly atMs: number;
    }
  | {
      readonly kind: 'branch-gone';
      /** When it happened, in milliseconds since the epoch. */
      readonly atMs: number;
    }
  /** The pull request was merged from outside, as another commit than the tested one. */
  | {
      readonly kind: 'merged-otherwise';
      /** What was merged instead, in one line. */
      readonly reason: string;
      /** When it happened, in milliseconds since the epoch. */
      readonly atMs: number;
    }
  | {
      readonly kind: 'retried';
      /** Who did it, as the caller names people. */
      readonly by: string;
      /** The store saw the critical window open, and the event does not close it. */
      readonly inside?: true;
      /** When it happened, in milliseconds since the epoch. */
      readonly atMs: number;
    }
  | {
      readonly kind: 'overridden';
      /** The check it is about. */
      readonly check: CheckName;
      /** Who did it, as the caller names people. */
      readonly by: string;
      /** Why, in that person's words. */
      readonly reason: string;
      /** The store saw the critical window open, and the event does not close it. */
      readonly inside?: true;
      /** When it happened, in milliseconds since the epoch. */
      readonly atMs: number;
    }
  | {
      readonly kind: 'stop-requested';
      /** Who did it, as the caller names people. */
      readonly by: string;
      /** What the store saw of the task's run in the same transaction. */
      readonly phase: RunPhase;
      /** When it happened, in milliseconds since the epoch. */
      readonly atMs: number;
    }
  /** The stopped run is over; `verified` false = it could not be proven that nothing of it is left. */
  | {
      readonly kind: 'stop-settled';
      /** True only if it was proven that nothing of the run is left. */
      readonly verified: boolean;
      /** When it happened, in milliseconds since the epoch. */
      readonly atMs: number;
    };

/** The event of one kind. */
export type EventOf<Kind extends EngineEvent['kind']> = Extract<
  EngineEvent,
  {
    /** The kind that is picked. */
    readonly kind: Kind;
  }
>;
