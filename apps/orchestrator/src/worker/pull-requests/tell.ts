/**
 * Tells people at their pull request: one comment and one status per task, as things are when they are told. Ten changes in a
 * second are one edit, because what was told already is not told again.
 */
import { createHash } from 'node:crypto';
import type { ServiceContext } from '../../context.ts';
import { maskText } from '../../platform/mask-text.ts';
import type { TellAnswer } from '../../platform/tell-answer.ts';
import type { GateRun, OutboxMessage, RememberedPullRequest, Repository, Task } from '../../store/port/index.ts';
import { type Place as QueuedAt, readPlace } from '../../store/queue-line.ts';
import { refusesStranger } from '../repository-look.ts';
import { type Rendered, render } from './render.ts';

export interface Explained {
  readonly reason: string | null;
  readonly warnings: readonly string[];
}

export type Tells = Pick<ServiceContext, 'checkOfGate' | 'forgeOf' | 'log' | 'lookAtRepository' | 'now' | 'store'> & {
  /** Why the task waits, and what its people should know: the one explanation of a task. */
  readonly explain: (task: Task) => Promise<Explained>;
};

const DONE: TellAnswer = { kind: 'told' };

/** Performs one order of the outbox. Never sooner than the forge asked for: `quietUntil` is kept between calls. */
export async function tellPeople(
  service: Tells,
  row: Pick<OutboxMessage, 'taskId' | 'payload'>,
  quietUntil: Map<string, number>,
): Promise<TellAnswer> {
  const place = await placeOf(service, row);
  if (place === null) return DONE;
  const { repo, number, task } = place;
  const quietMs = (quietUntil.get(repo.id) ?? 0) - service.now();
  if (quietMs > 0) return { kind: 'untold', reason: 'the forge asked for quiet', retryAfterMs: quietMs };
  const remembered = await service.store.rememberedPullRequest(repo.id, number);
  if (task?.state.landed === true) await orderFinish(service, task, remembered);
  const rendered = task === null ? null : await renderNow(service, repo, { task, remembered });
  const hash = hashOf(task, rendered, remembered);
  if (hash === null || hash === remembered?.toldHash) return DONE;
  const answer = (await refusesStranger(service, repo)) ?? (await send(service, place, { rendered, remembered }));
  if (answer.kind === 'untold' && answer.retryAfterMs !== null)
    quietUntil.set(repo.id, service.now() + answer.retryAfterMs);
  if (answer.kind !== 'told') return answer;
  const branch = remembered?.branch ?? task?.branch ?? '';
  const head = remembered?.head ?? task?.headSha ?? '';
  const told = { toldHash: hash, toldAt: service.now() };
  await service.store.rememberPullRequest({ repoId: repo.id, number, branch, head, ...told }, service.now());
  return DONE;
}

/** No edit is younger than this when only a place in the queue has changed. */
const PLACES_MS = 60_000;

/** Whether the comment says something else than the store would now, and has said it for a while. */
export async function isToldAnew(service: Tells, repo: Repository, task: Task): Promise<boolean> {
  const { pullRequest } = task;
  const remembered = pullRequest === null ? null : await service.store.rememberedPullRequest(repo.id, pullRequest);
  if (remembered === null || service.now() - (remembered.toldAt ?? 0) < PLACES_MS) return false;
  return hashOf(task, await renderNow(service, repo, { task, remembered }), remembered) !== remembered.toldHash;
}

interface Place {
  readonly repo: Repository;
  readonly number: number;
  readonly task: Task | null;
}

async function placeOf(
  { store }: Tells,
  { taskId, payload }: Pick<OutboxMessage, 'taskId' | 'payload'>,
): Promise<Place | null> {
  const task = taskId === null ? null : await store.getTask(taskId);
  const { repoId, number } = (payload ?? {}) as { readonly repoId?: unknown; readonly number?: unknown };
  const at = task === null ? number : task.pullRequest;
  const repo = await store.getRepo(task?.repoId ?? String(repoId));
  return repo === null || typeof at !== 'number' ? null : { repo, number: at, task };
}

interface Telling {
  readonly task: Task;
  readonly remembered: RememberedPullRequest | null;
}

async function renderNow(service: Tells, repo: Repository, { task, remembered }: Telling): Promise<Rendered> {
  const { reason, warnings } = await service.explain(task);
  const isOver = task.stage === 'done' || task.stage === 'cancelled';
  const place: QueuedAt = isOver ? { at: null, placeMs: null } : await readPlace(service, task);
  const runs = await service.store.gateRuns({ taskId: task.id, limit: 100 });
  const note = remembered?.taskId === task.id ? remembered.note : null;
  return render({ task, reason, warnings, verdicts: lastOfEach(runs), place, main: repo.main, note });
}

/** In the order in which the checks were asked. */
function lastOfEach(newestFirst: readonly GateRun[]): readonly GateRun[] {
  const last = new Map<string, GateRun>();
  for (const run of newestFirst) if (!last.has(run.check)) last.set(run.check, run);
  return [...last.values()].filter(({ status }) => status !== 'skip').reverse();
}

/** Null: there is nothing to say. */
function hashOf(task: Task | null, rendered: Rendered | null, remembered: RememberedPullRequest | null): string | null {
  const said = rendered ?? remembered?.note ?? null;
  if (said === null) return null;
  const parts = [task?.id ?? '', commitOf(task) ?? '', said];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

const commitOf = (task: Task | null): string | null => task?.landedSha ?? task?.headSha ?? null;

interface Saying {
  readonly rendered: Rendered | null;
  readonly remembered: RememberedPullRequest | null;
}

/** A status that is refused for good does not keep the comment from being written. */
async function send(
  service: Tells,
  { repo, number, task }: Place,
  { rendered, remembered }: Saying,
): Promise<TellAnswer> {
  const forge = service.forgeOf(repo);
  const commit = commitOf(task);
  if (rendered !== null && commit !== null) {
    const status = await forge.setStatus({ commit, state: rendered.state, text: await maskText(rendered.text) });
    if (status.kind === 'untold') return status;
    if (status.kind === 'rejected')
      service.log.warn('a commit status was refused', { repo: repo.id, pullRequest: number, why: status.reason });
  }
  // Before there is a task, the answer to a person is found again by the pull request.
  const taskId = task?.id ?? `pull-request-${number}`;
  const text = rendered?.comment ?? `**Gatehouse**: ${remembered?.note ?? ''}`;
  const answer = await forge.comment({ taskId, pullRequest: number, text: await maskText(text) });
  return answer.kind === 'unsupported' ? DONE : answer;
}

async function orderFinish({ store, now }: Tells, task: Task, remembered: RememberedPullRequest | null): Promise<void> {
  if (task.landedSha === null || (remembered?.taskId === task.id && remembered.finishedAt !== null)) return;
  const dedupeKey = `finish-pull-request:${task.id}`;
  await store.addOutbox({ kind: 'finish-pull-request', dedupeKey, payload: {}, taskId: task.id, atMs: now() });
}
