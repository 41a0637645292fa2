/** One gate job: bring the mirror up to date, ask the named check, and give its verdict to the engine in one transaction. */
import { isCheckName } from '@gatehouse/stage-engine';
import { type CheckVerdict, invariant } from '@gatehouse/verdict';
import { breakRow, reportTrouble, troubleMet } from '../../breakers/report.ts';
import type { Check, CheckContext, CheckSubject, RunOfCheck } from '../../checks/port.ts';
import { configDigest } from '../../checks/security-check.ts';
import { baselineOn, leaseOn, resultsOn } from '../../checks/store-ports.ts';
import { defer, error } from '../../checks/verdicts.ts';
import type { House } from '../../context.ts';
import type { GatePolicy } from '../../policy/resolve-policy.ts';
import type { ApplyOutcome, ClaimedJob, RepoRow, TaskRow, TransitionWrites } from '../../store/port.ts';
import type { Fresh } from '../../workspace/mirrors.ts';
import { inLineFor } from '../base-run-queue.ts';
import { branchNews } from '../branch-changes.ts';
import { recorderFor } from '../record-command.ts';
import { workOf } from '../task-evidence.ts';

interface Sitting {
  readonly house: House;
  readonly job: ClaimedJob;
  readonly task: TaskRow;
  readonly repo: RepoRow;
  readonly signal: AbortSignal;
  /** The commands that were run for it, in order. */
  readonly runs: RunOfCheck[];
}

/** `put-off`: the machine was in the way, not the task; the job waits, and no attempt is counted. */
export type GateEnd = ApplyOutcome | { readonly kind: 'put-off' };

/** Runs the job to its event. An outcome `fenced` means that somebody else owns the task by now. */
export async function runGateJob(house: House, job: ClaimedJob, signal: AbortSignal): Promise<GateEnd> {
  const task = job.taskId === null ? null : await house.store.getTask(job.taskId);
  const repo = await house.store.getRepo(job.repoId);
  if (task === null || repo === null) return { kind: 'unknown-task' };
  const sitting: Sitting = { house, job, task, repo, signal, runs: [] };
  const mirror = await house.mirrors.refresh(repo, signal);
  if (mirror.kind !== 'fresh') return answer(sitting, defer('infra', mirror.reason, mirror.trouble), { isForge: true });
  if (mirror.broken.includes(task.branch)) return waitForObjects(sitting);
  const head = mirror.heads[task.branch];
  const main = mirror.heads[repo.main];
  const news = branchNews(task, head ?? null);
  if (news !== null)
    return apply(sitting, { kind: news, atMs: house.now() }, head === undefined ? {} : { task: { headSha: head } });
  if (main === undefined) return answer(sitting, error('tool-failed', `${repo.url} has no branch ${repo.main}`));
  return judge(sitting, mirror, subjectOf(sitting, head ?? task.headSha ?? main, main));
}

/** Nothing can be said about the branch, and that it is gone least of all: asked again, without an attempt. */
async function waitForObjects({ house, job }: Sitting): Promise<GateEnd> {
  const token = { jobId: job.id, token: job.token };
  const released = await house.store.releaseJob(token, { atMs: house.now(), delayMs: house.settings.ORCH_POLL_S });
  return released === 'fenced' ? { kind: 'fenced' } : { kind: 'put-off' };
}

/** Checks about the very commits that the merge check combined. */
const COMBINED: readonly string[] = ['check_coverage_gate', 'check_image_freshness', 'check_deploy_status'];

function subjectOf({ job, task, repo }: Sitting, head: string, main: string): CheckSubject {
  const named = { repo: repo.id, holder: task.id, branch: task.branch, main: repo.main, head };
  if (!COMBINED.includes(job.step) || task.baseSha === null) return { ...named, base: main };
  return { ...named, base: task.baseSha, ...(task.testedSha === null ? {} : { tested: task.testedSha }) };
}

async function judge(sitting: Sitting, mirror: Fresh, subject: CheckSubject): Promise<GateEnd> {
  const { house, job, repo, signal } = sitting;
  const check = house.checkNamed(job.step);
  if (check === null) return answer(sitting, error('tool-failed', `no check is called ${job.step}`));
  const started = house.now();
  const loaded = await house.loadPolicy({
    git: mirror.git,
    base: subject.base,
    operatorFile: repo.policyPath ?? '',
    settings: house.settings,
    signal,
  });
  // What an abort cut off says nothing: the claim goes back, or somebody else owns the task.
  if (signal.aborted) return { kind: 'fenced' };
  if (loaded.kind !== 'policy') {
    const reason = loaded.kind === 'invalid' ? loaded.problems.join('; ') : loaded.reason;
    return answer(sitting, error('tool-failed', `the gate definition cannot be used: ${reason}`));
  }
  const context = await contextFor(sitting, mirror, subject, loaded.policy);
  const digest = `${loaded.policy.digest}:${configDigest(context)}`;
  const reused = job.step === 'check_security_gate' ? await earlierPass(sitting, subject, digest) : null;
  const verdict = reused ?? (await inOwnSlot(house, check, context));
  if (signal.aborted) return { kind: 'fenced' };
  house.metrics.check(job.step, verdict, house.now() - started);
  const commits = { base: subject.base, head: subject.head, ...verdict.commits };
  const tested = commits.tested ?? subject.tested ?? null;
  const gateRun = {
    check: job.step,
    baseSha: commits.base,
    headSha: commits.head,
    testedSha: tested,
    tree: context.work?.codeTree ?? null,
    status: verdict.status,
    cause: 'cause' in verdict ? verdict.cause : null,
    reason: verdict.reason,
    findings: verdict.findings,
    warnings: verdict.warnings,
    artefact: verdict.artefact ?? null,
    durationMs: house.now() - started,
    gateDigest: digest,
    createdAt: house.now(),
  };
  const artefacts = await house.places.reports(context.places, {
    stage: 'deploy-staging',
    attempt: job.id,
    atMs: house.now(),
  });
  const isKnown = sitting.task.headSha !== null || mirror.heads[subject.branch] !== undefined;
  const merged = job.step === 'check_branch_mergeable' ? { testedSha: verdict.status === 'pass' ? tested : null } : {};
  const writes: TransitionWrites = {
    task: { baseSha: commits.base, ...(isKnown ? { headSha: commits.head } : {}), ...merged },
    gateRuns: [gateRun],
    artefacts,
  };
  return answer(sitting, verdict, { writes });
}

async function inOwnSlot({ places }: House, check: Check, context: CheckContext): Promise<CheckVerdict> {
  try {
    return await check(context);
  } finally {
    await places.close(context.places);
  }
}

/** A pass that was recorded for the same commits under the same definition stands. */
async function earlierPass(
  { house, task, job }: Sitting,
  subject: CheckSubject,
  digest: string,
): Promise<CheckVerdict | null> {
  const [last] = await house.store.gateRuns({ taskId: task.id, check: job.step, limit: 1 });
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
  sitting: Sitting,
  mirror: Fresh,
  subject: CheckSubject,
  policy: GatePolicy,
): Promise<CheckContext> {
  const { house, job, task, repo, signal } = sitting;
  const token = { jobId: job.id, token: job.token };
  const places = await house.places.open(job);
  const work = await workOf(sitting, mirror.git, subject.head);
  const record = recorderFor(house, token, { repoId: repo.id, taskId: task.id });
  return {
    allowGateChange: task.state.overrides.some(({ check }) => check === 'check_branch_mergeable'),
    ...(work === null ? {} : { work }),
    subject,
    git: mirror.git,
    policy,
    settings: house.settings,
    places,
    signal,
    ports: {
      lease: leaseOn(house.store, {
        now: house.now,
        ttlMs: house.settings.ORCH_MERGE_LEASE_TTL_S,
        retryAfterMs: house.settings.ORCH_POLL_S,
        engine: house.engine,
        job: token,
      }),
      results: resultsOn(house.store, house.now),
      base: inLineFor(house, token),
      baseline: (commandHash) =>
        baselineOn(house.store, { repoId: repo.id, branch: repo.main, metric: 'lines', commandHash }, house.now),
      feed: house.feed,
      record: async (run) => {
        sitting.runs.push(run);
        await record(run);
      },
    },
  };
}

interface Answering {
  readonly writes?: TransitionWrites;
  /** The verdict is about the way to the forge. */
  readonly isForge?: boolean;
}

async function answer(sitting: Sitting, verdict: CheckVerdict, more: Answering = {}): Promise<GateEnd> {
  const { house, job, task, repo, runs } = sitting;
  const { step } = job;
  const { writes = {}, isForge = false } = more;
  invariant(isCheckName(step), `a gate job runs a check, not ${step}`);
  const asked = { step, verdict, runs, isForge };
  const met = believesTrouble(sitting) ? troubleMet(asked) : null;
  if (met === null) await breakRow(house, repo.id, asked);
  else if ((await reportTrouble(house, { repoId: repo.id, taskId: task.id }, met)) === 'put-off')
    return putOff(sitting, writes);
  const { status, reason, findings, commits } = verdict;
  const about = commits === undefined ? {} : { commits: { base: commits.base } };
  const told = { status, reason, findings, ...about, ...('cause' in verdict ? { cause: verdict.cause } : {}) };
  return apply(sitting, { kind: 'check-answered', check: step, verdict: told, atMs: house.now() }, writes);
}

/** With the switch off trouble of the merge check is the branch's own, as before. */
const believesTrouble = ({ house, job }: Sitting): boolean =>
  job.step !== 'check_branch_mergeable' || house.settings.ORCH_MERGE_INFRA_RETRY_ENABLED;

/** What was met is on record; the job waits behind the breaker as if it had not been claimed. */
async function putOff({ house, job, task }: Sitting, { gateRuns = [] }: TransitionWrites): Promise<GateEnd> {
  const token = { jobId: job.id, token: job.token };
  const released = await house.store.releaseJob(token, { atMs: house.now(), delayMs: 0 });
  if (released === 'fenced') return { kind: 'fenced' };
  for (const run of gateRuns) await house.store.recordGateRun(task.id, run);
  return { kind: 'put-off' };
}

type EventOf = Parameters<House['store']['applyEvent']>[0]['event'];
function apply({ house, job, task }: Sitting, event: EventOf, writes: TransitionWrites): Promise<ApplyOutcome> {
  const token = { jobId: job.id, token: job.token };
  return house.store.applyEvent({
    taskId: task.id,
    event,
    engine: house.engine,
    job: token,
    writes,
    actor: house.workerId,
  });
}
