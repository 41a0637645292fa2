/** Carries out what was decided about one pull request. Each action may be carried out again. */
import { randomUUID } from 'node:crypto';
import { validatePullHead, validateRefName } from '@gatehouse/git';
import type { Cancellations } from '../../cancellation/cancellations.ts';
import type { ServiceContext } from '../../context.ts';
import { code } from '../../platform/markdown.ts';
import { maskText } from '../../platform/mask-text.ts';
import type { RememberedPullRequest, Repository, Task } from '../../store/port/index.ts';
import { type TellsLanded, tellLandedOutside } from '../landed-outside.ts';
import type { PullRequest, PullRequestAction } from './decide.ts';

export type Acts = TellsLanded & {
  readonly wakeup: ServiceContext['wakeup'];
  readonly cancellations: Pick<Cancellations, 'request'>;
};

export interface ActContext {
  readonly repo: Repository;
  readonly number: number;
  /** Null: it is gone. */
  readonly now: PullRequest | null;
  readonly task: Task | null;
  /** The last answer to a person; null: none. */
  readonly note: string | null;
}

/** What is to be remembered of it, besides where it is. */
export type Remembered = Partial<RememberedPullRequest>;

/** `isAgain`: a task of the branch is still being cleaned up; the same question has to be asked soon. */
export interface Acted {
  readonly remembered: Remembered;
  readonly isAgain: boolean;
}

export async function act(service: Acts, context: ActContext, actions: readonly PullRequestAction[]): Promise<Acted> {
  let remembered: Remembered = {};
  let isAgain = false;
  for (const action of actions) {
    const acted = await actOnce(service, context, action);
    remembered = { ...remembered, ...acted };
    if (acted === AGAIN) isAgain = true;
  }
  return { remembered, isAgain };
}

const AGAIN: Remembered = {};
const FORGOTTEN: Remembered = { askedHead: null, askedBy: null, askedHow: null };

async function actOnce(service: Acts, context: ActContext, action: PullRequestAction): Promise<Remembered> {
  const { store, engine, now, wakeup } = service;
  const { repo, number, task } = context;
  const actor = `pull request #${number}`;
  switch (action.kind) {
    case 'enqueue':
      return enqueue(service, context, action);
    case 'dequeue': {
      if (task === null) return {};
      const asked = await service.cancellations.request({ taskId: task.id, reason: action.reason, actor: action.by });
      service.log.info('a pull request is taken back', {
        repo: repo.id,
        task: task.id,
        why: action.reason,
        answer: asked.kind,
      });
      return action.isForgotten ? FORGOTTEN : {};
    }
    case 'merged-outside': {
      if (task === null) return {};
      const event = { kind: 'merged-otherwise', reason: action.reason, atMs: now() } as const;
      await store.applyEvent({ taskId: task.id, event, engine, actor });
      return {};
    }
    case 'landed-outside':
      if (task !== null) await tellLandedOutside(service, { repo, task, head: action.head });
      return {};
    case 'retry': {
      if (task === null) return {};
      const event = { kind: 'retried', by: action.by, atMs: now() } as const;
      await store.applyEvent({ taskId: task.id, event, engine, actor: action.by });
      wakeup.notify();
      return { note: null };
    }
    case 'link':
      if (task !== null && (await store.linkPullRequest(task.id, number))) await tell(service, context);
      return task === null ? {} : { taskId: task.id };
    case 'forget':
      return FORGOTTEN;
    case 'follow':
      return { askedHead: action.head };
    case 'say':
      await tell(service, context, action.note);
      return { note: action.note };
    case 'tell':
      if (context.now !== null) {
        const { branch, head } = context.now;
        // Whoever asks may see none, because somebody deleted it.
        await store.rememberPullRequest({ repoId: repo.id, number, branch, head, note: null, toldHash: null }, now());
      }
      await tell(service, context);
      return { note: null };
  }
}

async function enqueue(
  service: Acts,
  context: ActContext,
  { head, by, how }: Extract<PullRequestAction, { readonly kind: 'enqueue' }>,
): Promise<Remembered> {
  const { repo, now, number } = context;
  if (now === null) return {};
  const { branch, title, headRef } = now;
  const name = now.isFork ? validatePullHead(headRef) : validateRefName(headRef);
  if (name.kind !== 'valid') {
    const note = `It cannot be queued: ${code(`the branch name cannot be used: ${name.reason}`)}.`;
    await tell(service, context, note);
    return { note, askedHead: head, askedBy: by, askedHow: how };
  }
  const added = await service.store.addTask(
    {
      id: `t-${randomUUID().slice(0, 8)}`,
      repoId: repo.id,
      profile: repo.profile,
      branch: headRef,
      key: /([A-Z][A-Z0-9]*-\d+)/.exec(branch)?.[1] ?? headRef,
      title: (await maskText(title)).slice(0, 500) || branch,
      headSha: head,
      pullRequest: number,
      requestedBy: by,
      actor: by,
      atMs: service.now(),
    },
    service.engine,
  );
  if (added.kind !== 'added') return AGAIN;
  await tell(service, { ...context, task: added.task });
  service.log.info('a pull request is queued', { repo: repo.id, task: added.task.id, pullRequest: number, by });
  service.wakeup.notify();
  return { askedHead: head, askedBy: by, askedHow: how, taskId: added.task.id, note: null, finishedAt: null };
}

/** What is told is read when it is told; one order says only where. A note that stands there already is told once. */
async function tell({ store, now }: Acts, { repo, number, task, note: known }: ActContext, note = ''): Promise<void> {
  const atMs = now();
  const about = { repoId: repo.id, number };
  const dedupeKey = `tell:${repo.id}#${number}:${task?.id ?? ''}:${note === known ? note.slice(0, 500) : atMs}`;
  const of = task === null ? {} : { taskId: task.id };
  await store.addOutbox({ kind: 'tell', dedupeKey, payload: about, ...of, atMs });
}
