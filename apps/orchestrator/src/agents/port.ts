/** What an agent is asked to do, and what came of it. */
import type { GitRepo } from '@gatehouse/git';
import type { AgentRole, Stage } from '@gatehouse/stage-engine';
import type { Agent } from '../policy/agent-policy.ts';
import type { CheckWorkspace } from '../workspace/workspace.ts';

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
  /** A word nobody could know before this work began; an artefact that names it was made for it. */
  readonly nonce: string;
  /** What has to be mended, findings verbatim. */
  readonly brief: string | null;
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
  readonly signal: AbortSignal;
}

/** The command that was run, for the record. */
export interface AgentCommandRun {
  readonly command: string;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly outcome: 'green' | 'red' | 'infra';
  readonly reason: string;
  readonly exitCode: number | null;
  readonly level: string | null;
  readonly leftovers: number;
  /** It was proven that no process of the command is left. */
  readonly verified: boolean;
  readonly logPath: string | null;
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

export type AgentResult =
  | {
      readonly kind: 'worked';
      readonly run: AgentCommandRun;
      /** Where the branch is now: in the mirror, not yet at the forge. Equals `start` when nothing was committed. */
      readonly commit: string;
      /** Null where the stage asks for none. */
      readonly paper: StageReport | null;
    }
  /** The agent did not do its work; `reason` may quote its output. */
  | { readonly kind: 'tool-failed'; readonly reason: string; readonly run: AgentCommandRun | null }
  | { readonly kind: 'infra'; readonly reason: string; readonly run: AgentCommandRun | null };
