/** The words of an answer, not only its kind: people and alerts read them. */
import { requestStop, type SettlePorts, type StopFacts, settleStop } from '@gatehouse/cancel';
import { describe, expect, test } from '@jest/globals';
import { BRANCH, HEAD, newWorld, portsOf, TASK, type World } from './world.ts';

const quick = { taskId: TASK, graceMs: 5, proveMs: 5, portMs: 20 };
const hang = (): Promise<never> => new Promise(() => {});

async function stopped(facts: Partial<StopFacts> = {}): Promise<World> {
  const world = newWorld('running', facts);
  await requestStop({ taskId: TASK, reason: 'not wanted any more', actor: 'ann' }, portsOf(world));
  return world;
}

const stepOf = (answer: Awaited<ReturnType<typeof settleStop>>, name: string) =>
  'steps' in answer ? answer.steps.find(({ step }) => step === name) : undefined;

/** Settles while `port` of `group` gives the caller's patience up, or does not answer at all. */
async function settleWithout<Group extends keyof SettlePorts>(
  group: Group,
  port: keyof SettlePorts[Group],
  givesUp: boolean,
) {
  const world = await stopped();
  const ports = portsOf(world);
  const patience = new AbortController();
  const silent = () => {
    if (givesUp) patience.abort();
    return hang();
  };
  const broken = { ...ports, [group]: { ...ports[group], [port]: silent } };
  return settleStop({ ...quick, ...(givesUp ? { portMs: 60_000, signal: patience.signal } : {}) }, broken);
}

test('of a stop that went well every step is told, and the keys say no more than that it is settled', async () => {
  const world = await stopped();
  const answer = await settleStop(quick, portsOf(world));
  const names = [
    'end-runs',
    'record-end',
    'copy-artefacts',
    'keep-head',
    'remove-workplace',
    'delete-branch',
    'release-lease',
  ];
  for (const step of [...names, 'release-keys'])
    expect(stepOf(answer, step)).toEqual({ step, kind: 'done', detail: '' });
  expect(world.keyReleases).toEqual([{ taskId: TASK, note: 'settled', left: [] }]);
});

test('a run whose end is not proven is left, by its name', async () => {
  const ports = portsOf(await stopped());
  const answer = await settleStop(quick, { ...ports, runs: { end: async () => ({ kind: 'unknown' }) } });
  expect(stepOf(answer, 'end-runs')).toEqual({
    step: 'end-runs',
    kind: 'left',
    detail: expect.stringMatching(/^run 7 \(claim 1\): ./),
  });
});

test('of many runs that are left twenty are named and the others counted', async () => {
  const world = await stopped();
  const ports = portsOf(world);
  const runs = Array.from({ length: 23 }, (_, at) => ({ id: `${at}`, token: at }));
  const beginAttempt = async () => ({ kind: 'cancelled' as const, attempt: 1, runs, facts: world.facts });
  world.stage = 'cancelled';
  const end = async () => ({ kind: 'unknown' as const });
  const answer = await settleStop(quick, { ...ports, ledger: { ...ports.ledger, beginAttempt }, runs: { end } });
  const left = answer.kind === 'settled' ? answer.left : [];
  expect(left).toHaveLength(21);
  expect(left.at(-1)).toBe('and 3 more');
});

describe('a step that got no answer', () => {
  const rows = [
    ['begin', 'ledger', 'beginAttempt'],
    ['record-end', 'ledger', 'completed'],
    ['keep-head', 'cleanUp', 'keepHead'],
    ['release-keys', 'ledger', 'releaseKeys'],
  ] as const;
  test.each(rows)('%s: has failed, with the port and its limit', async (step, group, port) => {
    const answer = await settleWithout(group, port as never, false);
    expect(answer.kind).toBe('unfinished');
    const detail = expect.stringMatching(/(?:ledger|cleanUp).* did not answer within 20 ms/);
    expect(stepOf(answer, step)).toEqual({ step, kind: 'failed', detail });
  });

  test.each([...rows, ['end-runs', 'runs', 'end'] as const])(
    '%s: has failed because the caller gave up',
    async (step, group, port) => {
      const answer = await settleWithout(group, port as never, true);
      expect(answer.kind).toBe('unfinished');
      expect(stepOf(answer, step)).toEqual({ step, kind: 'failed', detail: 'the caller gave up' });
    },
  );
});

test('a task that no ledger knows is answered with nothing to do next', async () => {
  const ledger = { requestStop: async () => ({ kind: 'unknown-task' as const }) };
  const answer = await requestStop({ taskId: TASK, reason: 'r', actor: 'ann' }, { ledger });
  expect(Object.keys(answer)).toEqual(['kind']);
  const ports = portsOf(newWorld());
  const beginAttempt = async () => ({ kind: 'unknown-task' as const });
  const settled = await settleStop(quick, { ...ports, ledger: { ...ports.ledger, beginAttempt } });
  expect(settled).toEqual({ kind: 'unknown-task' });
});

describe('a branch', () => {
  test.each<[string, Partial<StopFacts>]>([
    ['no branch is on record', { branch: '' }],
    ['main is landed on', { branch: 'main' }],
    [`${BRANCH} is protected by feature/*`, { protectedNames: ['feature/*'] }],
    [`${BRANCH} is protected by ${BRANCH}*`, { protectedNames: [`${BRANCH}*`] }],
    [`${BRANCH} is protected by feature/*-*-me`, { protectedNames: ['feature/*-*-me'] }],
    [`${BRANCH} is protected by feature/T-1*-stop-me`, { protectedNames: ['feature/T-1*-stop-me'] }],
    ['no head is on record', { head: null }],
    ['no head is on record', { head: '+'.repeat(40) }],
    ['no head is on record', { head: 'a'.repeat(39) }],
    ['no head is on record', { head: 'a'.repeat(41) }],
    ['no head is on record', { head: 'a'.repeat(65) }],
    ['no head is on record', { head: 'A'.repeat(40) }],
  ])('stays because %s', async (detail, facts) => {
    const answer = await settleStop(quick, portsOf(await stopped(facts)));
    expect(stepOf(answer, 'delete-branch')).toEqual({ step: 'delete-branch', kind: 'skipped', detail });
  });

  test.each<[string, Partial<StopFacts>]>([
    ['a rule whose two ends overlap in it', { protectedNames: ['feature/T-1-stop-me*me'] }],
    ['a rule whose middle is met only in its end', { protectedNames: ['feature/*stop-me*me'] }],
    ['a rule whose middle is not in it', { protectedNames: ['feature/*never*me'] }],
    ['a rule whose parts are met in another order', { protectedNames: ['feature/*stop*T*me'] }],
  ])('is deleted in spite of %s', async (_why, facts) => {
    const answer = await settleStop(quick, portsOf(await stopped(facts)));
    expect(stepOf(answer, 'delete-branch')).toMatchObject({ kind: 'done' });
  });

  test('at a head of sixty-four digits is deleted as one of forty', async () => {
    const head = '0123456789abcdef'.repeat(4);
    const world = await stopped({ head });
    world.forge.set(BRANCH, head);
    expect(stepOf(await settleStop(quick, portsOf(world)), 'delete-branch')).toMatchObject({ kind: 'done' });
    expect(head.length).toBeGreaterThan(HEAD.length);
  });
});
