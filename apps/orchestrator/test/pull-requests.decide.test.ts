/** Which pull request enters the queue, and which leaves it: every row by itself, and every change while it is queued. */
import { initialState } from '@gatehouse/stage-engine';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Task } from '../src/store/port/index.ts';
import {
  decidePullRequest,
  type JudgedCommand,
  type PullRequest,
  type PullRequestAction,
  type PullRequestScene,
} from '../src/worker/pull-requests/decide.ts';

const [HEAD, NEXT, TESTED] = ['a', 'b', 'c'].map((digit) => digit.repeat(40)) as [string, string, string];

const pullRequest = (more: Partial<PullRequest> = {}): PullRequest => ({
  number: 7,
  title: 'a change',
  branch: 'feature/x',
  head: HEAD,
  base: 'main',
  author: 'ann',
  isDraft: false,
  isFork: false,
  headRef: 'feature/x',
  headOwner: 'org',
  labels: [],
  isApproved: null,
  state: 'open',
  ...more,
});

const task = (more: Partial<Task> = {}): Task =>
  ({
    id: 't1',
    branch: 'feature/x',
    stage: 'deploy-staging',
    status: 'active',
    state: initialState('gates-only'),
    headSha: HEAD,
    testedSha: null,
    landedSha: null,
    criticalToken: null,
    pullRequest: 7,
    requestedBy: 'ann',
    ...more,
  }) as Task;
const ended = (more: Partial<Task> = {}): Task => task({ stage: 'cancelled', ...more });

const byLabel = { askedHead: HEAD, askedHow: 'label' } as const;
const byComment = { askedHead: HEAD, askedHow: 'comment' } as const;
const LABELED = pullRequest({ labels: ['gatehouse'] });
const OF_FORK = { isFork: true, headRef: 'refs/pull/7/head', headOwner: 'eve', author: 'eve' } as const;
const FORK = pullRequest(OF_FORK);
const MUST_NAME = `say: Who may push to its branch may not write here, so nothing of it runs before somebody who may write has looked at this very commit and comments \`/gatehouse queue ${HEAD}\`. A later push takes that back.`;
const says = (verb: JudgedCommand['verb'], more: Partial<JudgedCommand> = {}): JudgedCommand => ({
  by: 'bob',
  verb,
  commit: null,
  right: 'may',
  ...more,
});

const scene = (more: Partial<PullRequestScene>): PullRequestScene => ({
  now: pullRequest(),
  main: 'main',
  label: 'gatehouse',
  queuesOnApproval: false,
  remembered: null,
  task: null,
  canStop: true,
  landedAt: null,
  commands: [],
  mayAuthorWrite: true,
  ...more,
});

/** One line per action, as the table below says it. */
const inWords = (actions: readonly PullRequestAction[]): string =>
  actions
    .map((action) => {
      switch (action.kind) {
        case 'enqueue':
          return `enqueue ${action.head[0]} by ${action.how}`;
        case 'dequeue':
          return `dequeue: ${action.reason}${action.isForgotten ? '' : ' (asked once)'}`;
        case 'say':
          return `say: ${action.note}`;
        case 'follow':
          return `follow ${action.head[0]}`;
        default:
          return action.kind;
      }
    })
    .join('; ') || 'nothing';
const decided = (more: Partial<PullRequestScene>): string => inWords(decidePullRequest(scene(more)));

const queued = { task: task(), remembered: byLabel, now: LABELED };

describe('a pull request enters the queue', () => {
  test.each<readonly [string, Partial<PullRequestScene>, string]>([
    ['nobody asked', {}, 'nothing'],
    ['the label is on', { now: LABELED }, 'enqueue a by label'],
    ['the label is on and its head was asked for before', { now: LABELED, remembered: byLabel }, 'nothing'],
    [
      'the label is on and a push replaced what failed',
      { now: { ...LABELED, head: NEXT }, remembered: byLabel, task: ended() },
      'enqueue b by label',
    ],
    [
      'the label went off and comes on again',
      { now: LABELED, remembered: { askedHead: null, askedHow: null } },
      'enqueue a by label',
    ],
    ['the label is off after its task ended', { remembered: byLabel, task: ended() }, 'forget'],
    [
      'the label is on and its author may not write',
      { now: LABELED, mayAuthorWrite: false },
      'say: Its author may not write here, so a label does not speak for a commit: somebody who may write has to look at it and comment `/gatehouse queue`.',
    ],
    [
      'a writer asks for the commit of an author who may not write',
      { mayAuthorWrite: false, commands: [says('queue')] },
      'enqueue a by comment',
    ],
    [
      'a writer names the very commit',
      { commands: [says('queue', { commit: HEAD.slice(0, 9) })] },
      'enqueue a by comment',
    ],
    [
      'a writer names a commit that is not there any more',
      { commands: [says('queue', { commit: 'bbbbbbb' })] },
      'say: It cannot be queued: `its head is aaaaaaaaaaaa, not bbbbbbb`.',
    ],
    [
      'a writer asks again for what was removed',
      { commands: [says('retry')], remembered: byComment, task: ended() },
      'enqueue a by comment',
    ],
    ['an approval, which the settings do not ask for', { now: pullRequest({ isApproved: true }) }, 'nothing'],
    [
      'an approval, which the settings ask for',
      { now: pullRequest({ isApproved: true }), queuesOnApproval: true },
      'enqueue a by approval',
    ],
    [
      'an approval of a head that was asked for',
      { now: pullRequest({ isApproved: true }), queuesOnApproval: true, remembered: byComment },
      'nothing',
    ],
    ['a draft with the label', { now: { ...LABELED, isDraft: true } }, 'nothing'],
    [
      'a draft, by command',
      { now: pullRequest({ isDraft: true }), commands: [says('queue')] },
      'say: It cannot be queued: `it is a draft`.',
    ],
    ['closed, with the label', { now: { ...LABELED, state: 'closed' } }, 'nothing'],
    [
      'reopened, with the label',
      { now: LABELED, remembered: { askedHead: null, askedHow: null }, task: ended() },
      'enqueue a by label',
    ],
    ['it lands elsewhere, with the label', { now: { ...LABELED, base: 'release' } }, 'nothing'],
    ['a fork with the label, whose author may write', { now: { ...LABELED, ...OF_FORK } }, 'enqueue a by label'],
    ['a fork with the label', { now: { ...LABELED, ...OF_FORK }, mayAuthorWrite: false }, MUST_NAME],
    ['a fork, by a command', { now: FORK, commands: [says('queue')], mayAuthorWrite: false }, MUST_NAME],
    [
      'a fork, by a command with a short commit, as which another may be made',
      { now: FORK, commands: [says('queue', { commit: HEAD.slice(0, 39) })], mayAuthorWrite: false },
      MUST_NAME,
    ],
    [
      'a fork, by a command with this very commit',
      { now: FORK, commands: [says('queue', { commit: HEAD })], mayAuthorWrite: false },
      'enqueue a by comment',
    ],
    [
      'a fork that was pushed to since somebody looked',
      { now: { ...FORK, head: NEXT }, commands: [says('queue', { commit: HEAD })], mayAuthorWrite: false },
      `say: It cannot be queued: \`its head is ${NEXT.slice(0, 12)}, not ${HEAD}\`.`,
    ],
    [
      'a fork that was approved at this head, by somebody who may write',
      { now: { ...FORK, isApproved: true }, queuesOnApproval: true, mayAuthorWrite: false },
      'enqueue a by approval',
    ],
    [
      'a fork whose repository is gone, by a command with its commit',
      { now: { ...FORK, headOwner: null }, commands: [says('queue', { commit: HEAD })], mayAuthorWrite: false },
      'enqueue a by comment',
    ],
    ['a fork that is gone', { now: { ...LABELED, isFork: true, state: 'closed' } }, 'nothing'],
    ['gone', { now: null }, 'nothing'],
    [
      'a person who may not write asks',
      { commands: [says('queue', { right: 'may-not' })] },
      'say: `queue` was not done for `bob`, who may not write to this repository.',
    ],
    [
      'a person whom nobody vouches for asks',
      { commands: [says('queue', { right: 'not-listed' })] },
      'say: `queue` was not done for `bob`: the forge does not tell who may write, and ORCH_FORGE_COMMANDERS does not name them.',
    ],
    ['a stop of what is not queued', { commands: [says('stop')] }, 'say: It is not in the queue.'],
    [
      'why, of what is not queued',
      { commands: [says('why')], now: pullRequest({ isDraft: true }) },
      'say: It is not in the queue: `it is a draft`.',
    ],
    ['it asks and takes it back at once', { commands: [says('queue'), says('stop')] }, 'say: It is not in the queue.'],
    [
      'our own push, of a task that a person stopped',
      { now: { ...LABELED, head: TESTED }, remembered: byLabel, task: ended({ testedSha: TESTED }) },
      'follow c',
    ],
  ])('%s', (_when, more, expected) => {
    expect(decided(more)).toBe(expected);
  });
});

const OF_QUEUED_FORK = { task: task({ branch: OF_FORK.headRef }), remembered: byComment, mayAuthorWrite: false };

describe('a pull request that is queued', () => {
  test.each<readonly [string, Partial<PullRequestScene>, string]>([
    ['stays while nothing changes', {}, 'nothing'],
    [
      'stays when we pushed the tested commit',
      { task: task({ testedSha: TESTED }), now: { ...LABELED, head: TESTED } },
      'nothing',
    ],
    [
      'leaves at a push',
      { now: { ...LABELED, head: NEXT } },
      'dequeue: a push replaced the commit that was asked for (asked once)',
    ],
    [
      'leaves at a forced push behind our own',
      { task: task({ testedSha: TESTED }), now: { ...LABELED, head: NEXT } },
      'dequeue: a push replaced the commit that was asked for (asked once)',
    ],
    ['leaves without its label', { now: pullRequest() }, 'dequeue: the label gatehouse is gone'],
    ['stays without a label that it was not asked by', { now: pullRequest(), remembered: byComment }, 'nothing'],
    ['leaves as a draft', { now: { ...LABELED, isDraft: true } }, 'dequeue: it is a draft'],
    ['leaves when it is closed', { now: { ...LABELED, state: 'closed' } }, 'dequeue: the pull request is closed'],
    ['leaves when it is gone', { now: null }, 'dequeue: the pull request is gone'],
    [
      'leaves when it is to land elsewhere',
      { now: { ...LABELED, base: 'release' } },
      'dequeue: it is to land on release, and only main is landed on here',
    ],
    [
      'leaves when main is called otherwise',
      { now: { ...LABELED, base: 'trunk' } },
      'dequeue: it is to land on trunk, and only main is landed on here',
    ],
    [
      'leaves when its branch is called otherwise',
      { now: { ...LABELED, branch: 'feature/y', headRef: 'feature/y' } },
      'dequeue: its branch is called feature/y now',
    ],
    [
      'stays as a fork whose repository is gone: its head is here',
      { ...OF_QUEUED_FORK, now: { ...FORK, headOwner: null } },
      'nothing',
    ],
    [
      'leaves as a fork that was pushed to',
      { ...OF_QUEUED_FORK, now: { ...FORK, head: NEXT } },
      'dequeue: a push replaced the commit that was asked for (asked once)',
    ],
    ['is told of a merge by another hand', { now: { ...LABELED, state: 'merged' } }, 'merged-outside'],
    ['leaves when a person says so', { commands: [says('stop')] }, 'dequeue: bob asked for it (asked once)'],
    [
      'stays when a person says so who may not',
      { commands: [says('stop', { right: 'may-not' })] },
      'say: `stop` was not done for `bob`, who may not write to this repository.',
    ],
    ['is not queued twice', { commands: [says('queue')] }, 'tell'],
    ['says why', { commands: [says('why')] }, 'tell'],
    ['is retried when it is blocked', { task: task({ status: 'blocked' }), commands: [says('retry')] }, 'retry'],
    ['is not retried while it runs', { commands: [says('retry')] }, 'tell'],
    [
      'is let be while it is being stopped',
      { task: task({ status: 'stopping' }), now: { ...LABELED, head: NEXT } },
      'nothing',
    ],
    [
      'is let be once it has landed',
      { task: task({ state: { ...initialState('gates-only'), landed: true } }), now: { ...LABELED, state: 'merged' } },
      'nothing',
    ],
  ])('%s', (_when, more, expected) => {
    expect(decided({ ...queued, ...more })).toBe(expected);
  });
});

describe('a task that was asked for by the API', () => {
  const plain = task({ requestedBy: null, pullRequest: null });
  test.each<readonly [string, Partial<PullRequestScene>, string]>([
    ['belongs to the pull request of its branch', { task: plain }, 'link'],
    [
      'has nothing to do with one that lands elsewhere',
      { task: plain, now: pullRequest({ base: 'release' }) },
      'nothing',
    ],
    [
      'is not taken back by a draft that was there before',
      { task: plain, now: pullRequest({ isDraft: true }) },
      'nothing',
    ],
    [
      'is not taken back by a push',
      { task: { ...plain, pullRequest: 7 }, now: pullRequest({ head: NEXT }) },
      'nothing',
    ],
    [
      'is taken back when its pull request is closed',
      { task: { ...plain, pullRequest: 7 }, now: pullRequest({ state: 'closed' }) },
      'dequeue: the pull request is closed',
    ],
  ])('%s', (_when, more, expected) => {
    expect(decided(more)).toBe(expected);
  });
});

const someScene = fc.record({
  now: fc.option(
    fc.record({
      head: fc.constantFrom(HEAD, NEXT, TESTED),
      base: fc.constantFrom('main', 'release'),
      isDraft: fc.boolean(),
      isFork: fc.boolean(),
      labels: fc.constantFrom([], ['gatehouse']),
      isApproved: fc.constantFrom(null, true, false),
      state: fc.constantFrom('open', 'closed', 'merged'),
    }),
  ),
  task: fc.option(
    fc.record({
      stage: fc.constantFrom('deploy-staging', 'deploy', 'done', 'cancelled'),
      status: fc.constantFrom('active', 'waiting', 'blocked', 'stopping'),
      testedSha: fc.constantFrom(null, TESTED),
      requestedBy: fc.constantFrom(null, 'ann'),
    }),
  ),
  commands: fc.array(
    fc.record({
      verb: fc.constantFrom('queue', 'stop', 'retry', 'why'),
      right: fc.constantFrom('may', 'may-not', 'not-listed'),
      commit: fc.constantFrom(null, HEAD, NEXT, HEAD.slice(0, 7)),
    }),
    { maxLength: 3 },
  ),
  mayAuthorWrite: fc.boolean(),
});

test('whatever comes together: nothing enters that may not, and nothing enters twice', () => {
  fc.assert(
    fc.property(someScene, ({ now, task: of, commands, mayAuthorWrite }) => {
      const actions = decidePullRequest(
        scene({
          now: now === null ? null : pullRequest(now as Partial<PullRequest>),
          task: of === null ? null : task(of as Partial<Task>),
          commands: commands.map(({ verb, ...of }) =>
            says(verb as 'queue', of as { right: 'may'; commit: string | null }),
          ),
          queuesOnApproval: true,
          mayAuthorWrite,
        }),
      );
      const entering = actions.filter(({ kind }) => kind === 'enqueue');
      expect(entering.length).toBeLessThanOrEqual(1);
      if (entering.length === 0) return;
      expect(now).toMatchObject({ state: 'open', isDraft: false, base: 'main' });
      const isNamed = commands.some(({ right, commit }) => right === 'may' && commit === now?.head);
      expect(now?.isFork !== true || mayAuthorWrite || now.isApproved === true || isNamed).toBe(true);
      expect(of === null || of.stage === 'done' || of.stage === 'cancelled').toBe(true);
      const isAsked = commands.some(({ verb, right }) => right === 'may' && (verb === 'queue' || verb === 'retry'));
      expect(isAsked || now?.isApproved === true || (mayAuthorWrite && now?.labels.length === 1)).toBe(true);
    }),
  );
});

test('where main holds the tested commit a task is told as landed, however its pull request looks', () => {
  for (const now of [pullRequest({ state: 'closed' }), pullRequest({ state: 'merged' }), null]) {
    const shown = scene({ now, task: task({ testedSha: TESTED }), landedAt: NEXT });
    expect(decidePullRequest(shown)).toEqual([{ kind: 'landed-outside', head: NEXT }]);
  }
});

test('inside the critical window nothing that the forge shows takes a task back, and a person still can', () => {
  const landing = task({ criticalToken: 3 });
  for (const now of [pullRequest({ state: 'closed' }), pullRequest({ head: NEXT }), null])
    expect(decidePullRequest(scene({ now, task: landing }))).toEqual([]);
  const stopped = decidePullRequest(scene({ task: landing, commands: [says('stop')] }));
  expect(stopped.map(({ kind }) => kind)).toEqual(['dequeue']);
});
