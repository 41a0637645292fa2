/** Is the candidate green? Reuses a recorded result for the same question, else runs; any doubt runs. */
import type { CommandRun } from '@gatehouse/gate-run';
import { callPort, isCrashed } from './call-port.ts';
import type { CaughtUpCandidate } from './candidate.ts';
import type { UnconfirmedRed } from './confirm-red.ts';
import { type CountedTests, countOfMain, judgeCount, testsOf, testsOnMain } from './count-fall.ts';
import { leavesMainBroken } from './leaves-main-broken.ts';
import type { ParsedMergeRequest } from './parse-request.ts';
import type { BaseRunQueue, ResultPort, TestMemoryPort } from './ports.ts';
import { rememberTests } from './remember-tests.ts';
import { type Retest, type RetestRequest, retestBranch, retestInSlot } from './retest.ts';
import { isUncounted, judgeUncounted, type Uncounted } from './unfinished-run.ts';
import type { Deferred, Digests, GreenEvidence, Refused, TestsFell, ToolFailed } from './verdict.ts';
import { readWeakening, type Weakening } from './weakened-tests.ts';

export interface FoundGreen {
  readonly kind: 'green';
  readonly evidence: GreenEvidence;
  readonly warnings: readonly string[];
}

interface Question {
  readonly request: ParsedMergeRequest;
  readonly candidate: CaughtUpCandidate;
  readonly results: ResultPort | undefined;
  /** The queue for base runs, where there is one. */
  readonly queue: BaseRunQueue | undefined;
  readonly tests: TestMemoryPort | undefined;
  readonly signal: AbortSignal;
}

/** Green with its evidence, a suspect that was red twice, or why it is unknown. */
export async function findGreen(
  question: Question,
): Promise<FoundGreen | UnconfirmedRed | Refused | Deferred | ToolFailed> {
  const { request, candidate } = question;
  const digests = digestsOf(candidate);
  if (candidate.current && request.validated && request.switches.skipWhenCurrent)
    return withoutRun(question, { kind: 'validated', ...digests });
  const memory = await recall(question);
  if (memory.known) return withoutRun(question, { kind: 'remembered', ...digests });
  const left = await leavesMainBroken(question);
  if (left.kind === 'main-broken') return left;
  const { isSlotFresh } = left;
  const [first, weakening] = await Promise.all([run(question, 'branch', isSlotFresh), weakeningOf(question)]);
  switch (first.kind) {
    case 'green': {
      const onMain = await onMainOf(question);
      const uncounted = await countedOrUsual(question, first.run, onMain);
      if (uncounted.kind === 'infra') return uncounted;
      if (uncounted.kind === 'lost') return runAgain(question, first.run, { lostCount: true, weakening });
      const counted = await judgeFall(question, { ran: first.run.tests?.total ?? null, onMain, weakening });
      if (counted.kind === 'tests-fell') return counted;
      // A red run all of whose failures are quarantined: green, and never remembered as one.
      if (first.quarantined !== undefined) {
        const { quarantined: names, run } = first;
        const warnings = [...memory.warnings, ...first.warnings, ...counted.warnings];
        return { kind: 'green', evidence: { kind: 'quarantined', run, names, ...digests }, warnings };
      }
      const kept = await remember(question, 'green');
      const warnings = [...memory.warnings, ...first.warnings, ...counted.warnings, ...kept];
      return { kind: 'green', evidence: { kind: 'first-try', run: first.run, ...digests }, warnings };
    }
    case 'red':
      return runAgain(question, first.run, { lostCount: false, weakening });
    case 'infra':
    case 'tool-failed':
      return undecided(first, request);
  }
}

const weakeningOf = ({ request, candidate, signal }: Question): Promise<Weakening> =>
  readWeakening({ ...request, changed: candidate.changed, signal });

const onMainOf = ({ tests: memory, ...asked }: Question): Promise<number | null> =>
  testsOnMain({ ...asked, memory, gateDigest: asked.candidate.gateDigest });

/** What is green without a run is held against main's count all the same, by what is remembered. */
async function withoutRun(
  question: Question,
  evidence: Extract<GreenEvidence, { readonly kind: 'remembered' | 'validated' }>,
): Promise<FoundGreen | TestsFell> {
  const { request, candidate, tests: memory } = question;
  const [ran, onMain, weakening] = await Promise.all([
    testsOf({ request, memory, ...candidate }),
    onMainOf(question),
    weakeningOf(question),
  ]);
  const counted = judgeCount({ ran, onMain, weakening }, request.policy);
  return counted.kind === 'tests-fell' ? counted : { kind: 'green', evidence, warnings: counted.warnings };
}

/** Where main was never counted it is run once for a branch that may run fewer tests. */
async function judgeFall(question: Question, counted: CountedTests): Promise<ReturnType<typeof judgeCount>> {
  const { request, candidate, queue, signal } = question;
  const isAsked = counted.ran !== null && counted.onMain === null && counted.weakening.isSuspected;
  const { hostDigest } = candidate;
  const onMain = isAsked ? await countOfMain({ request, hostDigest, queue, signal }) : counted.onMain;
  return judgeCount({ ...counted, onMain }, request.policy);
}

/** A green that says nothing about its tests is compared with main, where its runner should have counted them. */
async function countedOrUsual(
  { request, candidate, queue, signal }: Question,
  run: CommandRun,
  onMain: number | null,
): Promise<Uncounted> {
  if (!isUncounted(run)) return { kind: 'usual' };
  return judgeUncounted({ request, run, hostDigest: candidate.hostDigest, queue, onMain, signal });
}

/**
 * Still under the lease: a red that does not repeat is the suite's, not the branch's. `lostCount`: what is red about the
 * first run is that it counted nothing, and main counts.
 */
async function runAgain(
  question: Question,
  first: CommandRun,
  { lostCount, weakening }: { readonly lostCount: boolean; readonly weakening: Weakening },
): Promise<FoundGreen | UnconfirmedRed | Refused | Deferred | ToolFailed> {
  const { request, candidate } = question;
  const forgotten = await remember(question, 'red');
  const second = await run(question, 'branch-again');
  const suspected = (run: CommandRun): UnconfirmedRed => ({
    kind: 'suspect',
    tested: candidate.tested,
    first,
    second: run,
    lostCount,
    ...digestsOf(candidate),
  });
  switch (second.kind) {
    case 'green': {
      if (lostCount && isUncounted(second.run)) return suspected(second.run);
      const warnings = [...forgotten, ...second.warnings, ...(await remember(question, 'flaky'))];
      if (request.policy.flaky === 'block') return { kind: 'flaky-blocked', first, second: second.run };
      const ran = second.run.tests?.total ?? null;
      const counted = await judgeFall(question, { ran, onMain: await onMainOf(question), weakening });
      if (counted.kind === 'tests-fell') return counted;
      warnings.push(...counted.warnings);
      warnings.push('flaky: red once and green once on the same tree');
      return { kind: 'green', evidence: { kind: 'flaky', first, run: second.run, ...digestsOf(candidate) }, warnings };
    }
    case 'red':
      return suspected(second.run);
    case 'infra':
    case 'tool-failed':
      return undecided(second, request);
  }
}

/** With the switch `infraRetry` off a deadline is the branch's fault. */
function undecided(
  retest: Extract<Retest, { readonly kind: 'infra' | 'tool-failed' }>,
  { switches }: ParsedMergeRequest,
): Refused | Deferred | ToolFailed {
  const { run, reason } = retest;
  return run?.ending === 'timed-out' && !switches.infraRetry ? { kind: 'timed-out', reason, run } : retest;
}

async function run(question: Question, purpose: 'branch' | 'branch-again', isSlotFresh = false): Promise<Retest> {
  const { request, candidate, signal, tests: memory } = question;
  const { git, slotDir, policy, logDir, onRun, gitTimeoutMs } = request;
  const fixed: RetestRequest = {
    git,
    slotDir,
    commit: candidate.tested,
    base: request.base,
    policy,
    purpose,
    treeKill: request.switches.treeKill,
    reaperLimitMs: request.reaperLimitMs,
    validateDeadline: request.validateDeadline,
    isolation: request.isolation,
    signal,
  };
  const retest: RetestRequest = {
    ...fixed,
    ...(logDir === undefined ? {} : { logDir }),
    ...(gitTimeoutMs === undefined ? {} : { gitTimeoutMs }),
    ...(onRun === undefined ? {} : { onRun }),
  };
  // The candidate stands in the slot already, fresh; only the second run needs it cleaned.
  const stands = isSlotFresh && retest.commit === candidate.tested;
  const ended = await (stands ? retestInSlot(retest, candidate.tree) : retestBranch(retest));
  return rememberTests({ memory, repo: request.repo, key: keyOf(candidate) }, ended);
}

async function recall(question: Question): Promise<{ readonly known: boolean; readonly warnings: readonly string[] }> {
  const { results, candidate } = question;
  if (results === undefined) return { known: false, warnings: [] };
  const answer = await callPort('results.lookup', () => results.lookup(keyOf(candidate)));
  const warnings = isCrashed(answer) ? [`results-unavailable: ${answer.error.message}`] : [];
  return { known: answer === 'green', warnings };
}

/** What goes wrong here costs a re-run later, never a verdict. */
async function remember(
  { results, candidate }: Question,
  outcome: 'green' | 'red' | 'flaky',
): Promise<readonly string[]> {
  if (results === undefined) return [];
  const answer = await callPort('results.record', () => results.record(keyOf(candidate), outcome));
  return isCrashed(answer) ? [`results-unrecorded: ${answer.error.message}`] : [];
}

const keyOf = ({ tree, gateDigest, envDigest }: CaughtUpCandidate): Parameters<ResultPort['lookup']>[0] => ({
  tree,
  gateDigest,
  envDigest,
});

const digestsOf = ({ gateDigest, hostDigest, envDigest }: CaughtUpCandidate): Digests => ({
  gateDigest,
  hostDigest,
  envDigest,
});
