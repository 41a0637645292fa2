/** What can happen to a task. Every event carries its time (epoch milliseconds); the engine reads no clock. */
import type { Cause, CheckVerdict, Finding, SkipCode } from '@gatehouse/verdict';
import type { ResumeReason } from './actions.ts';
import type { CheckName } from './checks.ts';
import type { AgentRole } from './stages.ts';

/** What the engine needs of a `CheckVerdict`; a whole one fits. */
export interface CheckAnswer {
  readonly status: CheckVerdict['status'];
  readonly cause?: Cause;
  /** With `skip`: why it opens nothing. */
  readonly code?: SkipCode;
  readonly reason: string;
  readonly findings: readonly Finding[];
  /** For those who read the event; the engine asks none. */
  readonly warnings?: readonly string[];
  /** With `main-broken`: the tree that is red, so that its alert is raised once. Else the base commit stands for it. */
  readonly baseTree?: string;
  readonly commits?: { readonly base: string };
}

export type LandingAnswer =
  | { readonly kind: 'landed' }
  | {
      readonly kind:
        | 'base-moved'
        | 'branch-moved'
        | 'ci-pending'
        | 'cannot-land'
        | 'lock-busy'
        /** Main does not hold what the forge said it took. */
        | 'frozen'
        /** The very commit that was tested was landed from outside. */
        | 'merged-outside'
        /** Landing is switched off or out of scope here. */
        | 'needs-merge'
        | 'infra';
      readonly reason: string;
    };

export type AgentAnswer =
  | { readonly kind: 'done' }
  | { readonly kind: 'tool-failed' | 'infra' | 'crashed'; readonly reason: string };

/** What the store saw in the transaction of the stop: no job leased, one leased, or the critical window entered. */
export type RunPhase = 'idle' | 'running' | 'critical';

export type EngineEvent =
  | { readonly kind: 'enqueued'; readonly atMs: number }
  | {
      readonly kind: 'check-answered';
      readonly check: CheckName;
      readonly verdict: CheckAnswer;
      readonly atMs: number;
    }
  | { readonly kind: 'landing-answered'; readonly answer: LandingAnswer; readonly atMs: number }
  | { readonly kind: 'agent-answered'; readonly step: AgentRole; readonly answer: AgentAnswer; readonly atMs: number }
  /** A person said yes to the check that waits for one. */
  | { readonly kind: 'approved'; readonly check: CheckName; readonly by: string; readonly atMs: number }
  | { readonly kind: 'woken'; readonly why: ResumeReason; readonly atMs: number }
  /** A push from outside the service moved the task's branch. */
  | { readonly kind: 'head-moved'; readonly atMs: number }
  | { readonly kind: 'branch-gone'; readonly atMs: number }
  /** The pull request was merged from outside, as another commit than the tested one. */
  | { readonly kind: 'merged-otherwise'; readonly reason: string; readonly atMs: number }
  | { readonly kind: 'retried'; readonly by: string; readonly atMs: number }
  | {
      readonly kind: 'overridden';
      readonly check: CheckName;
      readonly by: string;
      readonly reason: string;
      readonly atMs: number;
    }
  | { readonly kind: 'stop-requested'; readonly by: string; readonly phase: RunPhase; readonly atMs: number }
  /** The stopped run is over; `verified` false = it could not be proven that nothing of it is left. */
  | { readonly kind: 'stop-settled'; readonly verified: boolean; readonly atMs: number };

export type EventOf<Kind extends EngineEvent['kind']> = Extract<EngineEvent, { readonly kind: Kind }>;
