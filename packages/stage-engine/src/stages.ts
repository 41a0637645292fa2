/**
 * The stage table: who works on a stage, what closes it, what comes next, and where a failing change goes back to.
 * Names are frozen by test/contract.test.ts; adding is fine, renaming is not.
 */
import type { CheckName } from './checks.ts';
import { frozen } from './frozen.ts';

/** Where a task stands; `done` and `cancelled` are the only ends. */
export type Stage =
  | 'created'
  | 'analysis'
  | 'architecture'
  | 'development'
  | 'review'
  | 'testing'
  | 'deploy-staging'
  | 'deploy'
  | 'done'
  | 'cancelled';

/** Who does a stage's work. The role is the name of the step, too. */
export type AgentRole = 'analyst' | 'architect' | 'developer' | 'reviewer' | 'tester' | 'deployer';

/** A row of {@link STAGES}. */
export interface StageRow {
  /** Who works there; null where nobody does. */
  readonly agent: AgentRole | null;
  /** Exit checks, in order. All must open before `next` is entered. */
  readonly checks: readonly CheckName[];
  /** Null for the terminal stages. */
  readonly next: Stage | null;
  /** Where `fail` leads before anything has landed; null where nothing can fail. */
  readonly back: Stage | null;
}

/** In the order a task passes them. */
export const STAGE_TRANSITIONS: { readonly [Name in Stage]: StageRow } = frozen({
  created: { agent: null, checks: [], next: 'analysis', back: null },
  analysis: { agent: 'analyst', checks: ['check_analysis_approved'], next: 'architecture', back: 'analysis' },
  architecture: { agent: 'architect', checks: ['check_architecture_done'], next: 'development', back: 'architecture' },
  development: { agent: 'developer', checks: ['check_ci_green'], next: 'review', back: 'development' },
  review: { agent: 'reviewer', checks: ['check_review_approved'], next: 'testing', back: 'development' },
  testing: { agent: 'tester', checks: ['check_tests_passed'], next: 'deploy-staging', back: 'development' },
  'deploy-staging': { agent: 'deployer', checks: ['check_staging_status'], next: 'deploy', back: 'development' },
  deploy: { agent: 'deployer', checks: ['check_deploy_status'], next: 'done', back: 'development' },
  done: { agent: null, checks: [], next: null, back: null },
  cancelled: { agent: null, checks: [], next: null, back: null },
});

/** All stages, in the order of the table. */
export const STAGES: readonly Stage[] = frozen(Object.keys(STAGE_TRANSITIONS) as Stage[]);

/**
 * Checks on the edge out of a stage, after its own ones. Security scans before any rebase, so no change is blamed for
 * what main brought; merge makes the commit that would land; coverage measures that commit; freshness asks last.
 */
export const SUB_GATES: { readonly [Name in Stage]?: readonly CheckName[] } & {
  /** The gates before a landing, in their order. */
  readonly 'deploy-staging': readonly [CheckName, ...CheckName[]];
} = frozen({
  'deploy-staging': ['check_security_gate', 'check_branch_mergeable', 'check_coverage_gate', 'check_image_freshness'],
});

/** The one meaning of "over". Total: anything that is no stage is not terminal. */
export function isTerminal(stage: Stage): boolean {
  return stage === 'done' || stage === 'cancelled';
}
