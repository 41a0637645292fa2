/** The request to an agent, and its result. */
import type { CommandRun, RunLimits } from '@gatehouse/gate-run';
import type { GitRepo } from '@gatehouse/git';
import type { AgentRole, Stage } from '@gatehouse/stage-engine';
import type { CheckWorkspace } from '../platform/claim-directories.ts';
import type { Agent } from '../policy/agent-policy.ts';
import type { FailedCheck } from './failed-check.ts';
import type { AgentUsage } from './usage.ts';

export interface Assignment {
  readonly repoId: string;
  readonly taskId: string;
  readonly key: string;
  readonly title: string;
  readonly description: string;
  readonly branch: string;
  readonly main: string;
  readonly role: AgentRole;
  readonly stage: Stage;
  /** 1 for the first time this role works on the task. */
  readonly attempt: number;
  /** A name that did not exist before this attempt began; an artefact that holds it was made for this attempt. */
  readonly nonce: string;
  /** What has to be fixed, findings verbatim. */
  readonly brief: string | null;
  /** The verdict behind the brief, where one is on record. */
  readonly failed: FailedCheck | null;
  /** Why the last attempt of this role counted as not done; null: it is the first, or the last one was taken. */
  readonly refused: string | null;
  /** Copies of earlier stages' reports: name and absolute path. */
  readonly papers: readonly { readonly name: string; readonly path: string }[];
}

export interface AgentRequest {
  readonly assignment: Assignment;
  readonly agent: Agent;
  readonly git: GitRepo;
  /** The commit that is checked out. */
  readonly start: string;
  /** main's head: its agent-tool configuration counts. */
  readonly base: string;
  readonly workspace: CheckWorkspace;
  readonly timeoutMs: number;
  /** What holds for every command of the service. */
  readonly limits: RunLimits;
  readonly signal: AbortSignal;
}

/** The copy of a stage's report, in the service's own store. */
export interface StageReport {
  readonly name: string;
  readonly path: string;
  /** sha256, hex. */
  readonly digest: string;
  /** Of the commit it is about. */
  readonly codeTree: string;
}

/** `warnings` go to the service's log; without `usage` the agent said nothing of it. */
export type AgentResult = { readonly warnings?: readonly string[]; readonly usage?: AgentUsage } & (
  | {
      readonly kind: 'worked';
      /** Null: nothing had to be run. */
      readonly run: CommandRun | null;
      /** Where the branch is now: in the mirror, not yet at the forge. Equals `start` when nothing was committed. */
      readonly commit: string;
      /** Null where the stage asks for none. */
      readonly paper: StageReport | null;
    }
  /** The agent did not do its work; `reason` may quote its output. */
  | { readonly kind: 'tool-failed'; readonly reason: string; readonly run: CommandRun | null }
  | { readonly kind: 'infra'; readonly reason: string; readonly run: CommandRun | null }
);
