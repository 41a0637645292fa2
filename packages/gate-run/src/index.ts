/** Run one command on one commit: recorded, bounded, stoppable. See README.md; the answers are in verdict.ts. */
import { type Crashed, type MachineFault, neverRaise } from '@gatehouse/verdict';
import { answerAlways } from './adapters/answer-always.ts';
import * as privateHome from './adapters/private-home.ts';
import * as isolating from './adapters/try-isolation.ts';
import * as cache from './cache.ts';
import * as end from './classify-end.ts';
import * as endings from './endings.ts';
import * as deadline from './fit-deadline.ts';
import * as git from './git-fault.ts';
import * as home from './home.ts';
import type { Isolation } from './isolation.ts';
import type { RunRequest } from './request.ts';
import * as run from './run-on-commit.ts';
import type { CommitRun } from './verdict.ts';

export type { TriedIsolation } from './adapters/try-isolation.ts';
export type { RunCache } from './cache.ts';
export type { EndClass, EndFacts } from './classify-end.ts';
export { ENDINGS, type RunEnding, type RunOutcome } from './endings.ts';
export type { CommandTimes, FittedDeadline, WantedDeadline } from './fit-deadline.ts';
export type { GitAnomaly, GitFault } from './git-fault.ts';
export type { Isolation, OwnUser, OwnWorld, VisiblePaths } from './isolation.ts';
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

/**
 * Runs the setup, if there is one, and the command on the commit. Leaves the slot as they left it.
 *
 * @example
 * ```ts
 * import { execFileSync } from 'node:child_process';
 * import { mkdtemp } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { runOnCommit } from '@gatehouse/gate-run';
 *
 * const dir = await mkdtemp(join(tmpdir(), 'gate-run-'));
 * const author = ['-c', 'user.name=ann', '-c', 'user.email=ann@mail.example'];
 * const git = (...args: string[]) => execFileSync('git', ['-C', dir, ...author, ...args], { encoding: 'utf8' }).trim();
 * git('init', '--quiet');
 * git('commit', '--quiet', '--allow-empty', '--message=one');
 *
 * const answer = await runOnCommit({
 *   purpose: 'branch',
 *   commit: git('rev-parse', 'HEAD'),
 *   slot: { kind: 'check-out', git: { gitDir: join(dir, '.git') }, dir: join(dir, 'slot') },
 *   command: 'exit 3',
 *   timeoutMs: 60_000,
 * });
 * console.log(answer.kind === 'ran' ? answer.run.outcome : answer); // red
 * ```
 */
export const runOnCommit: (request: RunRequest) => Promise<CommitRun> = neverRaise(
  'gate-run.runOnCommit',
  run.runOnCommit,
);

/**
 * Decides the deadlines of a command and its setup. Anything that is not a positive number of milliseconds is replaced by its
 * default (900 s, setup 0, grace 2 s). `validate: false` is the kill-switch: durations are taken as they are.
 */
export const fitDeadline: typeof deadline.fitDeadline = answerAlways(deadline.fitDeadline, {
  kind: 'impossible',
  reason: 'the durations cannot be read',
});

const UNCLASSIFIED: end.EndClass = {
  ending: 'refused',
  outcome: 'tool-failed',
  reason: 'the run cannot be read, so it cannot be classified',
};

/**
 * Says how a command ended and what that means, tests aside. Total over its type.
 * Facts that cannot be read are `tool-failed`, never green and never red.
 */
export const classifyEnd: (facts: end.EndFacts) => end.EndClass = answerAlways(
  (facts) => end.classifyEnd(facts) ?? UNCLASSIFIED,
  UNCLASSIFIED,
);

/** The fault that ended a run and that may hit other runs on this machine; null for a run that ended by itself. */
export const faultOf: (run: {
  /** The row of {@link ENDINGS} that the run fell into. */
  readonly ending?: string;
}) => MachineFault | null = answerAlways(endings.faultOf, null);

/** One line for people, and which family it belongs to. */
export const gitFault: (step: string, answer: git.GitAnomaly) => git.GitFault = answerAlways(git.gitFault, {
  kind: 'tool-failed',
  reason: 'the answer of a git call cannot be read',
});

/** The fault behind a failed git call that may hit other calls on this machine; null where it concerns this call alone. */
export const faultOfGit: typeof git.faultOfGit = answerAlways(git.faultOfGit, null);

/** Removes every HOME and TMPDIR of the checkout `dir`, whose runs have ended. Answers what could not be removed. */
export const removeHomes: (dir: string) => Promise<readonly string[] | Crashed> = neverRaise(
  'gate-run.removeHomes',
  privateHome.removeHomes,
);

/** The checkout beside which an entry of that name is a HOME; null for any other entry. */
export const checkoutOfHome: (name: string) => string | null = answerAlways(home.checkoutOfHome, null);

/** Why the paths cannot be used; null: they can. */
export const cachePathsFault: (paths: unknown) => string | null = answerAlways(
  cache.cachePathsFault,
  'cannot be read as a list of paths',
);

/** Finds out by trying it, below the directory `place`, whether this machine separates commands as it is asked to. */
export const tryIsolation: (isolation: Isolation, place: string) => Promise<isolating.TriedIsolation | Crashed> =
  neverRaise('gate-run.tryIsolation', isolating.tryIsolation);
