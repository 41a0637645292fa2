/** Run one command on one commit: recorded, bounded, stoppable. See README.md; the answers are in verdict.ts. */
import { type Crashed, type MachineFault, neverRaise } from '@gatehouse/verdict';
import { answerAlways } from './adapters/answer-always.ts';
import * as privateHome from './adapters/private-home.ts';
import * as cache from './cache.ts';
import * as end from './classify-end.ts';
import * as endings from './endings.ts';
import * as deadline from './fit-deadline.ts';
import * as git from './git-fault.ts';
import * as home from './home.ts';
import type { RunRequest } from './request.ts';
import * as run from './run-on-commit.ts';
import type { CommitRun } from './verdict.ts';

export type { RunCache } from './cache.ts';
export type { EndClass, EndFacts } from './classify-end.ts';
export { ENDINGS, type RunEnding, type RunOutcome } from './endings.ts';
export type { CommandTimes, FittedDeadline, WantedDeadline } from './fit-deadline.ts';
export type { GitAnomaly, GitFault } from './git-fault.ts';
export type {
  Command,
  EndedCommand,
  FreshSlot,
  Judgement,
  RunLimits,
  RunRequest,
  StandingSlot,
} from './request.ts';
export type {
  CheckoutFailed,
  CommandRun,
  CommitRun,
  NoLogs,
  Ran,
  RecordedTests,
  RunRefused,
  SetupFailed,
  Unsupervised,
} from './verdict.ts';

/** {@link run.runOnCommit} */
export const runOnCommit: (request: RunRequest) => Promise<CommitRun> = neverRaise(
  'gate-run.runOnCommit',
  run.runOnCommit,
);

/** {@link deadline.fitDeadline} */
export const fitDeadline: typeof deadline.fitDeadline = answerAlways(deadline.fitDeadline, {
  kind: 'impossible',
  reason: 'the durations cannot be read',
});

const UNCLASSIFIED: end.EndClass = {
  ending: 'refused',
  outcome: 'tool-failed',
  reason: 'the run cannot be read, so it cannot be classified',
};

/** {@link end.classifyEnd}. Facts that cannot be read are `tool-failed`, never green and never red. */
export const classifyEnd: (facts: end.EndFacts) => end.EndClass = answerAlways(
  (facts) => end.classifyEnd(facts) ?? UNCLASSIFIED,
  UNCLASSIFIED,
);

/** {@link endings.faultOf} */
export const faultOf: (run: { readonly ending?: string }) => MachineFault | null = answerAlways(endings.faultOf, null);

/** {@link git.gitFault} */
export const gitFault: (step: string, answer: git.GitAnomaly) => git.GitFault = answerAlways(git.gitFault, {
  kind: 'tool-failed',
  reason: 'the answer of a git call cannot be read',
});

/** {@link git.faultOfGit} */
export const faultOfGit: typeof git.faultOfGit = answerAlways(git.faultOfGit, null);

/** {@link privateHome.removeHomes} */
export const removeHomes: (dir: string) => Promise<readonly string[] | Crashed> = neverRaise(
  'gate-run.removeHomes',
  privateHome.removeHomes,
);

/** {@link home.checkoutOfHome} */
export const checkoutOfHome: (name: string) => string | null = answerAlways(home.checkoutOfHome, null);

/** {@link cache.cachePathsFault} */
export const cachePathsFault: (paths: unknown) => string | null = answerAlways(
  cache.cachePathsFault,
  'cannot be read as a list of paths',
);
