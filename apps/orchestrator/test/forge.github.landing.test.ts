/** What is GitHub's own about landing, over a double judged by its published description. */
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Forge, LandRequest } from '../src/forges/port.ts';
import { forgeAt, type Github, startGithub } from './github-double.ts';
import { Forge as BareRepository, PROJECT } from './scratch-forge.ts';

let behind: BareRepository;
let github: Github;
let forge: Forge;
const { signal } = new AbortController();

let template: BareRepository;
beforeAll(async () => {
  template = await BareRepository.make(PROJECT);
});

beforeEach(async () => {
  behind = template.copy();
  github = await startGithub(behind.path);
  forge = forgeAt(github.url, github.double.tokenOf('queue'));
});

interface Work {
  readonly head: string;
  readonly number: number;
  readonly order: LandRequest;
}

/** A pull request whose rebased commit was tested. The mirror is the forge's own repository, which no branch of it shows. */
async function tested(from: BareRepository = behind, of = 'work'): Promise<Work> {
  const head = from.push({ branch: 'work', from: 'main' }, { 'work.txt': '1' });
  const base = behind.push({ branch: 'main' }, { 'theirs.txt': '1' });
  const commit = behind.push({ branch: 'tested', from: 'main' }, { 'work.txt': '1' });
  const made = await github.as('dev', 'POST pulls', { title: 'adds work', head: of, base: 'main' });
  const { number } = made as { readonly number: number };
  behind.deleteBranch('tested');
  const members = [{ branch: 'work', head, pullRequest: number }];
  return { head, number, order: { git: { gitDir: behind.path }, main: 'main', from: base, commit, members } };
}

const candidates = (): string => behind.git('for-each-ref', '--format=%(objectname)', 'refs/gatehouse/candidate');
const end = (work: Work) =>
  forge.finish({ number: work.number, branch: 'work', commit: work.order.commit, main: 'main' });

describe('the branch of a pull request', () => {
  test('is moved to the tested commit, so that GitHub says merged by itself (assumed), and is deleted last', async () => {
    const work = await tested();
    expect(await forge.prepare(work.order)).toEqual({ kind: 'prepared' });
    expect(behind.head('work')).toBe(work.order.commit);
    expect(await forge.land(work.order)).toEqual({ kind: 'landed' });
    expect(await end(work)).toEqual({ kind: 'merged' });
    const gone = { git: work.order.git, branch: 'work', main: 'main', expected: work.order.commit, signal };
    expect(await forge.deleteBranch(gone)).toEqual({ kind: 'deleted' });
    expect(candidates()).toBe('');
  });

  test('that got more commits since is left open, with the reason', async () => {
    const work = await tested();
    expect(await forge.prepare(work.order)).toEqual({ kind: 'prepared' });
    behind.git('update-ref', 'refs/heads/work', work.head);
    expect(await forge.land(work.order)).toEqual({ kind: 'landed' });
    expect(await end(work)).toMatchObject({ kind: 'open', reason: expect.stringContaining('did not land') });
  });

  test('that another person moved meanwhile stays, and nothing is prepared', async () => {
    const work = await tested();
    const theirs = behind.push({ branch: 'work' }, { 'work.txt': '2' });
    expect(await forge.prepare(work.order)).toMatchObject({
      kind: 'unprepared',
      reason: expect.stringContaining('work'),
    });
    expect(behind.head('work')).toBe(theirs);
  });

  test('that is protected stays, the commit goes to a candidate ref, and the end is closed with the reason', async () => {
    const work = await tested();
    github.repository.protection.set('work', { required: [{ context: 'ci', appId: null }], enforceAdmins: true });
    expect(await forge.prepare(work.order)).toEqual({ kind: 'prepared' });
    expect([behind.head('work'), candidates()]).toEqual([work.head, work.order.commit]);
    expect(await forge.land(work.order)).toEqual({ kind: 'landed' });
    expect(candidates()).toBe('');
    expect(await end(work)).toMatchObject({ kind: 'closed', reason: expect.stringContaining('could not be moved') });
  });
});

test.each([
  ['was closed', { state: 'closed' }, 'is closed'],
  ['is to land on another branch', { base: 'release' }, 'on release now'],
])('a pull request that %s meanwhile is not prepared', async (_name, change, reason) => {
  behind.git('update-ref', 'refs/heads/release', behind.head('main'));
  const work = await tested();
  await github.as('dev', `PATCH pulls/${work.number}`, change);
  expect(await forge.prepare(work.order)).toMatchObject({
    kind: 'unprepared',
    reason: expect.stringContaining(reason),
  });
  expect(behind.head('work')).toBe(work.head);
});

test('a fork whose head was rebased lands by a candidate ref, and is closed with the reason', async () => {
  const fork = template.copy();
  await github.double.addRepository({ name: 'eve/app', path: fork.path, isFork: true });
  const ours = behind.push({ branch: 'work', from: 'main' }, { 'ours.txt': '1' });
  const work = await tested(fork, 'eve:work');
  expect(await forge.prepare(work.order)).toEqual({ kind: 'prepared' });
  expect([behind.head('work'), candidates()]).toEqual([ours, work.order.commit]);
  // As after a restart: the process that prepared it has ended.
  const next = forgeAt(github.url, github.double.tokenOf('queue'));
  expect(await next.land(work.order)).toEqual({ kind: 'landed' });
  expect(candidates()).toBe('');
  expect(await forge.pullRequest(work.number)).toMatchObject({ pullRequest: { isFork: true, state: 'open' } });
  expect(await end(work)).toMatchObject({ kind: 'closed', reason: expect.stringContaining('could not be moved') });
  expect(await forge.pullRequest(work.number)).toMatchObject({ pullRequest: { state: 'closed' } });
});

describe('main', () => {
  test('that went back to an older commit since the test is not moved', async () => {
    const work = await tested();
    await forge.prepare(work.order);
    const older = behind.git('rev-parse', 'main~1');
    behind.git('update-ref', 'refs/heads/main', older);
    expect(await forge.land(work.order)).toMatchObject({ kind: 'base-moved' });
    expect(behind.head('main')).toBe(older);
  });

  test('that waits for a required check is pending, that has a red one cannot be landed on', async () => {
    const work = await tested();
    await forge.prepare(work.order);
    github.repository.rulesets.push({ id: 7, name: 'main', required: [{ context: 'ci', appId: null }] });
    expect(await forge.land(work.order)).toMatchObject({ kind: 'ci-pending', reason: expect.stringContaining('ci') });
    await github.as('dev', `POST statuses/${work.order.commit}`, { state: 'failure', context: 'ci' });
    expect(await forge.land(work.order)).toMatchObject({ kind: 'cannot-land', reason: expect.stringContaining('ci') });
    expect(behind.head('main')).toBe(work.order.from);
  });

  test('that requires our own status gets it for the tested commit, and is landed on', async () => {
    const work = await tested();
    await forge.prepare(work.order);
    github.repository.rulesets.push({ id: 7, name: 'main', required: [{ context: 'gatehouse', appId: null }] });
    expect(await forge.requiredChecks({ commit: work.order.commit, main: 'main' })).toEqual({ kind: 'green' });
    expect(await forge.land(work.order)).toEqual({ kind: 'landed' });
    expect(behind.mainMoves().at(-1)).toBe(work.order.commit);
  });

  test('that requires approvals gets no push before they are there, nor while somebody asks for changes', async () => {
    const work = await tested();
    github.repository.rulesets.push({ id: 9, name: 'reviews', required: [], approvals: 2 });
    const review = (by: string, event: string) =>
      github.as(by, `POST pulls/${work.number}/reviews`, { event, body: 'read' });
    const prepared = () => forge.prepare(work.order);
    await review('dev2', 'APPROVE');
    await review('outsider', 'APPROVE');
    expect(await prepared()).toEqual({ kind: 'cannot-land', reason: '#1 needs 2 approvals, and has 1' });
    await review('queue', 'REQUEST_CHANGES');
    expect(await prepared()).toMatchObject({ reason: '#1 needs 2 approvals, and somebody asks for changes' });
    expect(behind.head('work')).toBe(work.head);
    await review('queue', 'APPROVE');
    expect(await prepared()).toEqual({ kind: 'prepared' });
    expect(await forge.land(work.order)).toEqual({ kind: 'landed' });
  });

  test('that takes changes by pull request alone cannot be landed on, in the words of GitHub', async () => {
    const work = await tested();
    await forge.prepare(work.order);
    github.repository.rulesets.push({ id: 8, name: 'reviews', required: [], needsPullRequest: true });
    expect(await forge.land(work.order)).toMatchObject({
      kind: 'cannot-land',
      reason: expect.stringContaining('must be made through a pull request'),
    });
    expect(behind.head('main')).toBe(work.order.from);
  });
});

describe('a repository', () => {
  test('that was archived says so before anything waits, and is not landed on', async () => {
    const work = await tested();
    await forge.prepare(work.order);
    github.repository.isArchived = true;
    expect((await forge.cannotLand('main'))?.reason).toContain('is archived');
    expect(await forge.land(work.order)).toMatchObject({
      kind: 'cannot-land',
      reason: expect.stringContaining('archived'),
    });
    expect(behind.head('main')).toBe(work.order.from);
  });

  test('that was renamed is followed nowhere, and says what to do', async () => {
    github.double.rename(github.repository, 'app2');
    expect(await forge.cannotLand('main')).toEqual({
      reason: expect.stringContaining('renamed or moved'),
      next: 'register the repository with its new address',
    });
    expect(await forge.pullRequests()).toMatchObject({ kind: 'unreachable' });
    expect(await forge.pullRequest(1)).toMatchObject({ kind: 'unreachable' });
    expect(await forge.mayCommand('dev')).toMatchObject({ kind: 'unreachable' });
  });

  test('that is gone, or not shown to the token, is named with the rights that are needed', async () => {
    github.double.state.repositories.clear();
    expect(await forge.cannotLand('main')).toEqual({
      reason: expect.stringContaining('shows no repository'),
      next: expect.stringContaining('commit statuses'),
    });
  });
});
