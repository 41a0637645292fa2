/** After a landing: the pull request ends as merged, and only then its branch goes, if it is ours to delete. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { FinishAnswer, PullRequest } from '../src/forges/people.ts';
import type { DeleteBranchAnswer } from '../src/forges/port.ts';
import type { Standing } from '../src/forges/standing.ts';
import { silentLog } from '../src/platform/logger.ts';
import type { Store } from '../src/store/port/index.ts';
import { openSqliteStore } from '../src/store/sqlite/open.ts';
import { finishPullRequest } from '../src/worker/pull-requests/finish.ts';
import { tellPeople } from '../src/worker/pull-requests/tell.ts';
import { settingsFrom } from './live-gatehouse.ts';
import { HEADS, PeopleForge } from './people-forge.ts';
import { addTask, ENGINE, REPO, T0, withRepo } from './store/world.ts';

const [, , , LANDED] = HEADS;
const MERGED: Partial<PullRequest> = { state: 'merged', head: LANDED };

let [store, forge]: [Store, PeopleForge] = [] as never;
beforeEach(async () => {
  const opened = openSqliteStore(':memory:');
  if (opened.kind === 'refused') throw opened.trouble;
  [store, forge] = [await withRepo(opened.store), new PeopleForge()];
  await addTask(store, 't1', { branch: 'feature/x', pullRequest: 7 });
  const event = { kind: 'woken', why: 'timer', atMs: T0 } as const;
  await store.applyEvent({ taskId: 't1', event, engine: ENGINE, writes: { task: { landedSha: LANDED } } });
});
afterEach(() => store.close());

const KNOWN: Standing = { kind: 'not-told', reason: 'it has no number' };

async function finish(environment: Readonly<Record<string, string>> = {}, standing = KNOWN): Promise<string> {
  const service = {
    store,
    lookAtRepository: async () => standing,
    forgeOf: forge.port,
    settings: settingsFrom(environment),
    mirrors: { directory: () => '' },
    log: silentLog,
    now: () => T0,
  } as unknown as Parameters<typeof finishPullRequest>[0];
  const answer = await finishPullRequest(service, { taskId: 't1' });
  const isOver = (await store.rememberedPullRequest(REPO, 7))?.finishedAt === T0;
  return [answer.kind, ...forge.asked, isOver ? 'over' : 'not over'].join(', ');
}

const STRANGER: Standing = { kind: 'another', reason: 'another repository has its name', next: 'gatehouse repo set' };

test('nothing is ended at a repository that has taken the name of ours', async () => {
  forge.put(MERGED);
  expect(await finish({}, STRANGER)).toBe('untold, not over');
});

test.each<readonly [string, Standing, string, number]>([
  ['said at ours, as a status and a comment', KNOWN, 'told', 2],
  ['kept from a repository that has taken its name', STRANGER, 'untold', 0],
])('what people are to be told is %s', async (_what, standing, kind, words) => {
  const said: unknown[] = [];
  const write = async (word: unknown) => {
    said.push(word);
    return { kind: 'told' as const };
  };
  const port = { ...forge.port(), setStatus: write, comment: write };
  const service = {
    ...{ store, forgeOf: () => port, log: silentLog, now: () => T0, checkOfGate: () => 'check_branch_mergeable' },
    ...{ lookAtRepository: async () => standing, explain: async () => ({ reason: 'it waits', warnings: [] }) },
  } as unknown as Parameters<typeof tellPeople>[0];
  const answer = await tellPeople(service, { taskId: 't1', payload: {} }, new Map());
  expect([answer.kind, said.length]).toEqual([kind, words]);
});

interface Row {
  readonly finishes?: FinishAnswer;
  readonly deletes?: DeleteBranchAnswer;
  readonly pullRequest?: Partial<PullRequest>;
  readonly environment?: Readonly<Record<string, string>>;
}

test.each<readonly [string, Partial<PullRequest>]>([
  ['lands on it', { base: 'feature/x', branch: 'feature/y' }],
  ['is of the same branch', { base: 'release' }],
])('a landed branch stays while another pull request %s', async (_what, other) => {
  forge.put(MERGED);
  forge.put({ number: 8, ...other });
  expect(await finish()).toBe('told, finish 7 d, read 7, list, over');
  forge.put({ number: 8, state: 'closed' });
  expect(await finish()).toContain('delete feature/x');
});

test.each<readonly [string, Row, string]>([
  ['is merged', {}, 'told, finish 7 d, read 7, list, delete feature/x at d, over'],
  ['is still open: asked again', { finishes: { kind: 'open', reason: 'soon' } }, 'untold, finish 7 d, not over'],
  [
    'is at a forge that is silent: asked again',
    { finishes: { kind: 'unreachable', reason: 'down' } },
    'untold, finish 7 d, not over',
  ],
  [
    'could only be closed: its branch stays',
    { finishes: { kind: 'closed', reason: 'no right' } },
    'told, finish 7 d, over',
  ],
  [
    'is shown as open after all: its branch stays',
    { pullRequest: { state: 'open' } },
    'told, finish 7 d, read 7, over',
  ],
  [
    'is of a fork: the branch of that name is another one',
    { pullRequest: { isFork: true } },
    'told, finish 7 d, read 7, over',
  ],
  [
    'has a branch that another person moved or that is protected',
    { deletes: { kind: 'kept', reason: 'protected' } },
    'told, finish 7 d, read 7, list, delete feature/x at d, over',
  ],
  [
    'has a branch of which nothing is known: asked again',
    { deletes: { kind: 'unknown', reason: 'down' } },
    'untold, finish 7 d, read 7, list, delete feature/x at d, not over',
  ],
  [
    'keeps its branch where the settings say so',
    { environment: { ORCH_DELETE_LANDED_BRANCHES: 'false' } },
    'told, finish 7 d, over',
  ],
])('a landed pull request that %s', async (_what, { finishes, deletes, pullRequest, environment }, expected) => {
  forge.put({ ...MERGED, ...pullRequest });
  if (finishes !== undefined) forge.finishes.push(finishes);
  if (deletes !== undefined) forge.deletions.push(deletes);
  expect(await finish(environment)).toBe(expected);
});
