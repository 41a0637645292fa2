/**
 * One agent job: a private clone, the agent's command, its commits home, its report stamped and kept; then one event. An
 * agent's word moves nothing: what it leaves is judged by the check that follows.
 */
import { randomBytes } from 'node:crypto';
import { resolveRetestTimeout } from '@gatehouse/merge-gate';
import type { AgentAnswer, AgentRole, Stage } from '@gatehouse/stage-engine';
import type { Assignment, Paper, WorkReport, WorkRun } from '../../agents/port.ts';
import { artefactOf, isRole, ROLES } from '../../agents/roles.ts';
import { GRACE_MS } from '../../agents/run-agent.ts';
import type { CheckPlaces } from '../../checks/port.ts';
import type { House } from '../../context.ts';
import type { Agent } from '../../policy/agent-policy.ts';
import type { GatePolicy } from '../../policy/resolve-policy.ts';
import type { ApplyOutcome, ClaimedJob, RepoRow, TaskRow, TransitionWrites } from '../../store/port.ts';
import type { MirrorAnswer } from '../../workspace/mirrors.ts';
import { branchNews } from '../branch-changes.ts';

interface Shift {
  readonly house: House;
  readonly job: ClaimedJob;
  readonly task: TaskRow;
  readonly repo: RepoRow;
  readonly role: AgentRole;
  readonly stage: Stage;
  readonly signal: AbortSignal;
}

/** What the work is done on. */
interface Ground {
  readonly git: Extract<MirrorAnswer, { kind: 'fresh' }>['git'];
  readonly main: string;
  /** Where the branch is at the forge; null: nowhere yet. */
  readonly head: string | null;
  readonly start: string;
  readonly policy: GatePolicy;
}

/** Runs the job to its event. `fenced` means that somebody else owns the task by now. */
export async function runAgentJob(house: House, job: ClaimedJob, signal: AbortSignal): Promise<ApplyOutcome> {
  const task = job.taskId === null ? null : await house.store.getTask(job.taskId);
  const repo = await house.store.getRepo(job.repoId);
  if (task === null || repo === null || !isRole(job.step)) return { kind: 'unknown-task' };
  const shift: Shift = { house, job, task, repo, role: job.step, stage: task.stage, signal };
  const mirror = await house.mirrors.refresh(repo, signal);
  if (mirror.kind !== 'fresh') return answer(shift, { kind: 'infra', reason: mirror.reason }, {});
  const main = mirror.heads[repo.main];
  if (main === undefined)
    return answer(shift, { kind: 'tool-failed', reason: `${repo.url} has no branch ${repo.main}` }, {});
  const head = mirror.heads[task.branch] ?? null;
  const news = branchNews(task, head);
  if (news !== null)
    return apply(shift, { kind: news, atMs: house.now() }, head === null ? {} : { task: { headSha: head } });
  // What was trusted when the change was judged deploys it, too: a branch has no say in its own deployment.
  const base = task.state.landed ? (task.baseSha ?? main) : main;
  const loaded = await house.loadPolicy({
    git: mirror.git,
    base,
    operatorFile: repo.policyPath ?? '',
    settings: house.settings,
    signal,
  });
  if (signal.aborted) return { kind: 'fenced' };
  if (loaded.kind !== 'policy') {
    const reason = loaded.kind === 'invalid' ? loaded.problems.join('; ') : loaded.reason;
    return answer(shift, { kind: 'tool-failed', reason: `the gate definition cannot be used: ${reason}` }, {});
  }
  const start = task.state.landed ? (task.landedSha ?? main) : (head ?? main);
  return work(shift, { git: mirror.git, main, head, start, policy: loaded.policy });
}

async function work(shift: Shift, ground: Ground): Promise<ApplyOutcome> {
  const { house, job, signal } = shift;
  const places = await house.places.open(job);
  const report = await reportOf(shift, ground, places);
  await house.places.close(places);
  if (report.run !== null) await record(shift, ground, report.run);
  if (signal.aborted) return { kind: 'fenced' };
  if (report.kind === 'idle') return answer(shift, { kind: 'done' }, {});
  if (report.kind !== 'worked') return answer(shift, { kind: report.kind, reason: report.reason }, {});
  return takeHome(shift, ground, report);
}

type Reported = WorkReport | { readonly kind: 'idle'; readonly run: null };

/** The operator's deploy command does the deployer's work; without one the agent does; without both nobody has to. */
async function reportOf(shift: Shift, ground: Ground, places: CheckPlaces): Promise<Reported> {
  const { house, task, role, stage, signal } = shift;
  const { policy, git, start } = ground;
  const command = deployCommand(policy, stage);
  if (role === 'deployer' && command !== '' && (stage === 'deploy-staging' || stage === 'deploy'))
    return house.workshop.deploy({
      git,
      stage,
      command,
      commit: start,
      key: task.key,
      env: policy.test?.env ?? [],
      places,
      timeoutMs: house.settings.ORCH_MERGE_RETEST_TIMEOUT_S,
      signal,
    });
  const agent = policy.agents[role];
  if (agent === null)
    return role === 'deployer'
      ? { kind: 'idle', run: null }
      : {
          kind: 'tool-failed',
          reason: `no agent is configured for ${role}: add \`agents\` to the operator's policy file`,
          run: null,
        };
  const timeoutMs = deadlineOf(house, agent);
  if (timeoutMs === null)
    return {
      kind: 'tool-failed',
      reason: "no deadline fits under the reaper's (ORCH_REAPER_MAX_RUNNING_S)",
      run: null,
    };
  const assignment = await assignmentFor(shift);
  return house.workshop.work({ assignment, agent, git, start, base: ground.main, places, timeoutMs, signal });
}

/** The command by which the operator or main deploys on this stage; empty: none. */
const deployCommand = ({ deploy }: GatePolicy, stage: Stage): string =>
  stage === 'deploy-staging' ? deploy.staging : stage === 'deploy' ? deploy.production : '';

/** An agent that the reaper would shoot before its own deadline would look like a crash. */
function deadlineOf({ settings, log }: House, agent: Agent): number | null {
  const times = resolveRetestTimeout({
    timeoutMs: agent.timeoutMs,
    graceMs: GRACE_MS,
    reaperLimitMs: settings.ORCH_REAPER_MAX_RUNNING_S,
    validate: settings.ORCH_MERGE_RETEST_TIMEOUT_VALIDATION_ENABLED,
  });
  if (times.kind === 'impossible') return null;
  if (times.kind === 'clamped') log.warn('the deadline of an agent was shortened', { reason: times.reason });
  return times.timeoutMs;
}

async function assignmentFor({ house, job, task, repo, role, stage }: Shift): Promise<Assignment> {
  const jobs = await house.store.listJobs({ taskId: task.id });
  const earlier = jobs.filter((one) => one.step === role && one.stage === stage && one.id <= job.id);
  const kept = await house.store.listArtefacts(task.id);
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
    brief: job.payload.brief ?? null,
    papers: [...newest].map(([name, path]) => ({ name, path })),
  };
}

/** The branch moves first, under the head that was recorded; only then does the store say that the work is done. */
async function takeHome(
  shift: Shift,
  { git, head, main }: Ground,
  { commit, paper }: Extract<WorkReport, { kind: 'worked' }>,
): Promise<ApplyOutcome> {
  const { house, task, repo, role, signal } = shift;
  const artefacts = paper === null ? [] : [stamped(shift, paper)];
  if (!ROLES[role].pushes) return answer(shift, { kind: 'done' }, { artefacts });
  const isOnMain = (await house.mirrors.contains(repo.id, { commit, head: main })) === 'yes';
  if (isOnMain && role === 'developer')
    return answer(shift, { kind: 'tool-failed', reason: `the developer committed nothing to ${task.branch}` }, {});
  if (isOnMain && head === null) return answer(shift, { kind: 'done' }, { artefacts });
  if (commit !== head) {
    const order = { git, url: repo.url, branch: task.branch, main: repo.main, commit, expected: head, signal };
    const pushed = await house.workshop.push(order);
    if (signal.aborted) return { kind: 'fenced' };
    if (pushed.kind === 'moved')
      return answer(shift, { kind: 'infra', reason: `somebody else pushed ${task.branch} meanwhile` }, {});
    if (pushed.kind === 'unpushed') return answer(shift, { kind: 'infra', reason: pushed.reason }, {});
  }
  return answer(shift, { kind: 'done' }, { task: { headSha: commit }, artefacts });
}

function stamped({ house, job, stage }: Shift, { name, path, digest, codeTree }: Paper) {
  return { stage, attempt: job.id, name, path, digest, codeTree, createdAt: house.now() };
}

async function record({ house, job, task, repo, role, stage }: Shift, { start }: Ground, run: WorkRun): Promise<void> {
  const purpose = artefactOf(stage) === null ? role : `${role} (${stage})`;
  const { verified, ...kept } = run;
  house.runs.commandEnded({ jobId: job.id, token: job.token }, { purpose, verified, level: run.level ?? 'unknown' });
  await house.store.recordRun(
    { ...kept, repoId: repo.id, taskId: task.id, purpose, commit: start, tree: null, tests: null },
    { jobId: job.id, token: job.token },
  );
}

const answer = (shift: Shift, told: AgentAnswer, writes: TransitionWrites): Promise<ApplyOutcome> =>
  apply(shift, { kind: 'agent-answered', step: shift.role, answer: told, atMs: shift.house.now() }, writes);

type EventOf = Parameters<House['store']['applyEvent']>[0]['event'];
function apply({ house, job, task }: Shift, event: EventOf, writes: TransitionWrites): Promise<ApplyOutcome> {
  return house.store.applyEvent({
    taskId: task.id,
    event,
    engine: house.engine,
    job: { jobId: job.id, token: job.token },
    writes,
    actor: house.workerId,
  });
}
