/** Is this branch, caught up with main, green? See README.md; the answers are in verdict.ts. */
import { faultOf, faultOfGit } from '@gatehouse/gate-run';
import { type CheckVerdict, type Crashed, neverRaise, type TestedCommits } from '@gatehouse/verdict';
import { answerAlways } from './adapters/answer-always.ts';
import * as candidate from './candidate-proof.ts';
import * as catchUp from './catch-up.ts';
import * as changed from './changed-commands.ts';
import * as check from './check-branch-mergeable.ts';
import * as checkVerdict from './check-verdict.ts';
import * as classify from './classify.ts';
import * as count from './count-tests.ts';
import * as digest from './digest.ts';
import * as landing from './landing-proof.ts';
import * as lease from './lease.ts';
import * as markers from './markers.ts';
import * as pattern from './path-rules/pattern.ts';
import * as quarantine from './quarantine.ts';
import * as retest from './retest.ts';
import * as base from './run-base.ts';
import * as history from './test-history.ts';
import * as timeout from './timeout.ts';
import type { MergeVerdict } from './verdict.ts';

export { type CommandRun, ENDINGS, faultOf, faultOfGit, type RecordedTests } from '@gatehouse/gate-run';
export { type FileLeaseOptions, fileLease } from './adapters/file-lease.ts';
export { type BaseRunQueueOptions, createBaseRunQueue } from './base-run-queue.ts';
export type { CandidateProof, ProveCandidate } from './candidate-proof.ts';
export type { CatchUpRequest } from './catch-up.ts';
export type { ChangedCommands, ChangedCommandsRequest } from './changed-commands.ts';
export type { MergePorts } from './check-branch-mergeable.ts';
export type { RetestClass, RetestEnding, RetestFacts, RetestOutcome } from './classify.ts';
export type { TestCount } from './count-tests.ts';
export {
  type BasePort,
  type BaseTurn,
  type MemoryBaseOptions,
  memoryBase,
  type RecordedRun,
  type ToldOfLanding,
} from './deprecated.ts';
export type { TestPlace } from './failure-place.ts';
export type { ChangedDefinition } from './gate-definition/finding.ts';
export type { LandingConclusion, LandingProof, ProveLanding, ReportedLanding } from './landing-proof.ts';
export { type LikelySetup, likelySetup } from './likely-setup.ts';
export type { MarkerAnswer } from './markers.ts';
export { type MemoryCertificatesOptions, memoryCertificates } from './memory-certificates.ts';
export { type MemoryLeaseOptions, memoryLease } from './memory-lease.ts';
export { type MemoryTestsOptions, memoryTests } from './memory-tests.ts';
export type { AppliedRule, PathRule } from './path-rules/decide.ts';
export type { PathPatternVerdict } from './path-rules/pattern.ts';
export type {
  Acquired,
  BaseCaller,
  BaseKey,
  BaseRunQueue,
  BaseRunSlot,
  Busy,
  CertificateKey,
  CertificatePort,
  LeasePort,
  LeaseRequest,
  LeaseUnavailable,
  ResultKey,
  ResultPort,
  SeenRun,
  TestMemoryPort,
} from './ports.ts';
export type {
  MergeRequest,
  MergeSwitches,
  QuarantinedTest,
  RegressionMarker,
  TestPolicy,
  TestReport,
  WatchedRefs,
} from './request.ts';
export type { Retest, RetestRequest } from './retest.ts';
export type { BaseRun, BaseRunRequest } from './run-base.ts';
export type { KnownSuite, SeenTests, TestTally } from './test-history.ts';
export type { RetestTimeout, RetestTimes } from './timeout.ts';
export type {
  BrokenMainCertificate,
  Deferred,
  Digests,
  GreenEvidence,
  Mergeable,
  MergeVerdict,
  NothingToLand,
  RedCertificate,
  Refused,
  ToolFailed,
} from './verdict.ts';

/** The same operation, closed: it never throws and never rejects. */
type Closed<Body> = Body extends (...args: infer Args) => Promise<infer Answer>
  ? (...args: Args) => Promise<Answer | Crashed>
  : never;

/**
 * Is this branch, caught up with main, green? `mergeable` leaves the lease held: renew it, land, release it.
 *
 * @example
 * ```ts
 * import { execFileSync } from 'node:child_process';
 * import { mkdtemp, writeFile } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { checkBranchMergeable, memoryLease } from '@gatehouse/merge-gate';
 *
 * const dir = await mkdtemp(join(tmpdir(), 'merge-gate-'));
 * const author = ['-c', 'user.name=ann', '-c', 'user.email=ann@mail.example'];
 * const git = (...args: string[]) => execFileSync('git', ['-C', dir, ...author, ...args], { encoding: 'utf8' }).trim();
 * git('init', '--quiet', '--initial-branch=main');
 * git('commit', '--quiet', '--allow-empty', '--message=one');
 * git('switch', '--quiet', '--create', 'feature');
 * await writeFile(join(dir, 'new.txt'), 'new');
 * git('add', 'new.txt');
 * git('commit', '--quiet', '--message=two');
 *
 * const verdict = await checkBranchMergeable(
 *   {
 *     repo: 'app',
 *     holder: 'me',
 *     git: { gitDir: join(dir, '.git') },
 *     base: git('rev-parse', 'main'),
 *     head: git('rev-parse', 'feature'),
 *     slotDir: join(dir, 'slot'),
 *     policy: { command: 'test -e new.txt', timeoutMs: 60_000, minTests: 0, flaky: 'pass', env: [] },
 *   },
 *   { lease: memoryLease() },
 * );
 * console.log(verdict.kind === 'crashed' ? verdict.error : verdict.kind); // mergeable
 * ```
 */
export const checkBranchMergeable: Closed<typeof check.checkBranchMergeable> = neverRaise(
  'merge-gate.checkBranchMergeable',
  check.checkBranchMergeable,
);
/** `behind` when `base` has commits that `head` does not contain. */
export const branchIsBehindMain: Closed<typeof catchUp.branchIsBehindMain> = neverRaise(
  'merge-gate.branchIsBehindMain',
  catchUp.branchIsBehindMain,
);
/**
 * `current`: the head already contains base and is itself what would land. `caught-up`: `tested` is the combined
 * commit; what the slot holds is open, so check it out before running anything. `conflicted`: the paths an author must
 * resolve. `unrelated`: there is no common commit to start from. Anything else is a fault of git's and blames no change.
 */
export const autoRebaseOntoMain: Closed<typeof catchUp.autoRebaseOntoMain> = neverRaise(
  'merge-gate.autoRebaseOntoMain',
  catchUp.autoRebaseOntoMain,
);
/** Checks the commit out, runs setup and test command, and classifies. Leaves the slot as the commands left it. */
export const retestBranch: Closed<typeof retest.retestBranch> = neverRaise(
  'merge-gate.retestBranch',
  retest.retestBranch,
);
/** Green or red with the run behind it, or why main cannot be judged now. */
export const runBase: Closed<typeof base.runBase> = neverRaise('merge-gate.runBase', base.runBase);
/**
 * Reads the environment a command would see, from inside one: operating system, allow-listed variables,
 * and which program files the PATH leads to (path, size and time, so no program is run).
 */
export const readEnvironment: Closed<typeof digest.probeEnvironment> = neverRaise(
  'merge-gate.readEnvironment',
  digest.probeEnvironment,
);
/** What a branch changes of what trusted commands run, by the rules of the test command. */
export const findChangedCommands: Closed<typeof changed.findChangedCommands> = neverRaise(
  'merge-gate.findChangedCommands',
  changed.findChangedCommands,
);
/** Searches for each marker's symbol, as a whole word, in its file at `commit`. */
export const checkRegressionMarkers: Closed<typeof markers.checkRegressionMarkers> = neverRaise(
  'merge-gate.checkRegressionMarkers',
  markers.checkRegressionMarkers,
);
/**
 * Proves that `tested` is the catch-up of `head` onto `base` and changes something. Moves no branch; mostly done without a
 * work tree, and in `slotDir` where only a work tree can judge.
 */
export const proveCandidate: Closed<typeof candidate.proveCandidate> = neverRaise(
  'merge-gate.proveCandidate',
  candidate.proveCandidate,
);
/** Reads main again and says whether it holds the tested commit. Moves nothing; asking twice is safe. */
export const proveLanding: Closed<typeof landing.proveLanding> = neverRaise(
  'merge-gate.proveLanding',
  landing.proveLanding,
);
/** Asks for the lease once. A port that answers too late gives its late grant back at once. */
export const acquireMergeLease: Closed<typeof lease.acquireMergeLease> = neverRaise(
  'merge-gate.acquireMergeLease',
  lease.acquireMergeLease,
);
/** Gives the lease back. Idempotent; `crashed` means that the port could not be reached and silence must end it. */
export const releaseMergeLease: Closed<typeof lease.releaseMergeLease> = neverRaise(
  'merge-gate.releaseMergeLease',
  lease.releaseMergeLease,
);

const UNCLASSIFIED: classify.RetestClass = {
  ending: 'refused',
  outcome: 'tool-failed',
  reason: 'the run cannot be read, so it cannot be classified',
};

/**
 * Says how a run ended and what that means. Total over its type; anything unforeseen is `infra`.
 * Facts that cannot be read are `tool-failed`, never green and never red.
 */
export const classifyRetestFailure: (facts: classify.RetestFacts) => classify.RetestClass = answerAlways(
  classify.classifyRetestFailure,
  UNCLASSIFIED,
);
/** @deprecated Use `faultOf`. */
export const troubleOf: typeof faultOf = faultOf;
/** @deprecated Use `faultOfGit`. */
export const troubleOfGit: typeof faultOfGit = faultOfGit;
/** Reads one command's output. Several summaries (a monorepo's packages) add up. Total. */
export const countTests: (output: string) => count.TestCount = answerAlways(count.countTests, {
  kind: 'unknown',
  reason: 'the output is not text',
  failed: [],
});
/**
 * The tallies that a run changes. A test that fails for the first time under a key was green in each complete run before;
 * one that failed before and is not named by a complete run is green now. A run that is not complete counts no green.
 * For those who keep a memory of tests of their own. What cannot be read changes no tally.
 */
export const talliesAfter: typeof history.talliesAfter = answerAlways(history.talliesAfter, history.NO_TALLIES);
/**
 * The name under which a test is remembered: the runner's own where it is short and well-formed, else its beginning and
 * a digest of the whole, so that two long names stay two.
 */
export const testIdentity: typeof history.testIdentity = answerAlways(history.testIdentity, '');
/** Red and green on one tree: the code under test was the same, so it is not what differed. */
export const isFlakyByProof: typeof history.isFlakyByProof = answerAlways(history.isFlakyByProof, false);
/** An entry holds to the end of its last day in UTC. */
export const isQuarantineOpen: typeof quarantine.isQuarantineOpen = answerAlways(quarantine.isQuarantineOpen, false);
/** Decides the deadlines of a re-test: `fitDeadline` of @gatehouse/gate-run. */
export const resolveRetestTimeout: typeof timeout.resolveRetestTimeout = answerAlways(timeout.resolveRetestTimeout, {
  kind: 'impossible',
  reason: 'the durations cannot be read',
});
const UNCONCLUDED: landing.LandingConclusion = {
  kind: 'in-doubt',
  reason: 'the proof of the landing cannot be read',
};

/**
 * From what was reported and what main shows to what may be recorded. Pure, total.
 * What cannot be read is in doubt: neither landed nor not landed.
 */
export const concludeLanding: typeof landing.concludeLanding = answerAlways(
  (told, proof) => landing.concludeLanding(told, proof) ?? UNCONCLUDED,
  UNCONCLUDED,
);
/**
 * The verdict as a check's answer, with findings an author can act on.
 * A verdict that cannot be read is an error, never a pass.
 */
export const mergeCheckVerdict: (verdict: MergeVerdict, commits: TestedCommits) => CheckVerdict = answerAlways(
  checkVerdict.mergeCheckVerdict,
  {
    status: 'error',
    cause: 'crashed',
    reason: 'the merge verdict cannot be read',
    findings: [],
    warnings: [],
  },
);
/** Whether a text is a pattern; `reason` says what to write instead. Total. */
export const validatePathPattern: typeof pattern.validatePathPattern = answerAlways(pattern.validatePathPattern, {
  kind: 'invalid',
  reason: 'the pattern cannot be read',
});
