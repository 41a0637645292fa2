/**
 * What follows from a pull request as it is now, from what people asked for before, and from what they ask for now. The one
 * place where a pull request enters the queue or leaves it. Pure.
 */
import { isTerminal } from '@gatehouse/stage-engine';
import type { ServiceContext } from '../../context.ts';
import { code } from '../../platform/markdown.ts';
import type { AskedHow, RememberedPullRequest, Task } from '../../store/port/index.ts';
import type { Command } from './commands.ts';

type Answer = Awaited<ReturnType<ReturnType<ServiceContext['forgeOf']>['pullRequest']>>;
/** A pull request as its forge shows it. */
export type PullRequest = Extract<Answer, { readonly kind: 'pull-request' }>['pullRequest'];

/** `may-not`: the forge says so. `not-listed`: the forge does not say, and ORCH_FORGE_COMMANDERS does not name the person. */
export interface JudgedCommand extends Command {
  readonly right: 'may' | 'may-not' | 'not-listed';
}

export interface PullRequestScene {
  /** Null: it is gone. */
  readonly now: PullRequest | null;
  /** The branch that is landed on. */
  readonly main: string;
  readonly label: string;
  readonly queuesOnApproval: boolean;
  readonly remembered: Pick<RememberedPullRequest, 'askedHead' | 'askedHow'> | null;
  /** The live task of its branch, else the last one that was asked for here. */
  readonly task: Task | null;
  /** Those that are new, in order. */
  readonly commands: readonly JudgedCommand[];
  /** Whether who may push to its branch may write here: only then a label, or a command without a commit, speaks for the head. */
  readonly mayAuthorWrite: boolean;
  /** False: nobody stops a task by a command. */
  readonly canStop: boolean;
  /** Main, where it holds the tested commit of the task; null: it does not, or nobody has asked. */
  readonly landedAt: string | null;
}

export type PullRequestAction =
  | { readonly kind: 'enqueue'; readonly head: string; readonly by: string; readonly how: AskedHow }
  /** `isForgotten`: the same head may be asked for again by what stands there, once it can be queued. */
  | { readonly kind: 'dequeue'; readonly reason: string; readonly by: string; readonly isForgotten: boolean }
  | { readonly kind: 'merged-outside'; readonly reason: string }
  /** Main, at `head`, holds the very commit that was tested. */
  | { readonly kind: 'landed-outside'; readonly head: string }
  | { readonly kind: 'retry'; readonly by: string }
  /** A task that was asked for otherwise belongs to this pull request. */
  | { readonly kind: 'link' }
  /** The label is gone: put on again, it asks again. */
  | { readonly kind: 'forget' }
  /** We moved the branch ourselves: what was asked for is this commit now. */
  | { readonly kind: 'follow'; readonly head: string }
  /** Answers a person in the comment, in markdown. */
  | { readonly kind: 'say'; readonly note: string }
  /** The comment is written again as things are now. */
  | { readonly kind: 'tell' };

export function decidePullRequest(scene: PullRequestScene): readonly PullRequestAction[] {
  const { task } = scene;
  const refusals = scene.commands.flatMap(refusalOf);
  const isLive = task !== null && !isTerminal(task.stage);
  return [...refusals, ...(isLive ? whileLive(scene, task) : whileNotQueued(scene))];
}

/** Whether the forge takes the task away with this, which is for main to say where it holds the tested commit. */
export const isTakenAway = (actions: readonly PullRequestAction[]): boolean =>
  actions.some((action) => action.kind === 'merged-outside' || (action.kind === 'dequeue' && action.by === 'forge'));

/** A task that waits, runs, lands or is blocked. */
function whileLive(scene: PullRequestScene, task: Task): readonly PullRequestAction[] {
  const { now } = scene;
  // What was asked for otherwise has nothing to do with a pull request that could not be queued.
  if (task.pullRequest === null && unfitness(scene, task) !== null) return [];
  const link: readonly PullRequestAction[] = task.pullRequest === null ? [{ kind: 'link' }] : [];
  const wish = lastWish(scene);
  if (task.state.landed && wish?.verb === 'stop') return [...link, tooLate(wish)];
  if (task.state.landed || task.status === 'stopping')
    return wish === null || wish.verb === 'stop' ? link : [...link, { kind: 'tell' }];
  if (scene.landedAt !== null) return [...link, { kind: 'landed-outside', head: scene.landedAt }];
  if (now?.state === 'merged')
    return [
      ...link,
      { kind: 'merged-outside', reason: `pull request #${now.number} was merged at ${now.head.slice(0, 12)}` },
    ];
  // Inside the critical window main decides: a pull request that was closed there may be what the landing itself made of it.
  const reason = task.criticalToken === null ? (unfitness(scene, task) ?? takenBack(scene, task)) : null;
  if (reason !== null) {
    const isForgotten = reason !== REPLACED;
    return [...link, { kind: 'dequeue', reason, by: 'forge', isForgotten }];
  }
  switch (wish?.verb) {
    case undefined:
      return link;
    case 'stop':
      if (!scene.canStop) return [...link, { kind: 'say', note: STOP_IS_OFF }];
      return [...link, { kind: 'dequeue', reason: `${wish.by} asked for it`, by: wish.by, isForgotten: false }];
    case 'retry':
      return [...link, task.status === 'blocked' ? { kind: 'retry', by: wish.by } : { kind: 'tell' }];
    case 'queue':
    case 'why':
      return [...link, { kind: 'tell' }];
  }
}

/** No task, or one that is over. */
function whileNotQueued(scene: PullRequestScene): readonly PullRequestAction[] {
  const { now, label, remembered, task, queuesOnApproval } = scene;
  const wish = lastWish(scene);
  if (task?.state.landed === true && wish?.verb === 'stop' && now?.state !== 'open') return [tooLate(wish)];
  if (now === null || now.state !== 'open') return [];
  const hasLabel = now.labels.includes(label);
  const isForgotten = remembered?.askedHow === 'label' && remembered.askedHead !== null && !hasLabel;
  const before: readonly PullRequestAction[] = isForgotten ? [{ kind: 'forget' }] : [];
  const isOurPush = task !== null && isOurs(task, now.head);
  const isKnown = remembered?.askedHead === now.head || (isOurPush && remembered?.askedHead != null);
  const follow: readonly PullRequestAction[] =
    isOurPush && isKnown && !isForgotten && remembered?.askedHead !== now.head
      ? [{ kind: 'follow', head: now.head }]
      : [];
  const unfit = unfitness(scene, null);
  const { head } = now;
  switch (wish?.verb) {
    case 'stop':
    case 'why':
      return [
        ...before,
        ...follow,
        { kind: 'say', note: unfit === null ? 'It is not in the queue.' : `It is not in the queue: ${code(unfit)}.` },
      ];
    case 'queue':
    case 'retry':
      if (unfit !== null) return [...before, { kind: 'say', note: cannot(unfit) }];
      if (wish.commit !== null && !head.startsWith(wish.commit))
        return [...before, { kind: 'say', note: cannot(`its head is ${head.slice(0, 12)}, not ${wish.commit}`) }];
      // Who pushes to a fork may have pushed between the reading and the command; short names can be made alike.
      if (!scene.mayAuthorWrite && now.isFork && wish.commit !== head)
        return [...before, { kind: 'say', note: mustName(head) }];
      return [...before, { kind: 'enqueue', head, by: wish.by, how: 'comment' }];
    case undefined:
      break;
  }
  if (isKnown && !isForgotten) return follow;
  const isApproved = queuesOnApproval && now.isApproved === true;
  if (!hasLabel && !isApproved) return before;
  if (unfit !== null) return before;
  if (isApproved) return [...before, { kind: 'enqueue', head, by: 'an approval', how: 'approval' }];
  if (!scene.mayAuthorWrite) return [...before, { kind: 'say', note: now.isFork ? mustName(head) : UNTRUSTED }];
  return [...before, { kind: 'enqueue', head, by: `the label ${label}`, how: 'label' }];
}

/** Who stops is told that it was of no use any more. */
const tooLate = ({ by }: { readonly by: string }): PullRequestAction => ({
  kind: 'say',
  note: `The \`stop\` of ${code(by)} was read when it had landed already.`,
});

const cannot = (why: string): string => `It cannot be queued: ${code(why)}.`;
const STOP_IS_OFF =
  'No task can be stopped by a command here (ORCH_STOP_STATUS_ENABLED is false). Closing the pull request, or making it a draft, takes it out of the queue.';
const REPLACED = 'a push replaced the commit that was asked for';
const UNTRUSTED =
  'Its author may not write here, so a label does not speak for a commit: somebody who may write has to look at it and comment `/gatehouse queue`.';

const mustName = (head: string): string =>
  `Who may push to its branch may not write here, so nothing of it runs before somebody who may write has looked at this very commit and comments \`/gatehouse queue ${head}\`. A later push takes that back.`;

/** Why a pull request cannot be in the queue; null: it can. */
function unfitness({ now, main }: PullRequestScene, task: Task | null): string | null {
  if (now === null) return 'the pull request is gone';
  if (now.state !== 'open') return `the pull request is ${now.state}`;
  if (now.base !== main) return `it is to land on ${now.base}, and only ${main} is landed on here`;
  if (task !== null && now.headRef !== task.branch) return `its branch is called ${now.branch} now`;
  return now.isDraft ? 'it is a draft' : null;
}

/** Why what was asked for does not hold any more; what was asked for otherwise is not taken back by a label or a push. */
function takenBack({ now, label, remembered }: PullRequestScene, task: Task): string | null {
  if (now === null || task.requestedBy === null) return null;
  if (!isOurs(task, now.head)) return REPLACED;
  return remembered?.askedHow === 'label' && !now.labels.includes(label) ? `the label ${label} is gone` : null;
}

/** The head that was asked for, or the tested commit that we put there ourselves. */
const isOurs = ({ headSha, testedSha, landedSha }: Task, head: string): boolean =>
  head === headSha || head === testedSha || head === landedSha;

/** Of several commands the last one counts. */
const lastWish = ({ commands }: PullRequestScene): JudgedCommand | null =>
  commands.findLast(({ right }) => right === 'may') ?? null;

function refusalOf({ by, verb, right }: JudgedCommand): readonly PullRequestAction[] {
  switch (right) {
    case 'may':
      return [];
    case 'may-not':
      return [{ kind: 'say', note: `\`${verb}\` was not done for ${code(by)}, who may not write to this repository.` }];
    case 'not-listed':
      return [
        {
          kind: 'say',
          note: `\`${verb}\` was not done for ${code(by)}: the forge does not tell who may write, and ORCH_FORGE_COMMANDERS does not name them.`,
        },
      ];
  }
}
