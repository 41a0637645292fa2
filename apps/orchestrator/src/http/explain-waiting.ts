/**
 * Why a task does not move, and what its people should know meanwhile. Every place that shows a task asks `explainTask`: the
 * task's own page, the list, the queue and the board.
 */
import { isTerminal } from '@gatehouse/stage-engine';
import type { ServiceContext } from '../context.ts';
import { describeForeseenConflict, describeMissingObjects } from '../platform/describe-git-failure.ts';
import { type ExplainedRule, rulesFor } from '../store/claim-rules.ts';
import type { Breaker, Job, JobKind, Repository, Task } from '../store/port/index.ts';
import { isPausedByService } from '../store/service-pause.ts';
import { describeStandstill } from './standstill.ts';

export interface QueueSnapshot {
  readonly settings: {
    readonly limits: { readonly agents: number; readonly gateRuns: number; readonly standstillMs: number };
    readonly repositories: { readonly serialGate: boolean };
  };
  readonly nowMs: number;
  readonly repos: ReadonlyMap<string, Repository>;
  /** Every task that is not over; only a serial gate asks for the others. */
  readonly tasks: readonly Task[];
  /** The ready or leased job of every task that is explained, by its id. */
  readonly jobs: ReadonlyMap<string, Job>;
  /** How many jobs of each kind run, over all tasks. */
  readonly leased: { readonly [Kind in JobKind]?: number };
  /** Unfinished tasks that a task waits for, by its id. */
  readonly dependencies: ReadonlyMap<string, readonly string[]>;
  /** Cancelled tasks that a task waited for, by its id. */
  readonly cancelledDependencies: ReadonlyMap<string, readonly string[]>;
  /** What the last merge check of a task warned of, by its id. */
  readonly mergeWarnings: ReadonlyMap<string, readonly string[]>;
  /** What was last answered about a task that is asked again later, by its id. */
  readonly lastAnswers: ReadonlyMap<string, LastAnswer>;
  /** Who may move main now, by repository; only where somebody waits for a turn. */
  readonly movers: ReadonlyMap<string, Mover>;
  /** Those of this machine that are open. */
  readonly breakers: readonly Breaker[];
  /** Branches that the forge of a repository has lost objects of. */
  readonly broken: (repoId: string) => readonly string[];
  /** The conflict with main that a waiting task's branch would meet; null: none is known. */
  readonly foreseen: ServiceContext['foreseenConflicts']['of'];
  /** What the running job of a task waits for by itself; null: it works. */
  readonly awaitedBy: ServiceContext['activeClaims']['awaitedBy'];
  /** Why no job is begun at all; null: there is enough disk space. */
  readonly diskShortage: string | null;
}

/** Who holds the merge lease of a repository. */
export interface Mover {
  readonly taskId: string;
  /** What people know it by: the number of its pull request, else its id. */
  readonly name: string;
}

export interface LastAnswer {
  readonly reason: string;
  /** Which try the next one is, of how many before a person is asked; null: they are not counted. */
  readonly nextTry: { readonly number: number; readonly of: number } | null;
}

export interface Explanation {
  /** Why the task waits, is blocked or has ended, in one line; null: it runs, or is next. The whole story is in its verdicts. */
  readonly reason: string | null;
  /** The rule of the claim that the reason is about; null: no rule holds it back. What is decided by it is decided by this, never by words. */
  readonly heldBy: Holder | null;
  /** What holds nothing up, and what its people should know all the same. */
  readonly warnings: readonly string[];
}

/** A rule of the claim by its name; a pause that no person asked for has one of its own. */
export type Holder = ExplainedRule | 'service-pause';

/** Why a task does not move: in words, and the rule behind them where there is one. */
interface Hold {
  readonly words: string;
  readonly heldBy: Holder | null;
}

const LONGEST = 300;

/** The one explanation of a task, whoever asks. */
export function explainTask(task: Task, snapshot: QueueSnapshot): Explanation {
  const hold = explainStatus(task, snapshot);
  const standstill = standstillOf(task, snapshot);
  const warnings = [...(standstill === null ? [] : [standstill]), ...warningsOf(task, snapshot)];
  const reason = hold === null ? null : firstLine(hold.words);
  return { reason, heldBy: hold?.heldBy ?? null, warnings: warnings.map(firstLine) };
}

/** What should have happened to the task by now and is not explained; null: nothing. */
export function standstillOf(task: Task, snapshot: QueueSnapshot): string | null {
  const { nowMs, settings, jobs } = snapshot;
  const reason = explainStatus(task, snapshot)?.words ?? null;
  return describeStandstill(task, { nowMs, afterMs: settings.limits.standstillMs, job: jobs.get(task.id), reason });
}

function explainStatus(task: Task, snapshot: QueueSnapshot): Hold | null {
  const words = explainState(task, snapshot);
  return words === null ? explainWaiting(task, snapshot) : { words, heldBy: null };
}

/** Null: nothing but the claim could hold it back. */
function explainState(task: Task, snapshot: QueueSnapshot): string | null {
  const { blocked, ended, waiting, stop } = task.state;
  if (blocked !== null) return `${blocked.reason}: ${blocked.detail}`;
  if (isTerminal(task.stage)) return ended;
  if (task.status === 'stopping') return `it is being stopped${stop === null ? '' : `, as ${stop.by} asked for`}`;
  if (task.cancelRequestedAt !== null)
    return `it is landing; the stop${stop === null ? '' : ` that ${stop.by} asked for`} is carried out as soon as that has answered`;
  if (snapshot.broken(task.repoId).includes(task.branch)) return describeMissingObjects(task.branch);
  if (waiting?.cause === 'lock-busy') return explainTurn(task, snapshot);
  return waiting?.reason ?? snapshot.awaitedBy(task.id);
}

/** Whoever was before it when it was asked may be over by now. */
function explainTurn({ id, repoId }: Task, { movers }: QueueSnapshot): string {
  const mover = movers.get(repoId);
  return mover === undefined || mover.taskId === id
    ? 'it waits for its turn at main'
    : `main is being moved by ${mover.name}`;
}

/** Warnings of the merge check that concern what the task does to main, and not how the gate was set up. */
const TOLD: readonly string[] = ['tests-fell'];

function warningsOf(task: Task, snapshot: QueueSnapshot): readonly string[] {
  const { cancelledDependencies, foreseen, mergeWarnings } = snapshot;
  const cancelled = cancelledDependencies.get(task.id) ?? [];
  const conflict = foreseen(task);
  return [
    ...cancelled.map((needed) => `${needed}, which it was to wait for, was cancelled: it goes on without it`),
    ...(conflict === null ? [] : [describeForeseenConflict(conflict)]),
    ...(mergeWarnings.get(task.id) ?? []).filter((warning) => TOLD.some((code) => warning.startsWith(`${code}:`))),
  ];
}

const firstLine = (text: string): string => (text.split('\n')[0] ?? '').slice(0, LONGEST);

/** Why a task that could go on does not: the first of the claim's rules that holds its ready job back. */
function explainWaiting(task: Task, snapshot: QueueSnapshot): Hold | null {
  const { diskShortage } = snapshot;
  const job = snapshot.jobs.get(task.id);
  if (job === undefined || job.state !== 'ready' || isTerminal(task.stage)) return null;
  return diskShortage === null ? explainJob({ job, task }, snapshot) : { words: diskShortage, heldBy: null };
}

interface ReadyJob {
  readonly job: Job;
  /** Null: a probe, which belongs to its repository. */
  readonly task: Task | null;
}

/** The first rule of the claim that holds the ready job back, in words; null: it is claimed as soon as its turn comes. */
export function explainJob(candidate: ReadyJob, snapshot: QueueSnapshot): Hold | null {
  const repo = snapshot.repos.get(candidate.job.repoId);
  const isOfService = repo !== undefined && isPausedByService(repo);
  for (const rule of rulesFor(candidate.job.kind)) {
    const words = rule.isExplained ? EXPLANATIONS[rule.name](candidate, snapshot) : null;
    if (!rule.isExplained || words === null) continue;
    return { words, heldBy: rule.name === 'paused' && isOfService ? 'service-pause' : rule.name };
  }
  return null;
}

/** A rule that is explained and has no text here does not compile. */
const EXPLANATIONS: {
  readonly [Rule in ExplainedRule]: (candidate: ReadyJob, snapshot: QueueSnapshot) => string | null;
} = {
  paused: (candidate, { repos }) => {
    const { repoId } = candidate.job;
    const repo = repos.get(repoId);
    if (isInside(candidate) || repo?.paused !== true) return null;
    return repo.pausedReason === null ? `${repoId} is paused` : `${repoId} is paused: ${repo.pausedReason}`;
  },
  frozen: (candidate, { repos }) => {
    const { repoId } = candidate.job;
    const reason = repos.get(repoId)?.frozenReason ?? null;
    return isInside(candidate) || reason === null ? null : `${repoId} is frozen: ${reason}`;
  },
  dependency: ({ task }, { dependencies }) => {
    const needed = (task === null ? undefined : dependencies.get(task.id)) ?? [];
    return needed.length === 0 ? null : `waits for ${needed.join(', ')} to be done or cancelled`;
  },
  'serial-gate': (candidate, snapshot) => {
    const { task } = candidate;
    const ahead = task === null || isInside(candidate) ? undefined : aheadInSerial(task, snapshot);
    return ahead === undefined ? null : `one task at a time (ORCH_SERIAL_GATE_PER_REPO): ${ahead.id} is at work`;
  },
  breaker: ({ job }, { breakers }) => {
    const breaker = breakers.find(({ repoId }) => repoId === job.repoId);
    return breaker === undefined ? null : `waits until main itself runs again: ${describeBreaker(breaker)}`;
  },
  delayed: (candidate, { nowMs, lastAnswers }) => {
    const { availableAt, taskId } = candidate.job;
    if (availableAt <= nowMs) return null;
    const answer = lastAnswers.get(taskId ?? '');
    const next = answer?.nextTry == null ? '' : ` (try ${answer.nextTry.number} of ${answer.nextTry.of})`;
    const why = answer === undefined ? '' : `: ${firstLine(answer.reason)}`;
    const again = `asked again at ${new Date(availableAt).toISOString()}${next}${why}`;
    return isInside(candidate) ? `main has not shown yet whether it landed; ${again}` : again;
  },
  'agents-busy': (_, { leased, settings: { limits } }) =>
    count(leased, ['agent']) < limits.agents ? null : `every place for an agent is taken (${limits.agents} in all)`,
  'gates-busy': (_, { leased, settings: { limits } }) =>
    count(leased, ['gate', 'probe']) < limits.gateRuns
      ? null
      : `every place for a gate is taken (${limits.gateRuns} in all)`,
};

const isInside = ({ task }: ReadyJob): boolean => task !== null && task.criticalToken !== null;

const count = (leased: QueueSnapshot['leased'], kinds: readonly JobKind[]): number =>
  kinds.reduce((sum, kind) => sum + (leased[kind] ?? 0), 0);

const describeBreaker = ({ cause, host, since }: Breaker): string =>
  `${cause} on ${host} since ${new Date(since).toISOString()}`;

function aheadInSerial(task: Task, { settings, tasks }: QueueSnapshot): Task | undefined {
  if (!settings.repositories.serialGate) return undefined;
  const rank = ({ startedAt, id }: Task): string => `${String(startedAt ?? 0).padStart(16, '0')} ${id}`;
  return tasks.find(
    (other) =>
      other.repoId === task.repoId &&
      other.id !== task.id &&
      other.status !== 'blocked' &&
      other.startedAt !== null &&
      (task.startedAt === null || rank(other) < rank(task)),
  );
}
