/** What is read at a double of Gitea: required checks, rights, the doctor's lines; and where the API of a url is. */
import type { Gitea } from '@gatehouse/doubles';
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { apiAddress } from '../src/forges/gitea/api-address.ts';
import type { Forge } from '../src/forges/port.ts';
import { giteaAt, startDouble } from './gitea-double.ts';
import { Forge as BareRepository, PROJECT } from './scratch-forge.ts';

test.each([
  ['https://git.example.org/Group/app.git', 'https://git.example.org/api/v1', 'https://git.example.org/Group/app'],
  ['https://git.example.org:8443/a/b/', 'https://git.example.org:8443/api/v1', 'https://git.example.org:8443/a/b'],
  ['http://127.0.0.1:3000/forge/a/b.git', 'http://127.0.0.1:3000/forge/api/v1', 'http://127.0.0.1:3000/forge/a/b'],
  ['git@git.example.org:a/b.git', 'https://git.example.org/api/v1', 'https://git.example.org/a/b'],
  ['ssh://git@git.example.org:2222/a/b', 'https://git.example.org/api/v1', 'https://git.example.org/a/b'],
])('the API of %s is %s', (url, api, page) => {
  expect(apiAddress(url)).toMatchObject({ api, page, owner: page.split('/').at(-2), name: page.split('/').at(-1) });
});

test.each(['/srv/app.git', 'https://git.example.org/', 'https://git.example.org/app', '', 'app'])(
  'the API of %j is nowhere',
  (url) => {
    expect(apiAddress(url)).toBeNull();
  },
);

describe('at a double of gitea', () => {
  let template: BareRepository;
  let gitea: Gitea;
  let forge: Forge;
  let commit: string;
  beforeAll(async () => {
    template = await BareRepository.make(PROJECT);
    commit = template.push({ branch: 'work', from: 'main' }, { 'work.txt': '1' });
  });
  beforeEach(async () => {
    gitea = await startDouble(template.copy().path);
    forge = giteaAt(gitea.cloneUrl, gitea.token('queue'));
  });

  const report = (context: string, state: string, of = commit) =>
    gitea.as('dev', `POST statuses/${of}`, { context, state });
  const checks = () => forge.requiredChecks({ commit, main: 'main' });
  const requires = (...contexts: string[]) => gitea.protect({ rule_name: 'main', status_check_contexts: contexts });

  test('a flood of comments is read the newest first, within bounds: commands are heard, and no comment of ours is doubled', async () => {
    gitea.state.seconds -= 100;
    forge = giteaAt(gitea.cloneUrl, gitea.token('queue'), { limitBytes: 20_000 });
    const number = await gitea.open({ by: 'dev', branch: 'work', title: 'work' });
    const say = (text: string) => forge.comment({ taskId: 't1', pullRequest: number, text });
    const write = (by: string, body: string) => gitea.as(by, `POST issues/${number}/comments`, { body });
    const texts = async (cursor: string | null): Promise<readonly string[]> => {
      const read = await forge.comments({ pullRequest: number, cursor });
      return read.kind === 'comments' ? read.all.map(({ text }) => text) : [read.kind];
    };
    expect(await say('waits')).toEqual({ kind: 'told' });
    const before = await forge.comments({ pullRequest: number, cursor: null });
    const cursor = before.kind === 'comments' ? before.cursor : '';
    for (let count = 0; count < 3; count += 1) await write('dev2', 'x'.repeat(8_000));
    await write('dev', '/gatehouse queue');
    for (const from of [null, cursor]) expect((await texts(from)).at(-1)).toBe('/gatehouse queue');
    expect(await say('lands')).toEqual({ kind: 'told' });
    const ours = [...gitea.state.comments.values()].filter(({ author }) => author === 'queue');
    expect(ours.map(({ body }) => body.split('\n').at(-1))).toEqual(['lands']);
    // One alone is more than an answer may be: what stands beside it is heard all the same.
    await write('dev2', 'x'.repeat(21_000));
    await write('dev', '/gatehouse why');
    expect((await texts(null)).slice(-2)).toEqual(['/gatehouse queue', '/gatehouse why']);
    expect(await forge.comment({ taskId: 't2', pullRequest: number, text: 'new' })).toMatchObject({ kind: 'untold' });
  });

  test('any text is taken as a state, and only success is green', async () => {
    requires('ci');
    for (const state of ['blue', 'skipped', 'warning', 'error', '']) {
      await report('ci', state);
      expect(await checks()).toMatchObject({ kind: 'red' });
    }
    await report('ci', 'success');
    expect(await checks()).toEqual({ kind: 'green' });
  });

  test('a required name may be a pattern, and all that match have to be green', async () => {
    requires('ci/*', 'lint-?');
    expect(await checks()).toEqual({ kind: 'pending', reason: 'ci/* was not reported yet' });
    await report('ci/a', 'success');
    await report('ci/b', 'pending');
    await report('lint-1', 'success');
    await report('lint-10', 'failure');
    expect(await checks()).toEqual({ kind: 'pending', reason: 'ci/b still runs' });
    await report('ci/b', 'failure');
    expect(await checks()).toEqual({ kind: 'red', reason: 'ci/b ended as failure' });
    await report('ci/b', 'success');
    expect(await checks()).toEqual({ kind: 'green' });
  });

  test('required checks without names are everything that was reported, and something has to be; ours is not counted', async () => {
    requires();
    expect((await checks()).kind).toBe('pending');
    await forge.setStatus({ commit, state: 'pending', text: 'waits' });
    expect((await checks()).kind).toBe('pending');
    await report('ci', 'success');
    expect(await checks()).toEqual({ kind: 'green' });
  });

  test('statuses are read page by page', async () => {
    requires('ci-59');
    for (let at = 0; at < 60; at += 1) await report(`ci-${at}`, 'success');
    expect(await checks()).toEqual({ kind: 'green' });
  });

  test('a commit that Gitea does not have was never reported', async () => {
    requires('ci');
    expect(await forge.requiredChecks({ commit: '3'.repeat(40), main: 'main' })).toMatchObject({ kind: 'pending' });
  });

  test('two comments of a task, which an old reading left behind, become one', async () => {
    const pullRequest = await gitea.open({ by: 'dev', branch: 'work', title: 'work' });
    const say = (text: string) => forge.comment({ taskId: 't1', pullRequest, text });
    await forge.comments({ pullRequest, cursor: null });
    await say('waits');
    gitea.faults.plan({ kind: 'stale', on: ({ method, path }) => method === 'GET' && path.endsWith('/comments') });
    await say('runs');
    const bodies = () => [...gitea.state.comments.values()].map(({ body }) => body.split('\n').at(-1));
    expect(bodies()).toEqual(['waits', 'runs']);
    expect(await say('landed')).toEqual({ kind: 'told' });
    expect(bodies()).toEqual(['landed']);
  });

  test("a writer's token is not told who may command", async () => {
    expect(await forge.mayCommand('dev')).toMatchObject({
      kind: 'not-told',
      reason: expect.stringContaining('admins'),
    });
  });

  const doctor = async (of = forge): Promise<string> => {
    const findings = await of.inspect('main');
    if (!Array.isArray(findings)) throw new Error(JSON.stringify(findings));
    return findings
      .map(({ name, status, detail, next }) => `${status} ${name}: ${detail}${next === null ? '' : `\n  → ${next}`}`)
      .join('\n')
      .replaceAll(gitea.url, 'https://gitea');
  };

  test('the doctor names each thing to set right, with the click', async () => {
    gitea.state.settings.allow_fast_forward_only_merge = false;
    expect(await doctor()).toMatchInlineSnapshot(`
"ok token: accepted, of queue
ok rights: queue may write
warn protection: main is not protected: whoever may write can pass the queue by
  → protect it at https://gitea/org/app/settings/branches
warn merge style: fast-forward only is not allowed: main is pushed instead
  → allow "Fast-forward only" at https://gitea/org/app/settings (Pull Requests)
warn end of a pull request: what landed by a push can only be closed, not merged
  → allow "Mark pull request as manually merged" and "Enable autodetect manual merge" at https://gitea/org/app/settings (Pull Requests)
warn commands: queue is not told who may write
  → list who may command in ORCH_FORGE_COMMANDERS, or make the token that of an administrator of the repository
warn webhooks: only an administrator may read them; without one everything is noticed by polling, later
  → see that https://gitea/org/app/settings/hooks has one that posts JSON to /webhooks/gitea of this service, with the secret, for pushes, pull requests, comments, reviews and statuses"
`);
  });

  test('the doctor has nothing to say where everything is right', async () => {
    gitea.state.people.set('queue', 'admin');
    gitea.state.settings.autodetect_manual_merge = true;
    gitea.state.hooks.push({
      url: 'https://gatehouse/webhooks/gitea',
      events:
        'push pull_request pull_request_sync pull_request_label pull_request_comment pull_request_review status'.split(
          ' ',
        ),
    });
    gitea.protect({ rule_name: 'main', push_whitelist: ['queue'], merge_whitelist: ['queue'] });
    expect(await doctor()).toMatchInlineSnapshot(`
"ok token: accepted, of queue
ok rights: queue may write
ok protection: main is protected, and queue may push and merge
ok required checks: main requires none
ok merge style: fast-forward only is allowed
ok end of a pull request: what landed by a push ends as merged
ok commands: who may write may command
ok webhooks: posted to this service"
`);
  });

  test('the doctor says what a token bypasses, and which checks are required, our own among them', async () => {
    gitea.protect({ rule_name: 'main', push_whitelist: ['queue'], merge_whitelist: [], status_check_contexts: ['ci'] });
    expect(await doctor()).toContain('Gatehouse waits for them all the same');
    requires('ci', 'gatehouse');
    expect(await doctor()).toContain('main requires ci, gatehouse');
  });

  test.each([
    ['nothing', /fail token: .*401/],
    ['read', /fail scope: token does not have .*write:repository/],
    ['outsider', /fail repository: .*404/],
  ])('the doctor says what is wrong with a token: %s', async (who, said) => {
    const token = who === 'read' ? gitea.token('queue', 'read') : who === 'nothing' ? 'x' : gitea.token(who);
    const lines = (await doctor(giteaAt(gitea.cloneUrl, token))).split('\n');
    expect(lines).toContainEqual(expect.stringMatching(said));
    expect(new Set(lines).size).toBe(lines.length);
  });

  test('what cannot land says so before anything waits', async () => {
    gitea.protect({ rule_name: 'main', push_whitelist: [], merge_whitelist: [] });
    expect((await forge.cannotLand('main'))?.reason).toContain('neither push nor merge');
    gitea.state.settings.archived = true;
    expect((await forge.cannotLand('main'))?.reason).toContain('archived');
  });

  test('no token is in what an answer says', async () => {
    const token = gitea.token('queue', 'read');
    const answers = [
      await giteaAt(gitea.cloneUrl, token).setStatus({ commit, state: 'pending', text: 'waits' }),
      await giteaAt('http://127.0.0.1:9/a/b', token).pullRequests(),
      await giteaAt('no url', token).pullRequests(),
    ];
    expect(answers.map(({ kind }) => kind)).toEqual(['rejected', 'unreachable', 'unreachable']);
    expect(JSON.stringify(answers)).not.toContain(token);
  });
});
