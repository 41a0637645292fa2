/** Pull requests of a forge in memory, watched, queued, taken back and told, on a real store. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createActiveClaims } from '../src/cancellation/active-claims.ts';
import { createCancellations } from '../src/cancellation/cancellations.ts';
import type { ServiceContext } from '../src/context.ts';
import { NO_REASON } from '../src/platform/end-of-task.ts';
import { silentLog } from '../src/platform/logger.ts';
import { createMetrics } from '../src/platform/metrics.ts';
import { createWakeup } from '../src/platform/wakeup.ts';
import type { Store, Task } from '../src/store/port/index.ts';
import { openSqliteStore } from '../src/store/sqlite/open.ts';
import { noTracker } from '../src/trackers/none.ts';
import { dispatchOutbox } from '../src/worker/outbox.ts';
import { peopleEffects } from '../src/worker/pull-requests/effects.ts';
import { createHints, type PullRequestHints } from '../src/worker/pull-requests/hints.ts';
import {
  createWatchMemory,
  LIST_MS,
  type WatchMemory,
  watchPullRequests,
} from '../src/worker/pull-requests/watcher.ts';
import { settingsFrom } from './live-gatehouse.ts';
import { HEADS, PeopleForge } from './people-forge.ts';
import { addTask, ENGINE, mustClaim, PLAIN_GATE, REPO, T0, tokenOf, withRepo } from './store/world.ts';

const signal = new AbortController().signal;
let [store, forge, hints, memory, nowMs]: [Store, PeopleForge, PullRequestHints, WatchMemory, number] = [] as never;
let settings = settingsFrom({});
beforeEach(async () => {
  const opened = openSqliteStore(':memory:');
  if (opened.kind === 'refused') throw opened.trouble;
  store = await withRepo(opened.store);
  [forge, hints, memory] = [new PeopleForge(), createHints(), createWatchMemory()];
  [nowMs, settings] = [T0, settingsFrom({})];
});
afterEach(() => store.close());

function service() {
  const context = {
    settings,
    store,
    engine: ENGINE,
    ...forge.inContext(),
    activeClaims: createActiveClaims(),
    tracker: noTracker,
    metrics: createMetrics({ mergeMetrics: false }),
    log: silentLog,
    wakeup: createWakeup(),
    now: () => nowMs,
    workerId: 'w1',
    mirrors: { directory: () => '' },
    workspaces: { removeStale: async () => {} },
  } as unknown as ServiceContext;
  const cancellations = createCancellations(context);
  const explain = async (task: Task) => ({ reason: task.state.blocked?.detail ?? task.state.ended, warnings: [] });
  return { ...context, cancellations, explain, checkOfGate: () => 'check_branch_mergeable' as const };
}

/** One pass as the watcher makes it, then what the outbox does with it. */
async function pass(): Promise<void> {
  const repo = await store.getRepo(REPO);
  if (repo === null) throw new Error('no repository');
  const parts = service();
  await watchPullRequests(parts, repo, { hints, memory, signal });
  await deliver();
  await parts.cancellations.close();
}
async function deliver(): Promise<void> {
  await dispatchOutbox({ ...service(), people: peopleEffects(service()) });
}
async function listAgain(): Promise<void> {
  nowMs += LIST_MS;
  await pass();
}
const tasks = async () =>
  (await store.listTasks()).map(
    ({ branch, stage, status }) => `${branch.split('~')[0]} ${stage === 'cancelled' ? stage : status}`,
  );
const only = async (): Promise<Task> => {
  const [task, ...others] = await store.listTasks({ live: true });
  if (task === undefined || others.length > 0) throw new Error('expected one live task');
  return task;
};

test('a label queues a pull request once, and what its people read is one comment and one status', async () => {
  forge.put({ labels: ['gatehouse'] });
  await pass();
  await listAgain();
  const task = await only();
  expect(task).toMatchObject({
    pullRequest: 7,
    requestedBy: 'the label gatehouse',
    headSha: HEADS[0],
    title: 'a change',
  });
  expect([...forge.comments.keys()]).toEqual([task.id]);
  expect(forge.comments.get(task.id)).toMatchInlineSnapshot(`
"**Gatehouse**: testing (\`check_security_gate\`), position 1 of 1, expected wait unknown.

<sub>Commands, each as a comment: \`/gatehouse queue\`, \`stop\`, \`retry\`, \`why\`.</sub>"
`);
  expect(forge.statuses).toMatchInlineSnapshot(`
[
  "a pending: testing (check_security_gate), position 1",
]
`);
});

test('of pull requests that are found asking at once the oldest is queued first, however the forge lists them', async () => {
  for (const number of [12, 9, 10]) {
    const branch = `feature/${number}`;
    forge.put({ number, branch, headRef: branch, labels: ['gatehouse'] });
  }
  await pass();
  const numbers = new Map((await store.listTasks()).map(({ id, pullRequest }) => [id, pullRequest]));
  const jobs = (await store.listJobs({ live: true })).toSorted((one, other) => one.id - other.id);
  expect(jobs.map(({ taskId }) => numbers.get(taskId ?? ''))).toEqual([9, 10, 12]);
});

test('the list is read once a minute, and at once when a webhook says so', async () => {
  await pass();
  await pass();
  nowMs += LIST_MS - 1;
  await pass();
  expect(forge.asked).toEqual(['list']);
  hints.add({ repoId: REPO, pullRequest: null, comment: null });
  await pass();
  expect(forge.asked).toEqual(['list', 'list']);
});

test('a command is judged on the pull request as it was when the command was written, or later', async () => {
  forge.put({ isDraft: true });
  forge.meanwhile = () => {
    forge.meanwhile = () => {};
    forge.put({ isDraft: false, head: HEADS[1] });
    forge.say('bob', '/gatehouse queue');
  };
  await pass();
  expect(await only()).toMatchObject({ requestedBy: 'bob', headSha: HEADS[1] });
});

test('ten hints about one pull request are one reading', async () => {
  await pass();
  forge.put({ labels: ['gatehouse'] });
  for (let index = 0; index < 10; index += 1) hints.add({ repoId: REPO, pullRequest: 7, comment: null });
  await pass();
  expect(forge.asked.filter((asked) => asked === 'read 7')).toHaveLength(1);
  expect(await tasks()).toEqual(['feature/x active']);
});

test('a command is judged by who pressed the key, is done once, and is answered in words', async () => {
  forge.put();
  await pass();
  hints.add({ repoId: REPO, pullRequest: 7, comment: { by: 'mallory', text: '/gatehouse queue' } });
  await pass();
  expect(await tasks()).toEqual([]);
  expect([...forge.comments]).toEqual([
    ['pull-request-7', '**Gatehouse**: `queue` was not done for `mallory`, who may not write to this repository.'],
  ]);
  forge.say('bob', '/gatehouse queue');
  hints.add({ repoId: REPO, pullRequest: 7, comment: { by: 'bob', text: '/gatehouse queue' } });
  await pass();
  const { id } = await only();
  forge.say('bob', '/gatehouse stop');
  await listAgain();
  expect(await tasks()).toEqual(['feature/x cancelled']);
  await service().cancellations.resumePending();
  await listAgain();
  await listAgain();
  expect(await tasks()).toEqual(['feature/x cancelled']);
  const line = forge.comments.get(id)?.split('\n')[0];
  expect(line).toBe('**Gatehouse**: removed from the queue: `bob asked for it`. `/gatehouse queue` queues it again.');
});

test('a stop of a person who gave no reason says who stopped it', async () => {
  forge.put({ labels: ['gatehouse'] });
  await pass();
  const { id } = await only();
  const { cancellations } = service();
  await cancellations.request({ taskId: id, reason: NO_REASON, actor: 'carol' });
  await cancellations.close();
  await listAgain();
  const line = forge.comments.get(id)?.split('\n')[0];
  expect(line).toBe(
    '**Gatehouse**: removed from the queue: `stopped by carol, who gave no reason`. `/gatehouse queue` queues it again.',
  );
});

test('a comment that somebody deleted is written again for who asks why', async () => {
  forge.put({ labels: ['gatehouse'] });
  await pass();
  const { id } = await only();
  forge.comments.clear();
  forge.say('bob', '/gatehouse why');
  await listAgain();
  expect([...forge.comments.keys()]).toEqual([id]);
});

test('an answer is told again after another one, and a person who writes a hundred commands costs one question', async () => {
  forge.put();
  const told = async (by: string, text: string): Promise<string | undefined> => {
    forge.say(by, text);
    await listAgain();
    return forge.comments.get('pull-request-7');
  };
  expect(await told('mallory', '/gatehouse queue')).toContain('may not write');
  expect(await told('bob', '/gatehouse why')).toContain('is not in the queue');
  forge.asked.length = 0;
  for (let count = 0; count < 100; count += 1) forge.say('mallory', `/gatehouse queue ${'0'.repeat(7)}${count}`);
  expect(await told('mallory', '/gatehouse queue')).toContain('may not write');
  expect(forge.asked.filter((call) => call === 'may mallory')).toHaveLength(1);
});

test('where the forge does not tell who may write, the setting names who may command', async () => {
  forge.tellsRights = false;
  forge.put();
  forge.say('bob', '/gatehouse queue');
  await pass();
  expect(await tasks()).toEqual([]);
  settings = settingsFrom({ ORCH_FORGE_COMMANDERS: 'bob' });
  forge.say('bob', '/gatehouse queue');
  await listAgain();
  expect(await tasks()).toEqual(['feature/x active']);
});

test('a push takes the request back, and the label asks for the new head once the old task is cleaned up', async () => {
  forge.put({ labels: ['gatehouse'] });
  await pass();
  const first = await only();
  forge.put({ head: HEADS[1] });
  await listAgain();
  expect(await store.getTask(first.id)).toMatchObject({
    stage: 'cancelled',
    cancelReason: 'a push replaced the commit that was asked for',
  });
  const parts = service();
  await parts.cancellations.resumePending();
  await parts.cancellations.close();
  await listAgain();
  expect(await only()).toMatchObject({ headSha: HEADS[1] });
});

test('our own push of the tested commit is no new head, however the task ends', async () => {
  forge.put({ labels: ['gatehouse'] });
  await pass();
  const { id } = await only();
  const event = { kind: 'woken', why: 'timer', atMs: T0 } as const;
  await store.applyEvent({ taskId: id, event, engine: ENGINE, writes: { task: { testedSha: HEADS[2] } } });
  forge.put({ head: HEADS[2] });
  await listAgain();
  expect(await tasks()).toEqual(['feature/x active']);
  forge.say('ann', '/gatehouse stop');
  await listAgain();
  const parts = service();
  await parts.cancellations.resumePending();
  await parts.cancellations.close();
  await listAgain();
  await listAgain();
  expect(await tasks()).toEqual(['feature/x cancelled']);
});

test('a forge that does not answer takes nothing back and loses no hint', async () => {
  forge.put({ labels: ['gatehouse'] });
  await pass();
  forge.isDown = true;
  hints.add({ repoId: REPO, pullRequest: 7, comment: { by: 'ann', text: '/gatehouse stop' } });
  await pass();
  await listAgain();
  expect(await tasks()).toEqual(['feature/x active']);
  forge.isDown = false;
  await pass();
  await pass();
  expect(await tasks()).toEqual(['feature/x cancelled']);
});

test('a pull request that is closed and deleted meanwhile takes its task along', async () => {
  forge.put({ labels: ['gatehouse'] });
  await pass();
  forge.pullRequests.clear();
  await listAgain();
  expect((await store.listTasks())[0]).toMatchObject({ stage: 'cancelled', cancelReason: 'the pull request is gone' });
});

test('a task of the API gets the number of the pull request of its branch, and is told there', async () => {
  const { id } = await addTask(store, 't1', { branch: 'feature/x', headSha: HEADS[0] });
  forge.put();
  await pass();
  expect(await store.getTask(id)).toMatchObject({ pullRequest: 7, requestedBy: null });
  expect([...forge.comments.keys()]).toEqual([id]);
});

test('a delivery that is replayed long after asks for a reading, and what was read before queues nothing again', async () => {
  forge.put();
  forge.say('bob', '/gatehouse queue');
  await pass();
  forge.say('bob', '/gatehouse stop');
  await listAgain();
  expect(await tasks()).toEqual(['feature/x cancelled']);
  hints.add({ repoId: REPO, pullRequest: 7, comment: null });
  await pass();
  expect(await tasks()).toEqual(['feature/x cancelled']);
});

test('when comments were read is remembered of open pull requests alone', async () => {
  for (const number of [7, 8]) forge.put({ number });
  await pass();
  forge.put({ number: 7, state: 'closed' });
  await listAgain();
  expect([...(memory.commentsReadAt.get(REPO)?.keys() ?? [])]).toEqual([8]);
});

test('what a fork is called is not what our branch is called', async () => {
  const { id } = await addTask(store, 't1', { branch: 'feature/x', headSha: HEADS[0] });
  forge.put({ isFork: true, headRef: 'refs/pull/7/head', state: 'open', base: 'release' });
  await pass();
  expect(await store.getTask(id)).toMatchObject({ pullRequest: null, stage: 'deploy-staging' });
});

test('findings are quoted so that nobody is called and nothing is a link', async () => {
  forge.put({ labels: ['gatehouse'] });
  await pass();
  const { id } = await only();
  const job = await mustClaim(store);
  const message = 'see [here](https://evil.invalid) @everyone <img src=x> ```\n# big\n';
  const verdict = { status: 'fail', reason: 'a `secret` @admin', findings: [{ rule: 'secret', message }] } as const;
  const about = { check: 'check_security_gate', headSha: HEADS[0] ?? null, durationMs: 90_000 };
  const run = { ...PLAIN_GATE, ...about, ...verdict };
  await store.applyEvent({
    taskId: id,
    event: { kind: 'check-answered', check: 'check_security_gate', verdict, atMs: T0 },
    engine: ENGINE,
    job: tokenOf(job),
    writes: { gateRuns: [run] },
  });
  nowMs += 1;
  await deliver();
  expect(forge.comments.get(id)).toMatchInlineSnapshot(`
"**Gatehouse**: removed from the queue: \`\`\`\`check_security_gate: a \`secret\` @admin - secret: see [here](https://evil.invalid) @everyone <img src=x> \`\`\` # big\`\`\`\`. Push a mended commit: with the label on it is queued at once, without it comment \`/gatehouse queue\`.

- \`check_security_gate\` fail at aaaaaaaaaaaa: \`\`a \`secret\` @admin\`\`

Findings of \`check_security_gate\`:

\`\`\`\`text
secret: see [here](https://evil.invalid) @everyone <img src=x> \`\`\`
# big
\`\`\`\`

<sub>Commands, each as a comment: \`/gatehouse queue\`, \`stop\`, \`retry\`, \`why\`.</sub>"
`);
  expect(forge.statuses.at(-1)).toMatchInlineSnapshot(
    `"a failure: removed: check_security_gate: a \`secret\` @admin - secret: see [here](https://evil.invalid) @everyone <img src=x> \`\`\` # big "`,
  );
});

test('many changes that nobody was told of yet are one edit', async () => {
  forge.put({ labels: ['gatehouse'] });
  await pass();
  const before = forge.asked.filter((asked) => asked === 'comment').length;
  const { id } = await only();
  for (let index = 0; index < 10; index += 1)
    await store.addOutbox({ kind: 'tell', dedupeKey: `again ${index}`, payload: {}, taskId: id, atMs: nowMs });
  await store.rememberPullRequest(
    { repoId: REPO, number: 7, branch: 'feature/x', head: HEADS[0], taskId: id, note: 'Look.' },
    nowMs,
  );
  await deliver();
  expect(forge.asked.filter((asked) => asked === 'comment')).toHaveLength(before + 1);
});

test('a forge that asks for quiet is not asked again before', async () => {
  forge.put({ labels: ['gatehouse'] });
  forge.answers.push({ kind: 'untold', reason: 'slow down', retryAfterMs: 90_000 });
  await pass();
  expect(forge.comments.size).toBe(0);
  nowMs += 89_999;
  await deliver();
  expect(forge.comments.size).toBe(0);
  nowMs += 1;
  await deliver();
  expect(forge.comments.size).toBe(1);
});

test('a place in the queue is told anew when those ahead have left it, and the wait comes from the last runs', async () => {
  forge.put({ labels: ['gatehouse'] });
  await addTask(store, 'ahead', { branch: 'feature/ahead', atMs: T0 - 1 });
  for (const durationMs of [60_000, 240_000, 9_000_000])
    await store.recordGateRun('ahead', { ...PLAIN_GATE, durationMs });
  await pass();
  const { id } = (await store.listTasks({ branch: 'feature/x' }))[0] ?? { id: '' };
  const headline = () => forge.comments.get(id)?.split('\n')[0];
  expect(headline()).toBe(
    '**Gatehouse**: testing (`check_security_gate`), position 2 of 2, expected wait about 8 minutes.',
  );
  await store.requestStop({ taskId: 'ahead', reason: 'x', actor: 'x', atMs: nowMs, engine: ENGINE });
  await listAgain();
  expect(headline()).toBe(
    '**Gatehouse**: testing (`check_security_gate`), position 1 of 1, expected wait about 4 minutes.',
  );
});
