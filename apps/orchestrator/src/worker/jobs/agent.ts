/**
 * One agent job: a private clone, the agent's command, its commits imported, its report stamped and kept; then one event.
 * An agent's report moves no task: the check that follows judges what the agent left.
 */
import { randomBytes } from 'node:crypto';
import type { CommandRun } from '@gatehouse/gate-run';
import type { AgentAnswer, AgentRole, Stage } from '@gatehouse/stage-engine';
import type { AgentResult, Assignment, StageReport } from '../../agents/port.ts';
import { artefactOf, isRole, ROLES } from '../../agents/roles.ts';
import type { ServiceContext } from '../../context.ts';
import type { CheckWorkspace } from '../../platform/claim-directories.ts';
import type { GatePolicy } from '../../policy/resolve-policy.ts';
import { runLimits } from '../../policy/run-limits.ts';
import type { ApplyOutcome, ClaimedJob, Repository, Task, TransitionWrites } from '../../store/port/index.ts';
import type { FreshMirror } from '../../workspace/mirrors.ts';
import { budgetSpent, closeAgentRun, openAgentRun } from '../agent-budget.ts';
import { detectBranchChange } from '../branch-changes.ts';
import { inTurn, newerDeployment } from '../deployments.ts';
import { failedCheckOf } from '../failed-check.ts';
import { commandRecorder } from '../record-command.ts';

interface AgentJob {
  readonly service: ServiceContext;
  readonly job: ClaimedJob;
  readonly task: Task;
  readonly repo: Repository;
  readonly role: AgentRole;
  readonly stage: Stage;
  readonly signal: AbortSignal;
}

/** What the work is done on. */
interface StartPoint {
  readonly git: FreshMirror['git'];
  readonly main: string;
  /** Where the branch is at the forge; null: nowhere yet. */
  readonly head: string | null;
  readonly start: string;
  readonly policy: GatePolicy;
}

/** Runs the job to its event. `fenced` means that another worker owns the task by now. */
export async function runAgentJob(
  service: ServiceContext,
  job: ClaimedJob,
  signal: AbortSignal,
): Promise<ApplyOutcome> {
  const task = job.taskId === null ? null : await service.store.getTask(job.taskId);
  const repo = await service.store.getRepo(job.repoId);
  if (task === null || repo === null || !isRole(job.step)) return { kind: 'unknown-task' };
  const agentJob: AgentJob = { service, job, task, repo, role: job.step, stage: task.stage, signal };
  const mirror = await service.mirrors.refresh(repo, signal);
  if (mirror.kind !== 'fresh') return answer(agentJob, { kind: 'infra', reason: mirror.reason }, {});
  const main = mirror.heads[repo.main];
  if (main === undefined)
    return answer(agentJob, { kind: 'tool-failed', reason: `${repo.id} has no branch ${repo.main}` }, {});
  const head = mirror.heads[task.branch] ?? null;
  const change = detectBranchChange(task, head);
  if (change !== null)
    return apply(agentJob, { kind: change, atMs: service.now() }, head === null ? {} : { task: { headSha: head } });
  // What was trusted when the change was judged deploys it, too: a branch has no say in its own deployment.
  const base = task.state.landed ? (task.baseSha ?? main) : main;
  const loaded = await service.loadPolicy({
    git: mirror.git,
    base,
    operatorFile: repo.policyPath ?? '',
    settings: service.settings,
    signal,
  });
  if (signal.aborted) return { kind: 'fenced' };
  if (loaded.kind !== 'policy') {
    const reason = loaded.kind === 'invalid' ? loaded.problems.join('; ') : loaded.reason;
    return answer(agentJob, { kind: 'tool-failed', reason: `the gate definition cannot be used: ${reason}` }, {});
  }
  const start = task.state.landed ? (task.landedSha ?? main) : (head ?? main);
  const startPoint = { git: mirror.git, main, head, start, policy: loaded.policy };
  if (agentJob.role !== 'deployer') return runAgentWork(agentJob, startPoint);
  // Until it is on record, so that the next one knows of it.
  const done = await inTurn(service, agentJob, () => runAgentWork(agentJob, startPoint));
  return done ?? { kind: 'fenced' };
}

async function runAgentWork(agentJob: AgentJob, startPoint: StartPoint): Promise<ApplyOutcome> {
  const { service, job, signal } = agentJob;
  const workspace = await service.workspaces.create(job);
  const report = await reportOf(agentJob, startPoint, workspace);
  await service.workspaces.dispose(workspace);
  for (const warning of report.warnings ?? []) service.log.warn('a command of a task was warned about', { warning });
  if (report.run !== null) await record(agentJob, report.run);
  if (signal.aborted) return { kind: 'fenced' };
  if (report.kind === 'idle') return answer(agentJob, { kind: 'done' }, {});
  if (report.kind !== 'worked') return answer(agentJob, { kind: report.kind, reason: report.reason }, {});
  return publishResult(agentJob, startPoint, report);
}

type Reported =
  | AgentResult
  | { readonly kind: 'idle'; readonly run: null; readonly warnings?: undefined }
  | {
      readonly kind: 'budget-spent';
      readonly reason: string;
      readonly run: CommandRun | null;
      readonly warnings?: undefined;
    };

/** The operator's deploy command does the deployer's work; without one the agent does; without both there is none to do. */
async function reportOf(agentJob: AgentJob, startPoint: StartPoint, workspace: CheckWorkspace): Promise<Reported> {
  const { service, task, role, stage, signal } = agentJob;
  const { policy, git, start } = startPoint;
  const command = deployCommand(policy, stage);
  const agent = policy.agents[role];
  if (role === 'deployer' && (stage === 'deploy-staging' || stage === 'deploy') && (command !== '' || agent !== null)) {
    const order = { git, stage, commit: start, key: task.key, workspace, signal };
    const newer = stage === 'deploy' ? await newerDeployment(service, agentJob) : { kind: 'none' as const };
    if (newer.kind === 'newer') return service.agentRunner.reportDeployed(order, newer);
    if (newer.kind === 'unknown')
      return { kind: 'infra', reason: 'git cannot compare this commit with the one that is deployed', run: null };
    if (command !== '')
      return service.agentRunner.deploy({
        ...order,
        command,
        env: policy.test?.env ?? [],
        timeoutMs: service.settings.merge.retestTimeoutMs,
        limits: runLimits(service.settings, policy, 'deploy'),
      });
  }
  if (agent === null)
    return role === 'deployer'
      ? { kind: 'idle', run: null }
      : {
          kind: 'tool-failed',
          reason: `no agent is configured for ${role}: add \`agents\` to the operator's policy file`,
          run: null,
        };
  const { job } = agentJob;
  const { timeoutMs } = agent;
  const opened = await openAgentRun(service, { job, task, workspace, limits: policy.budget, timeoutMs });
  if (opened.kind === 'budget-spent') return { ...opened, run: null };
  const report = await service.agentRunner.run({
    assignment: await assignmentFor(agentJob),
    agent,
    git,
    start,
    base: startPoint.main,
    workspace,
    timeoutMs: opened.timeoutMs,
    limits: runLimits(service.settings, policy, 'agents'),
    signal,
  });
  const notReported = { kind: 'not-reported' } as const;
  await closeAgentRun(service, opened.id, report.run === null ? null : (report.usage ?? notReported));
  const isCut = opened.isLast && report.kind === 'tool-failed' && report.run?.ending === 'timed-out';
  if (!isCut) return report;
  const reason = budgetSpent(task, 'all the time they may, the last of them until it was ended');
  return { kind: 'budget-spent', reason, run: report.run };
}

/** The command by which the operator or main deploys on this stage; empty: none. */
const deployCommand = ({ deploy }: GatePolicy, stage: Stage): string =>
  stage === 'deploy-staging' ? deploy.staging : stage === 'deploy' ? deploy.production : '';

async function assignmentFor({ service, job, task, repo, role, stage }: AgentJob): Promise<Assignment> {
  const brief = job.payload.brief ?? null;
  const jobs = await service.store.listJobs({ taskId: task.id });
  const earlier = jobs.filter((one) => one.step === role && one.stage === stage && one.id <= job.id);
  const kept = await service.store.listArtefacts(task.id);
  const newest = new Map(kept.filter((one) => one.name.endsWith('.md')).map(({ name, path }) => [name, path]));
  return {
    repoId: repo.id,
    taskId: task.id,
    key: task.key,
    title: task.title,
    description: task.description,
    branch: task.branch,
    main: repo.main,
    role,
    stage,
    attempt: earlier.length,
    nonce: randomBytes(12).toString('hex'),
    brief,
    failed: await failedCheckOf(service, { taskId: task.id, brief }),
    refused: await refusedBefore(service, { taskId: task.id, role }),
    papers: [...newest].map(([name, path]) => ({ name, path })),
  };
}

/** Why the last work of this role was not taken. Another role has worked since: it was. */
async function refusedBefore(
  { store }: Pick<ServiceContext, 'store'>,
  { taskId, role }: { readonly taskId: string; readonly role: AgentRole },
): Promise<string | null> {
  const [last] = await store.searchEvents({ taskId, kind: 'agent-answered', limit: 1 });
  const { step, answer } = (last?.body ?? {}) as { readonly step?: unknown; readonly answer?: Partial<AgentAnswer> };
  if (step !== role || answer?.kind !== 'tool-failed' || !('reason' in answer)) return null;
  return answer.reason ?? null;
}

/** The branch moves first, under the head that was recorded; only then does the store say that the work is done. */
async function publishResult(
  agentJob: AgentJob,
  { git, head, main }: StartPoint,
  { commit, paper: report }: Extract<AgentResult, { kind: 'worked' }>,
): Promise<ApplyOutcome> {
  const { service, task, repo, role, signal } = agentJob;
  const artefacts = report === null ? [] : [stamped(agentJob, report)];
  if (!ROLES[role].pushes) return answer(agentJob, { kind: 'done' }, { artefacts });
  const isOnMain = (await service.mirrors.hasCommit(repo.id, { commit, head: main })) === 'yes';
  if (isOnMain && role === 'developer')
    return answer(agentJob, { kind: 'tool-failed', reason: `the developer committed nothing to ${task.branch}` }, {});
  if (isOnMain && head === null) return answer(agentJob, { kind: 'done' }, { artefacts });
  if (commit !== head) {
    const order = { git, branch: task.branch, main: repo.main, commit, expected: head, signal };
    const pushed = await service.forgeOf(repo).pushBranch(order);
    if (signal.aborted) return { kind: 'fenced' };
    if (pushed.kind === 'moved')
      return answer(agentJob, { kind: 'infra', reason: `somebody else pushed ${task.branch} meanwhile` }, {});
    if (pushed.kind === 'unpushed') return answer(agentJob, { kind: 'infra', reason: pushed.reason }, {});
  }
  return answer(agentJob, { kind: 'done' }, { task: { headSha: commit }, artefacts });
}

function stamped({ service, job, stage }: AgentJob, { name, path, digest, codeTree }: StageReport) {
  return { stage, attempt: job.id, name, path, digest, codeTree, createdAt: service.now() };
}

/** Under the name of the work, not of the command. */
async function record({ service, job, task, repo, role, stage }: AgentJob, run: CommandRun): Promise<void> {
  const purpose = artefactOf(stage) === null ? role : `${role} (${stage})`;
  const token = { jobId: job.id, token: job.token };
  await commandRecorder(service, token, { repoId: repo.id, taskId: task.id })({ ...run, purpose });
}

const answer = (agentJob: AgentJob, agentAnswer: AgentAnswer, writes: TransitionWrites): Promise<ApplyOutcome> =>
  apply(
    agentJob,
    { kind: 'agent-answered', step: agentJob.role, answer: agentAnswer, atMs: agentJob.service.now() },
    writes,
  );

type AppliedEvent = Parameters<ServiceContext['store']['applyEvent']>[0]['event'];
function apply({ service, job, task }: AgentJob, event: AppliedEvent, writes: TransitionWrites): Promise<ApplyOutcome> {
  return service.store.applyEvent({
    taskId: task.id,
    event,
    engine: service.engine,
    job: { jobId: job.id, token: job.token },
    writes,
    actor: service.workerId,
  });
}
