/**
 * Watches the pull requests of every repository whose forge has people: the list at least once a minute, at once what a webhook
 * named. It runs beside the worker, which it neither waits for nor keeps waiting.
 */
import { randomUUID } from 'node:crypto';
import type { ServiceContext } from '../../context.ts';
import type { Repository } from '../../store/port/index.ts';
import { processInbox } from '../inbox.ts';
import { loop } from '../worker.ts';
import { createHints, type Hinted, type PullRequestHints } from './hints.ts';
import { type LookAnswer, type Looks, lookAt } from './look.ts';
import { isToldAnew, type Tells } from './tell.ts';

export interface PullRequestWatcher {
  /** Resolves when the pass that runs has ended. */
  readonly stop: () => Promise<void>;
}

export type Watches = Looks & Tells & Pick<ServiceContext, 'webhooks'>;

/** Reads an issue of the tracker again, or, with null, all that ask for something. */
export type ReadsIssues = { readonly readIssue: (issueId: string | null) => Promise<void> };

/** How soon a hint is followed. */
const PASS_MS = 1_000;
/** However often branches are looked at, the list of pull requests is read no more often without a hint. */
export const LIST_MS = 60_000;
/** So many pull requests of a repository have their comments read with one list; the others have their turn with the next. */
const COMMENT_READS = 20;

export function startPullRequestWatcher(service: Watches & ReadsIssues): PullRequestWatcher {
  const stopping = new AbortController();
  const hints = createHints();
  const memory = createWatchMemory();
  const pass = async () => {
    const issues = new Set<string | null>();
    await processInbox(service, { pullRequests: hints, issues });
    for (const issueId of issues.has(null) ? [null] : issues) await service.readIssue(issueId);
    const repos = await service.store.listRepos();
    forgetOthers(memory, new Set(repos.map(({ id }) => id)));
    for (const repo of repos)
      if (!stopping.signal.aborted) await watchPullRequests(service, repo, { hints, memory, signal: stopping.signal });
  };
  const running = loop(service, 'pull-requests', stopping.signal, pass, PASS_MS);
  return {
    async stop() {
      stopping.abort(new Error('the service is stopping'));
      await running;
    },
  };
}

/** What is remembered between passes; a restart reads everything once more. */
export interface WatchMemory {
  readonly listAgainAt: Map<string, number>;
  /** When the comments of a pull request were last read, by repository and number; of open ones alone. */
  readonly commentsReadAt: Map<string, Map<number, number>>;
  readonly unreachable: Set<string>;
}

export const createWatchMemory = (): WatchMemory => ({
  listAgainAt: new Map(),
  commentsReadAt: new Map(),
  unreachable: new Set(),
});

/** Of a repository that is not registered any more nothing is remembered. */
function forgetOthers({ listAgainAt, commentsReadAt, unreachable }: WatchMemory, ids: ReadonlySet<string>): void {
  for (const remembered of [listAgainAt, commentsReadAt, unreachable])
    for (const id of remembered.keys()) if (!ids.has(id)) remembered.delete(id);
}

export interface WatchTurn {
  readonly hints: PullRequestHints;
  readonly memory: WatchMemory;
  readonly signal: AbortSignal;
}

/** One pass over one repository. A full profile's tasks are asked for in words, so its pull requests ask nothing. */
export async function watchPullRequests(service: Watches, repo: Repository, turn: WatchTurn): Promise<void> {
  if (repo.paused || repo.profile !== 'gates-only') return;
  const { hints, memory } = turn;
  const hinted = hints.take(repo.id);
  const isDue = (memory.listAgainAt.get(repo.id) ?? 0) <= service.now();
  if (isDue || hinted.isWhole) return readList(service, { ...turn, repo, hinted });
  for (const [number, heard] of hinted.pullRequests)
    await look(service, { ...turn, repo }, { number, heard, readsComments: true });
}

type RepoTurn = WatchTurn & { readonly repo: Repository };
type ListTurn = RepoTurn & { readonly hinted: Hinted };

async function readList(service: Watches, turn: ListTurn): Promise<void> {
  const { repo, memory, hinted, hints, signal } = turn;
  const { pollMs } = service.settings.repositories;
  memory.listAgainAt.set(repo.id, service.now() + Math.max(pollMs, LIST_MS));
  const answer = await service.forgeOf(repo).pullRequests(signal);
  if (answer.kind === 'unsupported' || signal.aborted) return;
  if (answer.kind === 'unreachable') {
    if (!memory.unreachable.has(repo.id))
      service.log.warn('the pull requests of a repository cannot be read', { repo: repo.id, reason: answer.reason });
    memory.unreachable.add(repo.id);
    memory.listAgainAt.set(repo.id, service.now() + pollMs);
    for (const [pullRequest, heard] of hinted.pullRequests) hintAgain(hints, { repoId: repo.id, pullRequest, heard });
    return;
  }
  memory.unreachable.delete(repo.id);
  const open = new Set(answer.all.map(({ number }) => number));
  const known = memory.commentsReadAt.get(repo.id) ?? new Map<number, number>();
  memory.commentsReadAt.set(repo.id, new Map([...known].filter(([number]) => open.has(number))));
  const turnOf = (number: number): number => known.get(number) ?? 0;
  const read = new Set([...open].sort((one, other) => turnOf(one) - turnOf(other)).slice(0, COMMENT_READS));
  // A forge lists the newest first; of those that ask at once the oldest is before the others.
  for (const listed of answer.all.toSorted((one, other) => one.number - other.number)) {
    const { number } = listed;
    const heard = hinted.pullRequests.get(number) ?? [];
    await look(service, turn, { number, listed, heard, readsComments: read.has(number) });
  }
  // What is not open any more is read by itself: if something of it is in the queue, and once more what people wrote before it was closed.
  const closed = new Set([...known.keys()].filter((number) => !open.has(number)));
  for (const number of new Set([...(await leftOpen(service, repo, open)), ...closed])) {
    const readsComments = closed.has(number);
    const answer = await look(service, turn, { number, heard: [], readsComments });
    const readAt = memory.commentsReadAt.get(repo.id);
    if (answer === 'done') readAt?.delete(number);
    else if (readsComments) readAt?.set(number, turnOf(number));
  }
  await tellPlaces(service, repo, signal);
}

async function leftOpen({ store }: Watches, repo: Repository, open: ReadonlySet<number>): Promise<readonly number[]> {
  const live = await store.listTasks({ repoId: repo.id, live: true, limit: 1_000_000 });
  const left = live.flatMap(({ pullRequest }) => (pullRequest === null || open.has(pullRequest) ? [] : [pullRequest]));
  return [...new Set(left)];
}

type Look = Pick<Parameters<typeof lookAt>[1], 'number' | 'listed' | 'heard' | 'readsComments'>;

async function look(service: Watches, { hints, memory, signal, repo }: RepoTurn, asked: Look): Promise<LookAnswer> {
  if (signal.aborted) return 'again';
  const { number, heard, readsComments } = asked;
  const answer = await lookAt(service, { repo, signal, ...asked });
  if (readsComments && answer === 'done') memory.commentsReadAt.get(repo.id)?.set(number, service.now());
  if (answer === 'again') hintAgain(hints, { repoId: repo.id, pullRequest: number, heard });
  return answer;
}

function hintAgain(
  hints: PullRequestHints,
  { heard, ...of }: { readonly repoId: string; readonly pullRequest: number } & Pick<Look, 'heard'>,
): void {
  for (const comment of heard.length === 0 ? [null] : heard) hints.add({ ...of, comment });
}

/** A place in the queue changes when others leave it, of which no event of the task tells. */
async function tellPlaces(service: Watches, repo: Repository, signal: AbortSignal): Promise<void> {
  for (const task of await service.store.listTasks({ repoId: repo.id, live: true, limit: 1_000_000 })) {
    if (signal.aborted) return;
    if (task.pullRequest === null || !(await isToldAnew(service, repo, task))) continue;
    const atMs = service.now();
    const dedupeKey = `tell:${repo.id}#${task.pullRequest}:${task.id}:${randomUUID()}`;
    const payload = { repoId: repo.id, number: task.pullRequest };
    await service.store.addOutbox({ kind: 'tell', dedupeKey, payload, taskId: task.id, atMs });
  }
}
