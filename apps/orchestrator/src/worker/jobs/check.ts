/** One gate job: bring the mirror up to date, ask the named check, and give its verdict to the engine in one transaction. */
import type { CommandRun } from '@gatehouse/gate-run';
import { isCheckName } from '@gatehouse/stage-engine';
import { type CheckVerdict, invariant } from '@gatehouse/verdict';
import { classifyFault, reportFault, resetStreak } from '../../breakers/report.ts';
import type { CheckContext, CheckSubject } from '../../checks/port.ts';
import { definitionOf } from '../../checks/registry.ts';
import { configDigest } from '../../checks/security-check.ts';
import { defer, error } from '../../checks/verdicts.ts';
import type { ServiceContext } from '../../context.ts';
import { TEST_RUN } from '../../platform/claim-directories.ts';
import type { GatePolicy } from '../../policy/resolve-policy.ts';
import { holderOf, isWindowOpen, untestedAlone } from '../../store/candidate.ts';
import type {
  ApplyOutcome,
  ClaimedJob,
  NewGateRun,
  Repository,
  Task,
  TransitionWrites,
} from '../../store/port/index.ts';
import type { FreshMirror } from '../../workspace/mirrors.ts';
import { withHeartbeat } from '../base-run-queue.ts';
import { detectBranchChange, isBoundToHead } from '../branch-changes.ts';
import { type IsolationTrial, triedPolicy } from '../isolation-trial.ts';
import { isGated, isLandedOutside, tellLandedOutside } from '../landed-outside.ts';
import { commandRecorder } from '../record-command.ts';
import { meetRepository } from '../repository-look.ts';
import { isBaseless, type RestingRuns, restingRuns } from '../resting-runs.ts';
import { baselinePort, certificatePort, leasePort, resultPort, testMemoryPort } from '../store-ports.ts';
import { evidenceOf } from '../task-evidence.ts';

interface CheckRun {
  readonly service: ServiceContext;
  readonly job: ClaimedJob;
  readonly task: Task;
  readonly repo: Repository;
  readonly signal: AbortSignal;
  /** The commands that were run for it, in order. */
  readonly runs: CommandRun[];
  readonly rests: RestingRuns;
}

/** `put-off`: the machine was in the way, not the task; the job waits, and no attempt is counted. */
export type CheckJobEnd = ApplyOutcome | { readonly kind: 'put-off' };

/** Runs the job to its event. An outcome `fenced` means that another worker owns the task by now. */
export async function runCheckJob(service: ServiceContext, job: ClaimedJob, signal: AbortSignal): Promise<CheckJobEnd> {
  const task = job.taskId === null ? null : await service.store.getTask(job.taskId);
  const repo = await service.store.getRepo(job.repoId);
  if (task === null || repo === null) return { kind: 'unknown-task' };
  const checkRun: CheckRun = { service, job, task, repo, signal, runs: [], rests: restingRuns() };
  const mirror = await service.mirrors.refresh(repo, signal);
  if (mirror.kind !== 'fresh' && mirror.isForeign === true) return putOff(checkRun);
  if (mirror.kind !== 'fresh' && (await isInTheWay(checkRun))) return putOff(checkRun);
  if (mirror.kind !== 'fresh')
    return recordVerdict(checkRun, defer('infra', mirror.reason, mirror.trouble), { isForge: true });
  if (mirror.broken.includes(task.branch)) return putOff(checkRun);
  const head = mirror.heads[task.branch];
  const main = mirror.heads[repo.main];
  const outside = main === undefined ? 'no' : await isLandedOutside(service, task, main);
  if (outside === 'unknown') return putOff(checkRun);
  if (outside === 'yes' && main !== undefined) {
    const found = { repo, task, head: main, job: { jobId: job.id, token: job.token } };
    return (await tellLandedOutside(service, found)) ?? putOff(checkRun);
  }
  // Left with its window open by an earlier version: nothing is tested before it is known whether that commit lands.
  if (isWindowOpen(task) && isGated(task)) {
    const answer = { kind: 'infra', reason: 'the task had left its landing' } as const;
    return apply(checkRun, { kind: 'landing-answered', answer, atMs: service.now() }, {});
  }
  const change = detectBranchChange(task, head ?? null);
  if (change === 'head-moved' && isBoundToHead(task)) return putOff(checkRun);
  if (change === 'branch-gone' && (await isInTheWay(checkRun))) return putOff(checkRun);
  if (change !== null)
    return apply(
      checkRun,
      { kind: change, atMs: service.now() },
      head === undefined ? {} : { task: { headSha: head } },
    );
  if (main === undefined) return recordVerdict(checkRun, error('tool-failed', `${repo.id} has no branch ${repo.main}`));
  return evaluate(checkRun, mirror, subjectOf(checkRun, head ?? task.headSha ?? main, main));
}

const isInTheWay = async ({ service, repo, signal }: CheckRun): Promise<boolean> =>
  (await meetRepository(service, repo, signal)) === 'in-the-way';

/** Nothing is known about the branch, not even that it is gone: asked again, without an attempt. */
async function putOff({ service, job }: CheckRun): Promise<CheckJobEnd> {
  const token = { jobId: job.id, token: job.token };
  const released = await service.store.releaseJob(token, {
    atMs: service.now(),
    delayMs: service.settings.repositories.pollMs,
  });
  return released === 'fenced' ? { kind: 'fenced' } : { kind: 'put-off' };
}

function subjectOf({ job, task, repo }: CheckRun, head: string, main: string): CheckSubject {
  const named = {
    repo: repo.id,
    holder: holderOf(untestedAlone(task, main)),
    branch: task.branch,
    main: repo.main,
    head,
  };
  if (definitionOf(job.step)?.subject !== 'combined' || task.baseSha === null) return { ...named, base: main };
  return { ...named, base: task.baseSha, ...(task.testedSha === null ? {} : { tested: task.testedSha }) };
}

async function evaluate(checkRun: CheckRun, mirror: FreshMirror, subject: CheckSubject): Promise<CheckJobEnd> {
  const { service, job, repo, signal } = checkRun;
  const check = service.checkNamed(job.step);
  if (check === null) return recordVerdict(checkRun, error('tool-failed', `no check is called ${job.step}`));
  const started = service.now();
  const loaded = await service.loadPolicy({
    git: mirror.git,
    base: subject.base,
    operatorFile: repo.policyPath ?? '',
    settings: service.settings,
    signal,
  });
  // What an abort cut off says nothing: the claim goes back, or another worker owns the task.
  if (signal.aborted) return { kind: 'fenced' };
  if (loaded.kind !== 'policy') {
    const reason = loaded.kind === 'invalid' ? loaded.problems.join('; ') : loaded.reason;
    const verdict = error('tool-failed', `the gate definition cannot be used: ${reason}`);
    return recordVerdict(checkRun, verdict, { writes: { gateRuns: [untried(checkRun, verdict, subject)] } });
  }
  const policy = await policyFor(checkRun, { git: mirror.git, base: subject.base, policy: loaded.policy });
  if (signal.aborted) return { kind: 'fenced' };
  const context = await contextFor(checkRun, mirror, subject, policy);
  const digest = `${policy.digest}:${configDigest(context)}`;
  const definition = definitionOf(job.step);
  const answered = await inOwnSlot(service, context, async () => {
    const reused = definition?.reusesPass === true ? await earlierPass(checkRun, subject, digest) : null;
    return reused ?? (await check(context));
  });
  const basisRun = checkRun.rests.under(answered);
  const verdict = isBaseless(answered, basisRun) ? UNRECORDED : answered;
  if (signal.aborted) return { kind: 'fenced' };
  service.metrics.check(job.step, verdict, service.now() - started);
  const commits = { base: subject.base, head: subject.head, ...verdict.commits };
  const tested = commits.tested ?? subject.tested ?? null;
  const gateRun = {
    check: job.step,
    baseSha: commits.base,
    headSha: commits.head,
    testedSha: tested,
    tree: context.evidence?.codeTree ?? null,
    status: verdict.status,
    cause: 'cause' in verdict ? verdict.cause : null,
    reason: verdict.reason,
    findings: verdict.findings,
    warnings: verdict.warnings,
    artefact: verdict.artefact ?? null,
    durationMs: service.now() - started,
    gateDigest: digest,
    createdAt: service.now(),
    basis: verdict.basis ?? null,
    basisRun,
  };
  const artefacts = await service.workspaces.reports(context.workspace, {
    stage: 'deploy-staging',
    attempt: job.id,
    atMs: service.now(),
  });
  const isKnown = checkRun.task.headSha !== null || mirror.heads[subject.branch] !== undefined;
  const merged = definition?.combines === true ? { testedSha: verdict.status === 'pass' ? tested : null } : {};
  const writes: TransitionWrites = {
    task: { baseSha: commits.base, ...(isKnown ? { headSha: commits.head } : {}), ...merged },
    gateRuns: [gateRun],
    artefacts,
  };
  return recordVerdict(checkRun, verdict, { writes });
}

/** A check that runs the repository's commands runs them as main was shown to be green. */
const policyFor = (
  { service, job, repo, signal }: CheckRun,
  main: Pick<IsolationTrial, 'git' | 'base' | 'policy'>,
): Promise<GatePolicy> =>
  definitionOf(job.step)?.workload === undefined
    ? Promise.resolve(main.policy)
    : triedPolicy(service, { job, repo, signal, ...main });

/** The answer of a check that did not run. */
const untried = ({ service, job }: CheckRun, verdict: CheckVerdict, { base, head }: CheckSubject): NewGateRun => ({
  check: job.step,
  baseSha: base,
  headSha: head,
  testedSha: null,
  tree: null,
  status: verdict.status,
  cause: 'cause' in verdict ? verdict.cause : null,
  reason: verdict.reason,
  findings: verdict.findings,
  warnings: verdict.warnings,
  artefact: null,
  durationMs: 0,
  gateDigest: null,
  createdAt: service.now(),
  basis: null,
  basisRun: null,
});

/** A green without the record of its run is not landed, so it is none; the disk may be full. */
const UNRECORDED = defer('infra', 'the run that was green could not be recorded, so nothing rests on it');

/** Whatever comes of it, the slot goes with the job. */
async function inOwnSlot(
  { workspaces }: Pick<ServiceContext, 'workspaces'>,
  context: CheckContext,
  answer: () => Promise<CheckVerdict>,
): Promise<CheckVerdict> {
  try {
    return await answer();
  } finally {
    await workspaces.dispose(context.workspace);
  }
}

/** A pass that was recorded for the same commits under the same definition remains valid. */
async function earlierPass(
  { service, task, job }: CheckRun,
  subject: CheckSubject,
  digest: string,
): Promise<CheckVerdict | null> {
  const [last] = await service.store.gateRuns({ taskId: task.id, check: job.step, limit: 1 });
  if (
    last?.status !== 'pass' ||
    last.baseSha !== subject.base ||
    last.headSha !== subject.head ||
    last.gateDigest !== digest
  )
    return null;
  return {
    status: 'pass',
    reason: last.reason,
    findings: last.findings,
    warnings: last.warnings,
    commits: { base: subject.base, head: subject.head },
    ...(last.artefact === null ? {} : { artefact: last.artefact }),
  };
}

async function contextFor(
  checkRun: CheckRun,
  mirror: FreshMirror,
  subject: CheckSubject,
  policy: GatePolicy,
): Promise<CheckContext> {
  const { service, job, task, repo, signal } = checkRun;
  const token = { jobId: job.id, token: job.token };
  const workspace = await service.workspaces.create(job);
  const evidence = await evidenceOf(checkRun, mirror.git, subject.head);
  const record = commandRecorder(service, token, { repoId: repo.id, taskId: task.id });
  return {
    allowGateChange: task.state.overrides.some(({ check }) => check === job.step),
    ...(evidence === null ? {} : { evidence }),
    subject,
    git: mirror.git,
    policy,
    settings: service.settings,
    workspace,
    signal,
    ports: {
      lease: leasePort(service.store, {
        now: service.now,
        ttlMs: service.settings.merge.leaseTtlMs,
        retryAfterMs: service.settings.repositories.pollMs,
        engine: service.engine,
        job: token,
      }),
      results: resultPort(service.store, service.now, checkRun.rests),
      tests: testMemoryPort(service.store, service.now),
      certificates: certificatePort(service.store, service.now),
      base: withHeartbeat(service, token),
      baseline: (commandHash) =>
        baselinePort(service.store, { repoId: repo.id, branch: repo.main, metric: 'lines', commandHash }, service.now),
      testRun: () => storedText(service, task.id, TEST_RUN),
      feed: service.feed,
      reported: (commit) => reportedBy(service.forgeOf(repo), { commit, main: repo.main, signal }),
      record: async (run) => {
        checkRun.runs.push(run);
        checkRun.rests.recorded(run, await record(run));
      },
    },
  };
}

async function storedText({ store, workspaces }: ServiceContext, taskId: string, name: string): Promise<string | null> {
  const kept = await store.findArtefact({ taskId, name });
  return kept === null ? null : workspaces.readStoredReport(kept);
}

type Forge = ReturnType<ServiceContext['forgeOf']>;

/** Of a forge that tells only what is required, green says nothing: it may require nothing. */
async function reportedBy(
  forge: Forge,
  of: Parameters<Forge['requiredChecks']>[0],
): Promise<Awaited<ReturnType<NonNullable<CheckContext['ports']['reported']>>>> {
  if (forge.reportedChecks !== undefined) return forge.reportedChecks(of);
  const required = await forge.requiredChecks(of);
  return required.kind === 'green' ? { kind: 'none' } : required;
}

interface VerdictRecord {
  readonly writes?: TransitionWrites;
  /** The verdict is about the way to the forge. */
  readonly isForge?: boolean;
}

async function recordVerdict(
  checkRun: CheckRun,
  verdict: CheckVerdict,
  more: VerdictRecord = {},
): Promise<CheckJobEnd> {
  const { service, job, task, repo, runs } = checkRun;
  const { step } = job;
  const { writes = {}, isForge = false } = more;
  invariant(isCheckName(step), `a gate job runs a check, not ${step}`);
  const asked = { step, verdict, runs, isForge };
  const fault = trustsFault(checkRun) ? classifyFault(asked) : null;
  if (fault === null) await resetStreak(service, repo.id, asked);
  else if ((await reportFault(service, { repoId: repo.id, taskId: task.id }, fault)) === 'put-off')
    return postpone(checkRun, writes);
  const { status, reason, findings, warnings, commits } = verdict;
  const about = commits === undefined ? {} : { commits: { base: commits.base } };
  const why = 'cause' in verdict ? { cause: verdict.cause } : 'code' in verdict ? { code: verdict.code } : {};
  const told = warnings.length === 0 ? {} : { warnings };
  const reported = { status, reason, findings, ...told, ...about, ...why };
  return apply(checkRun, { kind: 'check-answered', check: step, verdict: reported, atMs: service.now() }, writes);
}

/** With the switch off a machine fault of the merge check counts against the branch, as before. */
const trustsFault = ({ service, job }: CheckRun): boolean =>
  definitionOf(job.step)?.gate !== 'merge' || service.settings.merge.infraRetry;

/** The fault is on record; the job waits behind the breaker as if it had not been claimed. */
async function postpone({ service, job, task }: CheckRun, { gateRuns = [] }: TransitionWrites): Promise<CheckJobEnd> {
  const token = { jobId: job.id, token: job.token };
  const released = await service.store.releaseJob(token, { atMs: service.now(), delayMs: 0 });
  if (released === 'fenced') return { kind: 'fenced' };
  for (const run of gateRuns) await service.store.recordGateRun(task.id, run);
  return { kind: 'put-off' };
}

type AppliedVerdict = Parameters<ServiceContext['store']['applyEvent']>[0]['event'];
function apply(
  { service, job, task }: CheckRun,
  event: AppliedVerdict,
  writes: TransitionWrites,
): Promise<ApplyOutcome> {
  const token = { jobId: job.id, token: job.token };
  return service.store.applyEvent({
    taskId: task.id,
    event,
    engine: service.engine,
    job: token,
    writes,
    actor: service.workerId,
  });
}
