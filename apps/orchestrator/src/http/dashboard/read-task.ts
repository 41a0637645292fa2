/** What the page of a task tells: every verdict with what it rests on, in the order in which things happened. */
import { recoverKey } from '@gatehouse/cancel';
import { maskTexts, WITHHELD } from '../../platform/mask-text.ts';
import { spendingWords } from '../../policy/spending.ts';
import type {
  Artefact,
  GateRun,
  Job,
  Repository,
  StoredCommandRun,
  StoredEvent,
  Task,
} from '../../store/port/index.ts';
import { readPlace } from '../../store/queue-line.ts';
import type { NextStep } from '../next-steps.ts';
import { readNextSteps } from '../read-next-steps.ts';
import { type Papers, readPapers } from '../read-papers.ts';
import { spendingOf } from '../spending.ts';
import { type Excerpt, readExcerpts } from './code-excerpts.ts';
import { type QueueRow, type ReadsBoard, rowsOf } from './read-queue.ts';

/** A verdict, or the same one several times in a row. */
export interface VerdictEntry {
  readonly kind: 'verdict';
  readonly key: string;
  readonly atMs: number;
  readonly run: GateRun;
  /** How often it was given in a row. */
  readonly times: number;
  /** The commands behind it, oldest first. */
  readonly commands: readonly StoredCommandRun[];
  readonly reports: readonly Artefact[];
  /** Code behind findings, by their place in the list. */
  readonly code: ReadonlyMap<number, Excerpt>;
}

interface EventEntry {
  readonly kind: 'event';
  readonly key: string;
  readonly atMs: number;
  readonly event: StoredEvent;
}

export type TimelineEntry = VerdictEntry | EventEntry;

export interface TaskContent {
  readonly row: QueueRow;
  readonly repo: Repository;
  readonly entries: readonly TimelineEntry[];
  /** The job that a worker has now. */
  readonly job: Job | null;
  /** In words; null: no agent works for it. */
  readonly spending: readonly string[] | null;
  readonly dependencies: readonly { readonly id: string; readonly stage: string }[];
  /** What its people can do now. */
  readonly steps: readonly NextStep[];
  /** What a person is asked to say yes to; null: nobody is asked. */
  readonly papers: Papers | null;
  /** False: nobody stops a task here. */
  readonly canStop: boolean;
  readonly nowMs: number;
}

const LIMITS = { runs: 200, commands: 400, events: 1000, paperChars: 16_384 } as const;

/** Null: there is no such task. */
export async function readTask(service: ReadsBoard, id: string): Promise<TaskContent | null> {
  const { store, now } = service;
  const task = await store.getTask(id);
  const repo = task === null ? null : await store.getRepo(task.repoId);
  if (task === null || repo === null) return null;
  const { at, placeMs } = await readPlace(service, task);
  const positions = new Map(at === null ? [] : [[id, at.position]]);
  const [row] = await rowsOf(service, [task], { positions, placeMs });
  if (row === undefined) return null;
  const runs = (await store.gateRuns({ taskId: id, limit: LIMITS.runs })).toReversed();
  const commands = await readCommands(service, id);
  const reports = await store.listArtefacts(id);
  const events = await store.taskEvents(id, { limit: LIMITS.events });
  const code = await readExcerpts(service, repo, runs);
  const jobs = await store.listJobs({ taskId: id });
  const verdicts = groupsOf(runs.filter(isAsked)).map(({ run, times }): VerdictEntry => {
    const isIts = (row: { readonly jobId: number | null }): boolean => run.jobId !== null && row.jobId === run.jobId;
    return {
      kind: 'verdict',
      key: `verdict-${run.id}`,
      atMs: run.createdAt,
      run,
      times,
      commands: commands.filter(isIts),
      reports: reports.filter(isIts),
      code: code.get(run.id) ?? new Map(),
    };
  });
  const told = events.filter(({ kind }) => !ANSWERS.includes(kind)).map(entryOf);
  return {
    row: { ...row, task: { ...row.task, branch: recoverKey(task.branch) } },
    repo,
    entries: [...told, ...verdicts].toSorted((one, other) => one.atMs - other.atMs),
    job: jobs.find(({ state }) => state === 'leased') ?? null,
    spending: await spendingOfTask(service, task),
    dependencies: await store.dependenciesOf(id),
    papers:
      task.state.waiting?.cause === 'approval' ? await readPapers(service, task, { chars: LIMITS.paperChars }) : null,
    canStop: service.settings.tracker.stopStatus,
    steps: (await readNextSteps(service, task)).steps,
    nowMs: now(),
  };
}

async function spendingOfTask({ store, now }: ReadsBoard, task: Task): Promise<readonly string[] | null> {
  if (task.profile !== 'full') return null;
  const runs = await store.agentRuns(task.id);
  const { spent, limits } = spendingOf(task, runs, now());
  const refused = runs.flatMap((run) => (run.refused === null ? [] : [`${run.role}: ${run.refused}`]));
  return [...spendingWords(spent, limits), ...refused];
}

/** A check that the task's profile leaves out is no news. */
const isAsked = ({ status, reason }: GateRun): boolean => !(status === 'skip' && reason === 'profile');

/** Told by the verdicts, or of no interest to people. */
const ANSWERS: readonly string[] = ['check-answered', 'woken', 'settling'];

const entryOf = (event: StoredEvent): EventEntry => ({
  kind: 'event',
  key: `event-${event.seq}`,
  atMs: event.at,
  event,
});

/** What is asked again and answers the same is one entry. */
function groupsOf(runs: readonly GateRun[]): readonly { readonly run: GateRun; readonly times: number }[] {
  const groups: { run: GateRun; times: number }[] = [];
  for (const run of runs) {
    const last = groups.at(-1);
    const isSame = last?.run.check === run.check && last.run.status === run.status && last.run.reason === run.reason;
    if (last !== undefined && isSame) groups[groups.length - 1] = { run, times: last.times + 1 };
    else groups.push({ run, times: 1 });
  }
  return groups;
}

/** Commands and the names of tests may quote anything; secrets in them are masked. */
async function readCommands({ store }: ReadsBoard, taskId: string): Promise<readonly StoredCommandRun[]> {
  const read = (await store.commandRuns({ taskId, limit: LIMITS.commands })).toSorted(
    (one, other) => one.id - other.id,
  );
  const names = [...new Set(read.flatMap(({ tests }) => tests?.failed ?? []))];
  const masked = await maskTexts([...names, ...read.flatMap(({ command, reason }) => [command, reason])]);
  const shown = new Map(names.map((name, at) => [name, masked[at] ?? WITHHELD]));
  return read.map((run, at) => {
    const [command = WITHHELD, reason = WITHHELD] = masked.slice(names.length + 2 * at);
    const failed = run.tests?.failed?.map((name) => shown.get(name) ?? WITHHELD);
    const tests = run.tests === null ? null : { ...run.tests, ...(failed === undefined ? {} : { failed }) };
    return { ...run, command, reason, tests };
  });
}
