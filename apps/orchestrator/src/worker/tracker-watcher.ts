/**
 * Reads the issues of the tracker again, as if no webhook ever came, and does what their statuses ask for. A pass that a kill
 * cuts off is made again: each step is idempotent, and what was read is recorded after what was done.
 */
import { isCheckName } from '@gatehouse/stage-engine';
import type { Cancellations } from '../cancellation/cancellations.ts';
import type { ServiceContext } from '../context.ts';
import { alertMessage, repositoryAlert } from '../notifiers/alert-message.ts';
import { approvedRun } from '../store/approved-run.ts';
import type { NewTask, Repository, Task } from '../store/port/index.ts';
import { decideIssue, type IssueAction, type TaskOfIssue } from '../trackers/decide-issue.ts';
import type { IssueList, TrackedIssue } from '../trackers/port.ts';
import { loop } from './worker.ts';

export interface WatchesTracker
  extends Pick<ServiceContext, 'engine' | 'log' | 'now' | 'settings' | 'store' | 'tracker' | 'wakeup'> {
  /** Everything but the store's own rules; `status` as HTTP has it. */
  readonly admitTask: (wanted: TaskWanted, actor: string) => Promise<AdmissionAnswer>;
}

interface TaskWanted {
  readonly repo: string;
  readonly key: string;
  readonly title: string;
  readonly description: string;
}

type AdmissionAnswer =
  | { readonly kind: 'admitted'; readonly task: NewTask }
  | { readonly kind: 'refused'; readonly status: number; readonly detail: string; readonly passes?: true };

export interface TrackerWatcher {
  /** Resolves when the pass that runs has ended. */
  readonly stop: () => Promise<void>;
}

/** A minute: what a key of a tracker may be used for is counted per minute. */
const POLL_MS = 60_000;

/** Reads the tracker beside the worker; with none it does nothing. */
export function startTrackerWatcher(
  service: WatchesTracker,
  cancellations: Pick<Cancellations, 'request'>,
): TrackerWatcher {
  const stopping = new AbortController();
  const turn: TrackerTurn = { next: 0 };
  if (service.tracker.name === 'none') return { stop: async () => undefined };
  const running = loop(
    service,
    'tracker',
    stopping.signal,
    () => watchTracker(service, cancellations, { signal: stopping.signal, turn }),
    Math.min(POLL_MS, service.settings.repositories.pollMs * 12),
  );
  return {
    async stop() {
      stopping.abort(new Error('the service is stopping'));
      await running;
    },
  };
}

/** Issues that are asked for one by one in a pass: they left the list, and a list that comes in pages may have missed one. */
const SINGLE = 10;

/** Where the issues that are asked for one by one go on in the next pass, so that none is left out for ever. */
export interface TrackerTurn {
  next: number;
}

/** One pass over everything that the tracker asks for. */
export async function watchTracker(
  service: WatchesTracker,
  cancellations: Pick<Cancellations, 'request'>,
  { signal, turn }: { readonly signal: AbortSignal; readonly turn: TrackerTurn },
): Promise<void> {
  const { tracker, store, log } = service;
  const wanted = await tracker.wanted(signal);
  if (wanted.kind === 'unsupported' || signal.aborted) return;
  if (wanted.kind === 'unreachable') {
    log.warn('the tracker cannot be read', { tracker: tracker.name, reason: wanted.reason });
    return;
  }
  await warn(service, wanted.warnings);
  const act = (issueId: string, issue: TrackedIssue | null) => attend(service, cancellations, { issueId, issue });
  for (const issue of wanted.all) await act(issue.id, issue);
  const listed = new Set(wanted.all.map(({ id }) => id));
  const asked = await store.askingIssues(SINGLE + listed.size);
  const live = await store.listTasks({ live: true });
  const single = [...asked.map(({ issueId }) => issueId), ...live.flatMap(({ planeIssueId }) => planeIssueId ?? [])];
  const unlisted = [...new Set(single)].filter((id) => !listed.has(id));
  const from = turn.next < unlisted.length ? turn.next : 0;
  turn.next = from + SINGLE;
  for (const issueId of unlisted.slice(from, from + SINGLE)) {
    const found = await tracker.issue(issueId, signal);
    if (signal.aborted) return;
    if (found.kind === 'issue') await act(issueId, found.issue);
    if (found.kind === 'gone') await act(issueId, null);
  }
}

/** One issue, after a webhook about it. */
export async function readIssueAgain(
  service: WatchesTracker,
  cancellations: Pick<Cancellations, 'request'>,
  issueId: string,
): Promise<void> {
  const found = await service.tracker.issue(issueId);
  if (found.kind === 'issue') await attend(service, cancellations, { issueId, issue: found.issue });
  if (found.kind === 'gone') await attend(service, cancellations, { issueId, issue: null });
}

/** Reads again what webhooks name: an issue, or with null everything that is asked for. */
export function issueReader(
  service: WatchesTracker,
  cancellations: Pick<Cancellations, 'request'>,
): (issueId: string | null) => Promise<void> {
  const turn: TrackerTurn = { next: 0 };
  const { signal } = new AbortController();
  return (issueId) =>
    issueId === null
      ? watchTracker(service, cancellations, { signal, turn })
      : readIssueAgain(service, cancellations, issueId);
}

interface Reading {
  readonly issueId: string;
  /** Null: it is gone. */
  readonly issue: TrackedIssue | null;
}

async function attend(
  service: WatchesTracker,
  cancellations: Pick<Cancellations, 'request'>,
  { issueId, issue }: Reading,
): Promise<void> {
  const { store, now, settings } = service;
  const before = await store.trackedIssue(issueId);
  const task = await store.latestTaskOfIssue(issueId);
  const action = decideIssue({ issue, before, task: task === null ? null : taskOf(task) });
  if (action.kind === 'stale') return;
  if (action.kind === 'stop' && settings.tracker.stopStatus)
    await cancellations.request({ taskId: action.taskId, reason: action.reason, actor: 'tracker' });
  if (action.kind === 'approve' && issue !== null && task !== null) await approve(service, { action, issue, task });
  const isDone = action.kind !== 'create' || issue === null || (await create(service, issue));
  const repoId = issue?.repository ?? before?.repoId ?? task?.repoId;
  if (!isDone || repoId === undefined || (await store.getRepo(repoId)) === null) return;
  const { wish = 'nothing', updatedAt = before?.updatedAt ?? 0 } = issue ?? {};
  if (before?.wish === wish && before.updatedAt === updatedAt) return;
  await store.recordIssue({ issueId, repoId, wish, updatedAt, seenAt: now() });
}

function taskOf(task: Task): TaskOfIssue {
  const { id, stage, state, cancelRequestedAt, trackerUpdatedAt } = task;
  const waits = state.waiting?.cause === 'approval' && isCheckName(state.step) ? state.step : null;
  return {
    id,
    isLive: stage !== 'done' && stage !== 'cancelled',
    isStopping: cancelRequestedAt !== null,
    awaitsApproval: waits,
    trackerUpdatedAt,
  };
}

/** False: it cannot be made now; the same reading asks again. */
async function create(service: WatchesTracker, issue: TrackedIssue): Promise<boolean> {
  const { store, now, log, wakeup, engine, tracker } = service;
  const repo = await store.getRepo(issue.repository);
  const admitted = repo === null ? null : await service.admitTask(requestOf(repo, issue), 'tracker');
  if (admitted?.kind === 'admitted') {
    const task = { ...admitted.task, planeIssueId: issue.id, trackerUpdatedAt: issue.updatedAt, atMs: now() };
    const added = await store.addTask(task, engine);
    log.info('the tracker asked for a task', { issue: issue.key, repo: issue.repository, outcome: added.kind });
    wakeup.notify();
    return true;
  }
  const why = admitted?.detail ?? `no repository is called ${issue.repository}`;
  log.warn('an issue asks for a task that cannot be made', { issue: issue.key, why });
  // Trouble of the forge and a clean-up pass by themselves; anything else a person reads at the issue.
  if (admitted?.status === 503 || admitted?.passes === true) return false;
  const key = `refused-${issue.updatedAt}`;
  const told = await tracker.comment({ issueId: issue.id, key, text: `Gatehouse cannot start this: ${why}` });
  return told.kind !== 'untold';
}

const requestOf = (repo: Repository, { key, title, description }: TrackedIssue): TaskWanted => ({
  repo: repo.id,
  key,
  title,
  description,
});

interface Approval {
  readonly action: Extract<IssueAction, { readonly kind: 'approve' }>;
  readonly issue: TrackedIssue;
  readonly task: Task;
}

async function approve(service: WatchesTracker, { action, issue, task }: Approval): Promise<void> {
  const { store, engine, now, wakeup } = service;
  if (!isCheckName(action.check)) return;
  const atMs = now();
  await store.applyEvent({
    taskId: action.taskId,
    event: { kind: 'approved', check: action.check, by: 'tracker', atMs },
    engine,
    actor: 'tracker',
    onlyAtVersion: task.version,
    writes: {
      task: { trackerUpdatedAt: issue.updatedAt },
      gateRuns: [approvedRun(task, { check: action.check, reason: `approved in the tracker, at ${issue.key}`, atMs })],
    },
  });
  wakeup.notify();
}

type Warnings = Extract<IssueList, { readonly kind: 'issues' }>['warnings'];

/** What a person has to set right is told once per wording. */
async function warn({ store, now, log }: WatchesTracker, warnings: Warnings): Promise<void> {
  for (const { repository, text } of warnings) {
    const alert = alertMessage(repositoryAlert(repository, { key: `tracker/${text}`, text }));
    if (await store.addOutbox({ ...alert, atMs: now() })) log.warn('the tracker is not set up as configured', { text });
  }
}
