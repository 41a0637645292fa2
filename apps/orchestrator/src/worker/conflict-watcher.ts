/**
 * Tells the tasks in the queue early that main has moved into their way. A word for people: no task is blocked, blamed or
 * moved by it, and no lease is taken. A pass that a kill cuts off is made again; what was told is read from the events.
 */
import type { ServiceContext } from '../context.ts';
import type { Repository, StoredEvent, Task } from '../store/port/index.ts';
import { type Comparison, mayMeetConflict } from '../workspace/foreseen-conflicts.ts';
import { loop } from './worker.ts';

export interface ConflictWatcher {
  /** Resolves when the pass that runs has ended. */
  readonly stop: () => Promise<void>;
}

type Watches = Pick<ServiceContext, 'foreseenConflicts' | 'mirrors' | 'now' | 'store'>;

/** So many merges a pass; those behind them are compared in the next one. */
const MERGES = 50;
const NAMED = 20;

/** Compares beside the worker, which it neither waits for nor keeps waiting. */
export function startConflictWatcher(
  service: Watches & Pick<ServiceContext, 'log' | 'settings' | 'wakeup'>,
): ConflictWatcher {
  const stopping = new AbortController();
  const pass = async () => {
    for (const repo of await service.store.listRepos())
      if (!stopping.signal.aborted) await watchConflicts(service, repo, stopping.signal);
  };
  const running = loop(service, 'conflicts', stopping.signal, pass, service.settings.repositories.pollMs);
  return {
    async stop() {
      stopping.abort(new Error('the service is stopping'));
      await running;
    },
  };
}

/** One pass over the tasks of a repository, the longest waiting first, on the heads of the last fetch. */
export async function watchConflicts(service: Watches, repo: Repository, signal: AbortSignal): Promise<void> {
  const { store, mirrors, foreseenConflicts } = service;
  const heads = mirrors.heads(repo.id);
  const base = heads[repo.main];
  if (base === undefined) return;
  const live = await store.listTasks({ repoId: repo.id, live: true });
  const compared = new Map<string, Comparison>();
  let merges = 0;
  for (const task of live.filter(mayMeetConflict).reverse()) {
    const head = heads[task.branch];
    const before = foreseenConflicts.last(task);
    if (before !== null) compared.set(task.id, before);
    const isKnown = before?.base === base && before.head === head;
    if (head === undefined || isKnown || merges >= MERGES || signal.aborted) continue;
    merges += 1;
    const found = await compare(service, repo, { base, head, signal });
    if (found === null) continue;
    await tell(service, task, { before, found });
    compared.set(task.id, found);
  }
  foreseenConflicts.keep(repo.id, compared);
}

/** Null: the pass was called off. Where nothing can be said there is no conflict to tell. */
async function compare(
  { mirrors }: Watches,
  repo: Repository,
  { base, head, signal }: { readonly base: string; readonly head: string; readonly signal: AbortSignal },
): Promise<Comparison | null> {
  const answer = await mirrors.foresee(repo.id, { base, head, signal });
  if (signal.aborted) return null;
  const paths = answer.kind === 'conflicted' ? answer.paths : [];
  return { base, head, count: paths.length, paths: paths.slice(0, NAMED) };
}

const [MET, GONE] = ['main-conflict', 'main-conflict-gone'] as const;

/** One event where what the people of the task know is not true any more. */
async function tell(
  { store, now }: Watches,
  { id, repoId }: Task,
  { before, found }: { readonly before: Comparison | null; readonly found: Comparison },
): Promise<void> {
  const told = before === null ? await lastTold(store, id) : before;
  const isNews = found.count === 0 ? told !== null && told.count > 0 : !isSame(told, found);
  if (!isNews) return;
  const { base, head, count, paths } = found;
  const body = count === 0 ? { base, head } : { base, head, count, paths };
  await store.appendEvent({
    repoId,
    taskId: id,
    kind: count === 0 ? GONE : MET,
    body,
    actor: 'watch',
    at: now(),
  });
}

type Told = Pick<Comparison, 'count' | 'paths'>;

const isSame = (told: Told | null, found: Told): boolean =>
  told !== null && told.count === found.count && told.paths.join('\0') === found.paths.join('\0');

/** What an earlier process told last. */
async function lastTold(store: Watches['store'], taskId: string): Promise<Told | null> {
  let told: Told | null = null;
  for (let afterSeq = 0; ; ) {
    const events = await store.taskEvents(taskId, { afterSeq });
    for (const event of events) told = toldBy(event) ?? told;
    const last = events.at(-1);
    if (last === undefined) return told;
    afterSeq = last.seq;
  }
}

function toldBy({ kind, body }: StoredEvent): Told | null {
  if (kind === GONE) return { count: 0, paths: [] };
  return kind === MET ? (body as Told) : null;
}
