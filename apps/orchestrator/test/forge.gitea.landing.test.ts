/** Landings at a double of Gitea that are not the plain case: moved, closed and retargeted ones, forks, protection, other settings. */
import type { Gitea } from '@gatehouse/doubles';
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Forge, LandRequest } from '../src/forges/port.ts';
import { giteaAt, startDouble } from './gitea-double.ts';
import { Forge as BareRepository, PROJECT } from './scratch-forge.ts';

let behind: BareRepository;
let gitea: Gitea;
let forge: Forge;
let base: string;
/** What the author pushed, and what was tested in its place. */
let head: string;
let tested: string;
let number: number;
let template: BareRepository;
beforeAll(async () => {
  template = await BareRepository.make(PROJECT);
  head = template.push({ branch: 'work', from: 'main' }, { 'work.txt': '1' });
  base = template.push({ branch: 'main' }, { 'theirs.txt': '1' });
  tested = template.push({ branch: 'tested', from: base }, { 'work.txt': '1' });
  template.deleteBranch('tested');
});
beforeEach(async () => {
  behind = template.copy();
  gitea = await startDouble(behind.path);
  forge = giteaAt(gitea.cloneUrl, gitea.token('queue'));
  number = await gitea.open({ by: 'dev', branch: 'work', title: 'work' });
});

const order = (over: Partial<LandRequest> = {}): LandRequest => ({
  git: { gitDir: behind.path },
  main: 'main',
  from: base,
  commit: tested,
  members: [{ branch: 'work', head, pullRequest: number }],
  ...over,
});
const finish = () => forge.finish({ number, branch: 'work', commit: tested, main: 'main' });
const row = () => gitea.state.pulls.get(number);
const candidates = (): string => behind.git('for-each-ref', '--format=%(objectname)', 'refs/gatehouse/candidate');
async function prepared(): Promise<void> {
  expect(await forge.prepare(order())).toEqual({ kind: 'prepared' });
}

test('the branch shows the tested commit before it lands, and the pull request is merged as that very commit', async () => {
  await prepared();
  expect([behind.head('work'), behind.head('main')]).toEqual([tested, base]);
  expect(await forge.land(order())).toEqual({ kind: 'landed' });
  expect(behind.head('main')).toBe(tested);
  expect(row()).toMatchObject({ state: 'closed', mergedBy: 'queue', mergedAs: tested });
  expect(await forge.land(order())).toEqual({ kind: 'landed' });
  expect(candidates()).toBe('');
});

test('a branch that somebody pushed to meanwhile is not moved', async () => {
  const theirs = behind.push({ branch: 'work' }, { 'work.txt': '2' });
  expect(await forge.prepare(order())).toMatchObject({ kind: 'unprepared' });
  expect(behind.head('work')).toBe(theirs);
});

test('a check that runs again is waited for a number of times, and then asked for another day', async () => {
  gitea.lag({ checks: 3 });
  await prepared();
  expect(await forge.land(order())).toEqual({ kind: 'landed' });
  gitea.lag({ checks: 99 });
  const next = behind.push({ branch: 'next', from: tested }, { 'next.txt': '1' });
  number = await gitea.open({ by: 'dev', branch: 'next', title: 'next' });
  const again = order({ from: tested, commit: next, members: [{ branch: 'next', head: next, pullRequest: number }] });
  expect(await forge.land(again)).toMatchObject({
    kind: 'in-doubt',
    reason: expect.stringContaining('try again later'),
  });
  expect(behind.head('main')).toBe(tested);
});

describe('nothing lands', () => {
  const refused = async (reason: RegExp): Promise<void> => {
    const refs = behind.git('for-each-ref', 'refs/heads/main', 'refs/heads/dev');
    expect(await forge.land(order())).toMatchObject({ kind: 'cannot-land', reason: expect.stringMatching(reason) });
    expect(behind.git('for-each-ref', 'refs/heads/main', 'refs/heads/dev')).toBe(refs);
  };
  beforeEach(prepared);

  test('of a pull request that is to land on another branch now, there neither', async () => {
    behind.git('update-ref', 'refs/heads/dev', base);
    await gitea.as('dev', `PATCH pulls/${number}`, { base: 'dev' });
    await refused(/land on dev now/);
  });

  test('of a pull request that was closed', async () => {
    await gitea.as('dev', `PATCH pulls/${number}`, { state: 'closed' });
    await refused(/closed/);
  });

  test('of a pull request that somebody pushed to since the test', async () => {
    behind.push({ branch: 'work' }, { 'work.txt': '2' });
    await refused(/pushed to/);
  });

  test('of a draft, of one without approvals, and by a token off the list, as Gitea says', async () => {
    await gitea.as('dev', `PATCH pulls/${number}`, { title: 'WIP: work' });
    await refused(/Work in progress/);
    await gitea.as('dev', `PATCH pulls/${number}`, { title: 'work' });
    gitea.protect({ rule_name: 'main', required_approvals: 1 });
    await refused(/enough approvals/);
    gitea.protect({ rule_name: 'main', merge_whitelist: ['boss'] });
    await refused(/not allowed to merge/);
  });

  test('past approvals, where a push would pass them by: from a fork, which no merge is asked for', async () => {
    gitea.protect({ rule_name: 'main', push_whitelist: ['queue'], required_approvals: 1 });
    number = await gitea.openFromFork({ by: 'outsider', branch: 'theirs', title: 'from outside', head });
    await refused(/enough approvals/);
    await gitea.as('dev2', `POST pulls/${number}/reviews`, { event: 'APPROVED' });
    await gitea.as('dev', `POST pulls/${number}/reviews`, { event: 'REQUEST_CHANGES' });
    await refused(/enough approvals/);
    await gitea.as('dev', `POST pulls/${number}/reviews`, { event: 'APPROVED' });
    expect(await forge.land(order())).toEqual({ kind: 'landed' });
  });

  test('while required checks are not green; the forge says so itself', async () => {
    gitea.protect({ rule_name: 'main', push_whitelist: ['queue'], status_check_contexts: ['ci/build'] });
    expect(await forge.land(order())).toMatchObject({ kind: 'ci-pending' });
    expect(behind.head('main')).toBe(base);
  });
});

describe('what cannot be merged by the API lands by a push', () => {
  const landsByPush = async (): Promise<void> => {
    expect(await forge.land(order())).toEqual({ kind: 'landed' });
    expect(behind.head('main')).toBe(tested);
    expect(row()?.state).toBe('open');
  };

  test('where the style is off; then it ends as merged by hand, where that is allowed', async () => {
    gitea.state.settings.allow_fast_forward_only_merge = false;
    await prepared();
    await landsByPush();
    gitea.state.settings.allow_manual_merge = true;
    expect(await finish()).toEqual({ kind: 'merged' });
    expect(row()).toMatchObject({ state: 'closed', mergedBy: 'queue', mergedAs: tested });
  });

  test('and is closed where nothing else can be done', async () => {
    gitea.state.settings.allow_fast_forward_only_merge = false;
    await prepared();
    await landsByPush();
    expect(await finish()).toMatchObject({ kind: 'closed' });
    expect(row()).toMatchObject({ state: 'closed', mergedBy: null });
  });

  test('and is left to be noticed where Gitea will notice it', async () => {
    gitea.state.settings.allow_fast_forward_only_merge = false;
    gitea.state.settings.autodetect_manual_merge = true;
    gitea.lag({ detection: 1 });
    await prepared();
    await landsByPush();
    expect((await finish()).kind).toBe('open');
    expect(await finish()).toEqual({ kind: 'merged' });
    expect(row()?.mergedBy).toBe('org');
  });

  test('from a fork: a candidate ref shows the commit, and a branch of the same name here is not touched', async () => {
    number = await gitea.openFromFork({ by: 'outsider', branch: 'work', title: 'from outside', head });
    await prepared();
    expect([behind.head('work'), candidates()]).toEqual([head, tested]);
    await landsByPush();
    expect(candidates()).toBe('');
    gitea.state.settings.allow_manual_merge = true;
    expect(await finish()).toEqual({ kind: 'merged' });
  });

  test('but not from a fork whose author pushed since', async () => {
    number = await gitea.openFromFork({ by: 'outsider', branch: 'work', title: 'from outside', head });
    await prepared();
    await gitea.pushToFork(number, base);
    expect(await forge.land(order())).toMatchObject({ kind: 'cannot-land' });
    expect(behind.head('main')).toBe(base);
  });

  test('from a branch that may not be moved', async () => {
    gitea.protect({ rule_name: 'work', push_whitelist: [] });
    await prepared();
    expect([behind.head('work'), candidates()]).toEqual([head, tested]);
    await landsByPush();
    expect(await finish()).toMatchObject({ kind: 'closed' });
  });
});

test('a pull request that shows work which did not land is neither merged nor closed', async () => {
  await prepared();
  behind.git('update-ref', 'refs/heads/main', tested);
  behind.push({ branch: 'work' }, { 'work.txt': '2' });
  gitea.state.settings.allow_manual_merge = true;
  expect(await finish()).toMatchObject({ kind: 'open', reason: expect.stringContaining('did not land') });
  expect(row()).toMatchObject({ state: 'open', mergedBy: null });
});

describe('where our own check is required', () => {
  const protect = (...contexts: string[]) =>
    gitea.protect({
      rule_name: 'main',
      push_whitelist: ['queue'],
      merge_whitelist: ['queue'],
      status_check_contexts: contexts,
    });
  const statuses = () =>
    gitea.state.statuses.filter(({ commit }) => commit === tested).map(({ context, state }) => `${context} ${state}`);

  test('it is set for the tested commit, and the merge is asked for once more', async () => {
    await prepared();
    protect('gatehouse', 'ci');
    await gitea.as('dev', `POST statuses/${tested}`, { context: 'ci', state: 'success' });
    expect(await forge.land(order())).toEqual({ kind: 'landed' });
    expect(behind.head('main')).toBe(tested);
    expect(statuses()).toEqual(['ci success', 'gatehouse success']);
  });

  test('another one that is not green keeps it from being set, and main where it is', async () => {
    await prepared();
    protect('gatehouse', 'ci');
    expect(await forge.land(order())).toMatchObject({ kind: 'ci-pending' });
    expect(behind.head('main')).toBe(base);
    expect(statuses()).toEqual([]);
  });
});
