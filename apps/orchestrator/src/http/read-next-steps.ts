/** Reads what the next steps of a task are made of (next-steps.ts). */
import { recoverKey } from '@gatehouse/cancel';
import { changedPaths } from '@gatehouse/git';
import type { ServiceContext } from '../context.ts';
import { maskTexts, WITHHELD } from '../platform/mask-text.ts';
import { widerLimits } from '../policy/spending.ts';
import { papersDir } from '../policy/task-key.ts';
import type { GateRun, Job, Repository, Task } from '../store/port/index.ts';
import { lastAnswersOf } from './last-answers.ts';
import { type NextStep, nextSteps, type TaskFacts } from './next-steps.ts';
import { spendingOf } from './spending.ts';

type Reads = Pick<ServiceContext, 'mirrors' | 'now' | 'settings' | 'store' | 'workspaces'>;

const LIMITS = { runs: 20, commands: 60, jobs: 20 } as const;

export async function readNextSteps(
  service: Reads,
  stored: Task,
): Promise<{ readonly job: number | null; readonly steps: readonly NextStep[] }> {
  const { store } = service;
  const task = { ...stored, branch: recoverKey(stored.branch), key: recoverKey(stored.key) };
  const repo = await store.getRepo(task.repoId);
  const failed = task.status === 'blocked' ? await newestFail(service, task.id) : null;
  const job = await newestLogged(service, task.id, failed?.jobId ?? null);
  if (repo === null) return { job, steps: [] };
  const jobs = await store.listJobs({ taskId: task.id, live: true });
  const live = new Map(jobs.map((one) => [task.id, one]));
  const isAskedLater = (await lastAnswersOf(service, [task], live)).has(task.id);
  const facts: TaskFacts = {
    task,
    repo,
    job,
    canStop: service.settings.tracker.stopStatus,
    findings: failed?.findings ?? [],
    commands: failed === null ? [] : await commandsOf(service, task.id, failed),
    grant: isAskedLater || task.state.blocked?.reason === 'budget spent' ? await grantOf(service, task) : null,
    isAskedLater,
    papers: task.state.waiting?.cause === 'approval' ? await papersOf(service, repo, task) : null,
  };
  return { job, steps: nextSteps(facts) };
}

/** The newest job that printed something, none behind `upTo`: one that waits, or only reads what another one left, shows nothing. */
async function newestLogged({ store, workspaces }: Reads, taskId: string, upTo: number | null): Promise<number | null> {
  const jobs = (await store.listJobs({ taskId })).filter(({ id }) => upTo === null || id <= upTo);
  for (const job of jobs.slice(-LIMITS.jobs).reverse()) if (await hasLog(workspaces, job)) return job.id;
  return null;
}

const hasLog = async (workspaces: Reads['workspaces'], job: Job): Promise<boolean> =>
  (await workspaces.logs(job, 0)).some(({ text, skippedBytes }) => text !== '' || skippedBytes > 0);

/** Null: the newest verdict is none. A check that the profile leaves out was not asked. */
async function newestFail({ store }: Reads, taskId: string): Promise<GateRun | null> {
  const runs = await store.gateRuns({ taskId, limit: LIMITS.runs });
  const newest = runs.find(({ status, reason }) => !(status === 'skip' && reason === 'profile'));
  return newest?.status === 'fail' ? newest : null;
}

async function commandsOf({ store }: Reads, taskId: string, { jobId }: GateRun): Promise<TaskFacts['commands']> {
  const read = jobId === null ? [] : await store.commandRuns({ taskId, limit: LIMITS.commands });
  const its = read.filter((run) => run.jobId === jobId).toSorted((one, other) => one.id - other.id);
  const masked = await maskTexts(its.map(({ command }) => command));
  return its.map(({ purpose }, at) => ({ purpose, command: masked[at] ?? WITHHELD }));
}

async function grantOf({ store, now }: Reads, task: Task): Promise<string | null> {
  const { spent, limits } = spendingOf(task, await store.agentRuns(task.id), now());
  return widerLimits(spent, limits);
}

/** Null: main or the branch cannot be read. */
async function papersOf({ mirrors }: Reads, repo: Repository, task: Task): Promise<TaskFacts['papers']> {
  if (task.headSha === null) return [];
  if (repo.mainSha === null) return null;
  const git = { gitDir: mirrors.directory(repo.id) };
  const changed = await changedPaths({ repo: git, base: repo.mainSha, head: task.headSha });
  return changed.kind === 'listed' ? changed.paths.filter((path) => path.startsWith(`${papersDir(task.key)}/`)) : null;
}
