import { type CleanUp, type Runs, requestStop, type SettlePorts, type StopFacts, settleStop } from '@gatehouse/cancel';
import { describe, expect, test } from '@jest/globals';
import {
  BRANCH,
  endOf,
  enterLanding,
  FULL_STEPS,
  HEAD,
  landingAnswers,
  newWorld,
  portsOf,
  TASK,
  type World,
} from './world.ts';

const ask = { taskId: TASK, reason: 'not wanted any more', actor: 'ann' };
const quick = { taskId: TASK, graceMs: 5, proveMs: 5, portMs: 20 };
const REF = `refs/gatehouse/stopped/${TASK}`;

async function stopped(stage: World['stage'] = 'running', facts: Partial<StopFacts> = {}): Promise<World> {
  const world = newWorld(stage, facts);
  await requestStop(ask, portsOf(world));
  world.calls.length = 0;
  return world;
}

const withCleanUp = (world: World, part: Partial<CleanUp>): SettlePorts => {
  const ports = portsOf(world);
  return { ...ports, cleanUp: { ...ports.cleanUp, ...part } };
};
const withRuns = (world: World, end: Runs['end']): SettlePorts => ({ ...portsOf(world), runs: { end } });
const kinds = (answer: Awaited<ReturnType<typeof settleStop>>): Record<string, string> =>
  'steps' in answer ? Object.fromEntries(answer.steps.map(({ step, kind }) => [step, kind])) : {};

test('a stopped run is ended, its end recorded, its work kept, its places removed and its keys set free, in this order', async () => {
  const world = await stopped();
  const answer = await settleStop({ taskId: TASK }, portsOf(world));
  expect(answer).toMatchObject({ kind: 'settled', verified: true, left: [] });
  expect(world.calls).toEqual([...FULL_STEPS]);
  expect(endOf(world)).toEqual({
    stage: 'cancelled',
    key: 'T-1~stopped~task-1',
    keyReleases: 1,
    clone: null,
    storedReport: 'what the task wrote',
    kept: [[REF, HEAD]],
    branches: ['main', 'release/1'],
    lease: false,
    processes: 0,
    violations: [],
  });
  expect(world.alerts).toEqual([]);
});

test('settling again after the end asks the ledger and does nothing', async () => {
  const world = await stopped();
  await settleStop(quick, portsOf(world));
  world.calls.length = 0;
  expect(await settleStop(quick, portsOf(world))).toEqual({ kind: 'over' });
  expect(world.calls).toEqual(['beginAttempt']);
});

test('a task that was not running is cleaned up without anything to end', async () => {
  const world = await stopped('idle');
  expect(await settleStop(quick, portsOf(world))).toMatchObject({ kind: 'settled', verified: null });
  expect(world.calls).not.toContain('end');
  expect(world.calls).not.toContain('settled');
});

test('a stop inside the landing is not settled before landing has answered', async () => {
  const world = newWorld('running');
  expect(enterLanding(world)).toBe(true);
  expect(await requestStop(ask, portsOf(world))).toMatchObject({ kind: 'deferred', next: 'wait' });
  expect(await settleStop(quick, portsOf(world))).toMatchObject({ kind: 'not-due' });
  landingAnswers(world, true);
  expect(await settleStop(quick, portsOf(world))).toMatchObject({ kind: 'settled' });
  expect(world.alerts).toEqual(['merged, not deployed']);
});

test('a task that was not stopped is not touched', async () => {
  const world = newWorld('running');
  expect(await settleStop(quick, portsOf(world))).toEqual({ kind: 'not-due', reason: 'the task is running' });
  expect(world.calls).toEqual(['beginAttempt']);
});

test('of a gates-only task only the workplace and the place in the queue go', async () => {
  const world = await stopped('running', { profile: 'gates-only' });
  const answer = await settleStop(quick, portsOf(world));
  expect(world.calls).toEqual(['beginAttempt', 'end', 'completed', 'removeWorkplace', 'releaseLease', 'releaseKeys']);
  expect(kinds(answer)).toMatchObject({
    'copy-artefacts': 'skipped',
    'keep-head': 'skipped',
    'delete-branch': 'skipped',
  });
  expect(world.forge.get(BRANCH)).toBe(HEAD);
});

describe('the remote branch stays when it is not surely the task’s own', () => {
  test.each<[string, Partial<StopFacts>]>([
    ['it is landed on', { branch: 'trunk', main: 'trunk' }],
    ['it is main, whatever the ledger says is main', { branch: 'main', main: 'trunk' }],
    ['it is main in another spelling', { branch: 'refs/heads/MAIN' }],
    ['it is master', { branch: 'heads/master' }],
    ['its name is protected', { protectedNames: [BRANCH] }],
    ['its name is protected in another spelling', { protectedNames: [`refs/heads/${BRANCH.toUpperCase()}`] }],
    ['a pattern protects it', { branch: 'release/9', protectedNames: ['rel*/*'] }],
    ['a pattern in the middle protects it', { branch: 'team/hot/fix', protectedNames: ['team/*/fix'] }],
    ['no head is on record', { head: null }],
    ['the head on record is no object name', { head: 'HEAD~1' }],
    ['no branch is on record', { branch: '' }],
  ])('%s', async (_why, facts) => {
    const world = await stopped('running', facts);
    const answer = await settleStop(quick, portsOf(world));
    expect(kinds(answer)).toMatchObject({ 'delete-branch': 'skipped', 'release-keys': 'done' });
    expect(world.calls).not.toContain('deleteBranch');
  });

  test('a near miss of a pattern is no protection', async () => {
    const world = await stopped('running', { protectedNames: ['feature/T-1', 'feature/T-1-stop-me*x', 'eature/*'] });
    expect(kinds(await settleStop(quick, portsOf(world)))).toMatchObject({ 'delete-branch': 'done' });
  });

  test('another push moved it since: it is left, and that is no failure', async () => {
    const world = await stopped();
    world.forge.set(BRANCH, 'd'.repeat(40));
    const answer = await settleStop(quick, portsOf(world));
    expect(answer).toMatchObject({ kind: 'settled', left: [] });
    expect(kinds(answer)).toMatchObject({ 'delete-branch': 'left' });
    expect(world.forge.has(BRANCH)).toBe(true);
  });
});

describe('what is not proven is never called proven', () => {
  test.each<[string, Runs['end']]>([
    ['a run that does not end', () => new Promise(() => {})],
    ['a run that is not known any more', async () => ({ kind: 'unknown' })],
    ['a run with a process left', async () => ({ kind: 'ended', verified: true, leftovers: ['4711 node'] })],
    ['a proof that is not literally true', async () => ({ kind: 'ended', verified: 'yes', leftovers: [] }) as never],
    ['a port that throws', () => Promise.reject(new Error('no such table'))],
  ])('%s is recorded as unverified, with one alert, and the stop goes on', async (_what, end) => {
    const world = await stopped();
    const answer = await settleStop(quick, withRuns(world, end));
    expect(answer).toMatchObject({ kind: 'settled', verified: false });
    expect(world.alerts).toEqual([expect.stringMatching(/^unverified: run 7 \(claim 1\): ./)]);
    expect(world.keyReleases).toHaveLength(1);
  });

  test('a ledger that names no run of a stopping task has proven nothing', async () => {
    const world = await stopped();
    const ports = portsOf(world);
    const beginAttempt = async () => ({ kind: 'stopping' as const, attempt: 1, runs: [], facts: world.facts });
    const answer = await settleStop(quick, { ...ports, ledger: { ...ports.ledger, beginAttempt } });
    expect(answer).toMatchObject({ kind: 'settled', verified: false });
  });

  test('a run of a cancelled task is ended before anything is removed, and reported when it cannot be', async () => {
    const world = await stopped('idle');
    world.processes.set(1, ['sh']);
    const answer = await settleStop(
      quick,
      withRuns(world, async () => ({ kind: 'ended', verified: false, leftovers: [] })),
    );
    expect(answer).toMatchObject({ kind: 'settled', verified: false, left: [expect.stringContaining('run 7')] });
    expect(world.alerts).toHaveLength(1);
  });
});

describe('a step that fails', () => {
  test('is tried again later and loses nothing of what was done before', async () => {
    const world = await stopped();
    const down = withCleanUp(world, { deleteBranch: async () => ({ kind: 'failed', reason: 'the forge is down' }) });
    const first = await settleStop(quick, down);
    expect(first).toMatchObject({ kind: 'unfinished', attempt: 1, retryAfterMs: 5000, verified: true });
    expect(kinds(first)).toMatchObject({ 'keep-head': 'done', 'delete-branch': 'failed', 'release-lease': 'done' });
    expect(world.keyReleases).toEqual([]);
    expect(await settleStop(quick, down)).toMatchObject({ kind: 'unfinished', attempt: 2, retryAfterMs: 10_000 });
    expect(await settleStop(quick, portsOf(world))).toMatchObject({ kind: 'settled', verified: null, left: [] });
    expect(endOf(world)).toMatchObject({ keyReleases: 1, branches: ['main', 'release/1'], violations: [] });
  });

  test('keeps what rests on it: no clone and no branch goes while the head is not kept', async () => {
    const world = await stopped();
    const full = withCleanUp(world, { keepHead: async () => ({ kind: 'failed', reason: 'disk full' }) });
    const answer = await settleStop(quick, full);
    expect(kinds(answer)).toMatchObject({ 'remove-workplace': 'waiting', 'delete-branch': 'waiting' });
    expect(world.clone).not.toBeNull();
    expect(world.forge.has(BRANCH)).toBe(true);
  });

  test('does not hold the keys for ever: the last attempt releases them, with a note and one alert', async () => {
    const world = await stopped();
    const down = withCleanUp(world, { keepHead: () => new Promise(() => {}) });
    const limits = { ...quick, portMs: 5, maxAttempts: 3 };
    expect(await settleStop(limits, down)).toMatchObject({ kind: 'unfinished', attempt: 1 });
    expect(await settleStop(limits, down)).toMatchObject({ kind: 'unfinished', attempt: 2 });
    expect(await settleStop(limits, down)).toMatchObject({
      kind: 'settled',
      left: [
        expect.stringContaining('keep-head: cleanUp.keep-head'),
        'remove-workplace: rests on keep-head',
        'delete-branch: rests on keep-head',
      ],
    });
    expect(world.key).toBe('T-1~stopped~task-1');
    expect(world.alerts).toEqual([expect.stringContaining('settled after 3 attempts; left behind: keep-head')]);
    expect(world.clone).not.toBeNull();
    expect(world.forge.has(BRANCH)).toBe(true);
  });

  test('that leaves something for good keeps what rests on it, and is no reason to try again', async () => {
    const world = await stopped();
    const gone = withCleanUp(world, { keepHead: async () => ({ kind: 'left', reason: 'the mirror lost the commit' }) });
    const answer = await settleStop(quick, gone);
    expect(answer).toMatchObject({ kind: 'settled', left: [] });
    expect(kinds(answer)).toMatchObject({ 'remove-workplace': 'left', 'delete-branch': 'left' });
    expect(world.forge.has(BRANCH)).toBe(true);
  });

  test('waits longer each time, and never longer than a quarter of an hour', async () => {
    const world = await stopped();
    world.attempts = 10;
    const down = withCleanUp(world, { releaseLease: async () => ({ kind: 'failed', reason: 'locked' }) });
    expect(await settleStop(quick, down)).toMatchObject({ kind: 'unfinished', attempt: 11, retryAfterMs: 900_000 });
  });
});

describe('a caller that gives up', () => {
  test('while a run ends gets an answer at once, and nothing is recorded as unverified', async () => {
    const world = await stopped();
    const patience = new AbortController();
    const ports = withRuns(world, () => {
      patience.abort();
      return new Promise(() => {});
    });
    const answer = await settleStop({ taskId: TASK, signal: patience.signal }, ports);
    expect(answer).toMatchObject({ kind: 'unfinished', verified: null });
    expect(world).toMatchObject({ stage: 'stopping', alerts: [] });
  });

  test('in the last attempt has not released any key', async () => {
    const world = await stopped();
    const patience = new AbortController();
    const ports = withCleanUp(world, {
      keepHead: () => {
        patience.abort();
        return new Promise(() => {});
      },
    });
    const answer = await settleStop({ taskId: TASK, maxAttempts: 1, signal: patience.signal }, ports);
    expect(answer).toMatchObject({ kind: 'unfinished' });
    expect(world.keyReleases).toEqual([]);
  });

  test('before the start is answered without any port being asked', async () => {
    const world = await stopped();
    const answer = await settleStop({ taskId: TASK, signal: AbortSignal.abort() }, portsOf(world));
    expect(answer).toMatchObject({ kind: 'unfinished', attempt: 0 });
    expect(world.calls).toEqual([]);
  });
});

describe('the tracker’s issue', () => {
  test('is re-read and its own time is kept with the tombstone', async () => {
    const world = await stopped();
    await settleStop(quick, withCleanUp(world, { readIssue: async () => ({ kind: 'read', updatedAt: 1234 }) }));
    expect(world.keyReleases).toEqual([expect.objectContaining({ trackerUpdatedAt: 1234 })]);
  });

  test('that is gone has no time', async () => {
    const world = await stopped();
    await settleStop(quick, withCleanUp(world, { readIssue: async () => ({ kind: 'read', updatedAt: null }) }));
    expect(world.keyReleases[0]).not.toHaveProperty('trackerUpdatedAt');
  });

  test('that cannot be read is asked for again', async () => {
    const world = await stopped();
    const down = withCleanUp(world, { readIssue: async () => ({ kind: 'failed', reason: '503' }) });
    expect(await settleStop(quick, down)).toMatchObject({ kind: 'unfinished' });
  });
});

test('whatever a task is called, its kept head has a ref of its own that git accepts', async () => {
  const refs: string[] = [];
  for (const taskId of ['t-1', '../../heads/main', 'a.lock', 'a b', 'ä', '@{0}']) {
    const world = await stopped();
    const ports = withCleanUp(world, {
      keepHead: async ({ ref }) => {
        refs.push(ref);
        return { kind: 'done' };
      },
    });
    await settleStop({ ...quick, taskId }, ports);
  }
  expect(refs).toEqual(
    ['t-1', '%2e%2e%2f%2e%2e%2fheads%2fmain', 'a%2elock', 'a%20b', '%c3%a4', '%40%7b0%7d'].map(
      (name) => `refs/gatehouse/stopped/${name}`,
    ),
  );
});
