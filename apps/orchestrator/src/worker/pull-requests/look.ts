/** Reads one pull request again, with the comments that are new, and does what follows. */
import { isTerminal } from '@gatehouse/stage-engine';
import type { ServiceContext } from '../../context.ts';
import type { RememberedPullRequest, Repository, Task } from '../../store/port/index.ts';
import { isLandedOutside } from '../landed-outside.ts';
import { meetRepository } from '../repository-look.ts';
import { type Acts, act } from './act.ts';
import { type Command, newCommands } from './commands.ts';
import {
  decidePullRequest,
  isTakenAway,
  type JudgedCommand,
  type PullRequest,
  type PullRequestScene,
} from './decide.ts';
import type { HeardComment } from './hints.ts';

export type Looks = Acts & Pick<ServiceContext, 'forgeOf' | 'lookAtRepository' | 'settings'>;
type Forge = ReturnType<ServiceContext['forgeOf']>;

export interface LookRequest {
  readonly repo: Repository;
  readonly number: number;
  /** As a list just showed it; absent: it is read by itself. */
  readonly listed?: PullRequest;
  /** What webhooks said of it. */
  readonly heard: readonly HeardComment[];
  /** The comments behind the last one that was read are read. */
  readonly readsComments: boolean;
  readonly signal: AbortSignal;
}

/** `again`: the forge did not answer, or a task is still being cleaned up; nothing of the request is lost by asking again. */
export type LookAnswer = 'done' | 'again';

export async function lookAt(service: Looks, request: LookRequest): Promise<LookAnswer> {
  const { repo, number, signal } = request;
  const { store, settings } = service;
  const forge = service.forgeOf(repo);
  const seen = await readNow(forge, request, settings.forges.queueOnApproval);
  if (seen === 'unread' || signal.aborted) return 'again';
  const remembered = await store.rememberedPullRequest(repo.id, number);
  if (seen === null && (await taskOf(service, repo, { now: seen, remembered })) === null) return 'done';
  const read = await readCommands(service, forge, { request, now: seen, remembered });
  if (read === null || signal.aborted) return 'again';
  const now = read.commands.length === 0 ? seen : await readSinceCommands(forge, request);
  if (now === 'unread' || signal.aborted) return 'again';
  const task = await taskOf(service, repo, { now, remembered });
  if (now === null && task === null) return 'done';
  if (isLeaving({ now, task, main: repo.main })) {
    const met = await meetRepository(service, repo, signal);
    if (met !== 'as-known' || signal.aborted) return met === 'no-pull-requests' ? 'done' : 'again';
  }
  const isAsked = read.commands.length > 0;
  const mayAuthorWrite = await isAuthorTrusted(service, forge, { now, remembered, task, request, isAsked });
  if (mayAuthorWrite === null || signal.aborted) return 'again';
  const scene: PullRequestScene = {
    now,
    main: repo.main,
    label: settings.forges.queueLabel,
    queuesOnApproval: settings.forges.queueOnApproval,
    remembered,
    task,
    commands: read.commands,
    mayAuthorWrite,
    canStop: settings.tracker.stopStatus,
    landedAt: null,
  };
  const decided = decidePullRequest(scene);
  const landedAt = task !== null && isTakenAway(decided) ? await askMain(service, { repo, task, signal }) : null;
  if (landedAt === 'unknown') return 'again';
  const actions = landedAt === null ? decided : decidePullRequest({ ...scene, landedAt });
  const acted = await act(service, { repo, number, now, task, note: remembered?.note ?? null }, actions);
  const found = { ...read.remembered, ...acted.remembered };
  const place = {
    branch: now?.branch ?? remembered?.branch ?? task?.branch ?? '',
    head: now?.head ?? remembered?.head ?? '',
  };
  const isSame = remembered !== null && remembered.head === place.head && remembered.branch === place.branch;
  const isOld = remembered !== null && service.now() - remembered.updatedAt > REMEMBER_MS;
  if (!isSame || isOld || Object.keys(found).length > 0)
    await store.rememberPullRequest({ repoId: repo.id, number, ...place, ...found }, service.now());
  return acted.isAgain ? 'again' : 'done';
}

/** Where main is, if it holds the tested commit; null: it does not. `unknown`: it cannot be read or compared now. */
async function askMain(
  service: Looks,
  { repo, task, signal }: Pick<LookRequest, 'repo' | 'signal'> & { readonly task: Task },
): Promise<string | null | 'unknown'> {
  if (task.testedSha === null) return null;
  const mirror = await service.mirrors.refresh(repo, signal);
  if (mirror.kind !== 'fresh') return 'unknown';
  const head = mirror.heads[repo.main];
  const isLanded = head === undefined ? 'no' : await isLandedOutside(service, task, head);
  return isLanded === 'yes' && head !== undefined ? head : isLanded === 'unknown' ? isLanded : null;
}

/**
 * A pull request that is gone, closed or to land elsewhere takes its task along, unless that is what the forge made of all of them: the
 * token sees nothing any more, or main is called otherwise.
 */
const isLeaving = ({
  now,
  task,
  main,
}: Pick<Known, 'now'> & { readonly task: Task | null; readonly main: string }): boolean =>
  task !== null &&
  !isTerminal(task.stage) &&
  (now === null || now.state === 'closed' || (now.state === 'open' && now.base !== main));

/** What is open is never old enough to be forgotten. */
const REMEMBER_MS = 86_400_000;

/** `unread`: the forge did not answer. Null: it is gone. */
async function readNow(
  forge: Forge,
  { listed, number, signal }: LookRequest,
  queuesOnApproval: boolean,
): Promise<PullRequest | null | 'unread'> {
  if (listed !== undefined && (!queuesOnApproval || listed.isApproved !== null)) return listed;
  const answer = await forge.pullRequest(number, signal);
  switch (answer.kind) {
    case 'pull-request':
      return answer.pullRequest;
    case 'gone':
      return null;
    case 'unreachable':
    case 'unsupported':
      return listed ?? 'unread';
  }
}

/** A command speaks of the pull request as its writer saw it, which may be later than what was read before the comments. */
async function readSinceCommands(
  forge: Forge,
  { number, signal }: LookRequest,
): Promise<PullRequest | null | 'unread'> {
  const answer = await forge.pullRequest(number, signal);
  return answer.kind === 'pull-request' ? answer.pullRequest : answer.kind === 'gone' ? null : 'unread';
}

interface Known {
  readonly now: PullRequest | null;
  readonly remembered: RememberedPullRequest | null;
}

/** A branch of another repository may have the name of one of ours; its head is called otherwise. */
async function taskOf({ store }: Looks, repo: Repository, { now, remembered }: Known): Promise<Task | null> {
  const [live] =
    now === null ? [] : await store.listTasks({ repoId: repo.id, branch: now.headRef, live: true, limit: 1 });
  if (live !== undefined && (live.pullRequest === null || live.pullRequest === now?.number)) return live;
  return remembered?.taskId == null ? null : store.getTask(remembered.taskId);
}

interface ReadCommands {
  readonly commands: readonly JudgedCommand[];
  readonly remembered: Pick<Partial<RememberedPullRequest>, 'commandCursor' | 'commands'>;
}

/** Null: the forge did not tell who may command, so nothing was read. Comments that cannot be read now are read later. */
async function readCommands(
  service: Looks,
  forge: Forge,
  { request, now, remembered }: Known & { readonly request: LookRequest },
): Promise<ReadCommands | null> {
  const { number, heard, readsComments, signal } = request;
  const cursor = remembered?.commandCursor ?? null;
  const isRead = now !== null && (readsComments || (now.state === 'open' && heard.length > 0));
  const answer = isRead ? await forge.comments({ pullRequest: number, cursor, signal }) : null;
  const comments = answer?.kind === 'comments' ? answer : null;
  const { fresh, counts } = newCommands(remembered?.commands ?? null, {
    webhooks: heard,
    comments: comments?.all ?? [],
  });
  const commands: JudgedCommand[] = [];
  const rights = new Map<string, 'may' | 'may-not' | 'not-told'>();
  for (const command of fresh) {
    // Whoever writes a hundred of them costs one question.
    const right = rights.get(command.by) ?? (await rightOf(service, forge, { by: command.by, signal }));
    if (right === null) return null;
    rights.set(command.by, right);
    commands.push({ ...command, right: right === 'may' || right === 'may-not' ? right : 'not-listed' });
  }
  const isMoved = comments !== null && comments.cursor !== cursor;
  return {
    commands,
    remembered: {
      ...(isMoved ? { commandCursor: comments.cursor } : {}),
      ...(Object.keys(counts).length === 0 ? {} : { commands: counts }),
    },
  };
}

/** Null: the forge did not answer. `not-told`: it may not tell us, and no setting names the person. */
async function rightOf(
  { settings }: Looks,
  forge: Forge,
  { by, signal }: Pick<Command, 'by'> & { readonly signal: AbortSignal },
): Promise<'may' | 'may-not' | 'not-told' | null> {
  const answer = await forge.mayCommand(by, signal);
  switch (answer.kind) {
    case 'may':
    case 'may-not':
      return answer.kind;
    case 'not-told':
    case 'unsupported':
      return settings.forges.commanders.includes(by) ? 'may' : 'not-told';
    case 'unreachable':
      return null;
  }
}

/**
 * Asked only where it decides something. A branch of the repository itself was pushed by somebody who may write: where the forge does
 * not tell more, that is enough. A fork is pushed to by its owner, who has to be the author and to have the right here. What was asked
 * for before was asked for by its commit. Null: the forge did not answer.
 */
async function isAuthorTrusted(
  service: Looks,
  forge: Forge,
  {
    now,
    remembered,
    task,
    request,
    isAsked,
  }: Known & { readonly task: Task | null; readonly request: LookRequest; readonly isAsked: boolean },
): Promise<boolean | null> {
  const isLive = task !== null && !isTerminal(task.stage);
  const hasLabel = now?.labels.includes(service.settings.forges.queueLabel) === true;
  if (now === null || isLive || remembered?.askedHead === now.head) return true;
  if (!hasLabel && !(now.isFork && isAsked)) return true;
  if (now.isFork && now.headOwner !== now.author) return false;
  const right = await rightOf(service, forge, { by: now.author, signal: request.signal });
  if (right === null) return null;
  return now.isFork ? right === 'may' : right !== 'may-not';
}
