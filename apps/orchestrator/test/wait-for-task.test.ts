import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Api, ApiAnswer } from '../src/cli/api-client.ts';
import { waitForTask } from '../src/cli/wait-for-task.ts';
import { ask, ownToken, register, serviceOn, until } from './live-gatehouse.ts';
import { cli, onlyJson } from './recording-terminal.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

const TASK = {
  id: 't-1',
  repo: 'app',
  branch: 'x',
  key: 'x',
  generation: 1,
  title: 'x',
  profile: 'gates-only',
  stage: 'deploy-staging',
  status: 'active',
  step: 'check_branch_mergeable',
  cause: null,
  reason: null,
  held_by: null,
  ended_as: null,
  warnings: [],
  base_sha: null,
  head_sha: null,
  tested_sha: null,
  landed_sha: null,
  stop: null,
  settled_at: null,
  created_at: 'then',
  updated_at: 'then',
  checks: [],
  spending: null,
  job: null,
  next_steps: [],
} as const;

type Row = Readonly<Record<string, unknown>>;
const AWAY: ApiAnswer = { kind: 'refused', answer: { exit: 3, problem: 'no service answers', json: {} } };

/** A service that answers these in turn; the last one for ever. */
function answering(...rows: readonly (Row | null)[]) {
  const left = [...rows];
  const api: Api = {
    get: async () => {
      const row = left.length > 1 ? left.shift() : left[0];
      return row == null ? AWAY : { kind: 'ok', body: { ...TASK, ...row } };
    },
    post: async () => AWAY,
  };
  return api;
}

async function waited(...rows: readonly (Row | null)[]) {
  const steps: string[] = [];
  const { signal } = new AbortController();
  const progress = { step: ({ what }: { what: string }) => void steps.push(what) };
  const answer = await waitForTask(answering(...rows), 't-1', { progress, signal, pauseMs: 1 });
  return { exit: answer.exit, steps };
}

describe('waiting for a task', () => {
  const ends: readonly [string, Row, number][] = [
    ['landed', { stage: 'done', landed_sha: 'a' }, 0],
    [
      'main had all of it',
      { stage: 'cancelled', ended_as: 'nothing-to-land', reason: 'nothing-to-land: it is equal' },
      0,
    ],
    ['stopped', { stage: 'cancelled', ended_as: 'stopped', reason: 'stopped' }, 1],
    ['its change is at fault', { status: 'blocked', reason: 'removed: red' }, 1],
    ['the machine failed', { status: 'blocked', cause: 'infra', reason: 'attempts spent: no disk' }, 3],
    ['its budget is spent', { status: 'blocked', cause: 'budget-spent', reason: 'budget spent: all' }, 3],
    ['an approval is asked for', { status: 'waiting', cause: 'approval', reason: 'read it' }, 3],
    ['a person has to merge it', { status: 'waiting', cause: 'needs-merge', reason: 'by hand' }, 3],
    ['the forge does not let it land', { status: 'waiting', cause: 'cannot-land', reason: 'no right' }, 3],
    ['its repository is frozen', { held_by: 'frozen', reason: 'app is frozen: main lacks what landed' }, 3],
    ['the service paused its repository', { held_by: 'service-pause', reason: 'app is paused: it was renamed' }, 3],
    ['landed, not deployed', { status: 'blocked', landed_sha: 'a', reason: 'landed, not deployed: x' }, 3],
  ];
  test.each(ends)('%s ends it', async (_, end, exit) => {
    expect(await waited({}, { status: 'waiting', reason: 'its turn' }, {}, end)).toMatchObject({ exit });
  });

  test('words alone end it no sooner, whatever they say, and neither does a pause that a person asked for', async () => {
    const { steps } = await waited(
      { held_by: 'breaker', reason: 'app is frozen: so says a host of that name' },
      { held_by: 'paused', reason: 'app is paused' },
      { stage: 'done' },
    );
    expect(steps).toHaveLength(2);
  });

  test('a wait for a person says so, and what to type', async () => {
    const { signal } = new AbortController();
    const asking = answering({ status: 'waiting', cause: 'approval', reason: 'somebody reads it' });
    expect(await waitForTask(asking, 't-1', { progress: undefined, signal })).toMatchObject({
      problem: 't-1 waits for a person: somebody reads it',
      next: 'gatehouse task approve t-1',
    });
    const merging = answering({ status: 'waiting', cause: 'needs-merge', reason: 'by hand' });
    expect(await waitForTask(merging, 't-1', { progress: undefined, signal })).toMatchObject({
      next: 'gatehouse task show t-1',
    });
  });

  test('each thing it is at is told once, and a service that is started again is waited for', async () => {
    const queued = { status: 'waiting', reason: 'its turn' };
    const { exit, steps } = await waited({}, {}, queued, queued, null, null, {}, { stage: 'done' });
    expect([exit, steps]).toEqual([
      0,
      [
        't-1: gates/active, check_branch_mergeable',
        't-1: gates/waiting, check_branch_mergeable, its turn',
        't-1: the service does not answer',
        't-1: gates/active, check_branch_mergeable',
      ],
    ]);
  });

  test('a service that stays away, and a task that is not there, end it', async () => {
    expect((await waited({}, null)).exit).toBe(3);
    const refused: Api = { ...answering(), get: async () => ({ kind: 'refused', answer: { exit: 2, json: {} } }) };
    const { signal } = new AbortController();
    expect((await waitForTask(refused, 't-1', { progress: undefined, signal })).exit).toBe(2);
  });
});

test('task add --wait lands a branch, tells a red one, and can be given up without a stop', async () => {
  const forge = await Forge.make(PROJECT);
  forge.push({ branch: 'good', from: 'main' }, { 'good.txt': '' });
  forge.push({ branch: 'red', from: 'main' }, { broken: '' });
  forge.push({ branch: 'later', from: 'main' }, { 'later.txt': '' });
  const service = await serviceOn(join(scratchFolder(), 'data'));
  await register(service, forge.path);
  const add = (branch: string, signal?: AbortSignal) =>
    cli(
      [
        'task',
        'add',
        '--repo',
        'app',
        '--branch',
        branch,
        '--wait',
        '--json',
        '--url',
        service.url,
        '--token',
        ownToken(service),
      ],
      '/',
      signal,
    );
  const good = await add('good');
  expect([good.exit, onlyJson(good)]).toEqual([0, expect.objectContaining({ landed_sha: forge.head('main') })]);
  const red = await add('red');
  expect([red.exit, onlyJson(red)]).toEqual([1, expect.objectContaining({ status: 'blocked' })]);
  // Which step it is asked at is a matter of how fast the machine is.
  expect(red.err).toMatch(/gates\/active, check_\w+/);
  await ask(service, '/pause', { body: {} });
  const stopping = new AbortController();
  const given = add('later', stopping.signal);
  await until('it is queued', async () => {
    const tasks = (await ask(service, '/tasks')).json as { branch: string }[];
    return tasks.some(({ branch }) => branch === 'later');
  });
  stopping.abort();
  const { exit, err } = await given;
  expect([exit, err]).toEqual([75, expect.stringContaining('no longer waiting')]);
  const [task] = (await ask(service, '/tasks')).json as { branch: string; stage: string }[];
  expect(task).toMatchObject({ branch: 'later', stage: 'deploy-staging' });
});
