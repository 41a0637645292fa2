/** How GitHub is reached and with what: addresses, Apps, limits, and no credential anywhere else. Over a double judged by its description. */
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { githubAddress } from '../src/forges/github/address.ts';
import { githubForge } from '../src/forges/github/github.ts';
import { readGithubNews } from '../src/forges/github/read-news.ts';
import { sessionOf } from '../src/forges/github/session.ts';
import { credentialsOf, forgeAt, type Github, startGithub } from './github-double.ts';
import { Forge as BareRepository, PROJECT, scratchFolder } from './scratch-forge.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const { signal } = new AbortController();

let behind: BareRepository;
let github: Github;
let template: BareRepository;
beforeAll(async () => {
  template = await BareRepository.make(PROJECT);
});

beforeEach(async () => {
  behind = template.copy();
  github = await startGithub(behind.path);
});

/** Calls that arrive from now on. */
function counting(): string[] {
  const calls: string[] = [];
  github.double.faults.plan({ kind: 'hangs', on: ({ method, path }) => calls.push(`${method} ${path}`) === 0 });
  return calls;
}

test.each([
  ['https://github.com/octo/app.git', 'https://api.github.com', 'https://github.com/octo/app'],
  ['git@github.com:octo/app.git', 'https://api.github.com', 'https://github.com/octo/app'],
  ['ssh://git@ssh.github.com:443/octo/app.git', 'https://api.github.com', 'https://github.com/octo/app'],
  ['https://code.example.org/octo/app', 'https://code.example.org/api/v3', 'https://code.example.org/octo/app'],
  [
    'https://code.example.org:8443/octo/app',
    'https://code.example.org:8443/api/v3',
    'https://code.example.org:8443/octo/app',
  ],
  ['ssh://git@code.example.org:2222/octo/app', 'https://code.example.org/api/v3', 'https://code.example.org/octo/app'],
  ['http://127.0.0.1:3000/octo/app', 'http://127.0.0.1:3000/api/v3', 'http://127.0.0.1:3000/octo/app'],
])('%s is asked at %s', (url, api, web) => {
  expect(githubAddress(url)).toEqual({ api, web, owner: 'octo', name: 'app' });
});

test.each([
  'http://code.example.org/octo/app',
  'https://github.com/octo',
  'https://github.com/a/b/c',
  '/srv/app.git',
  '',
])('nothing is asked for %j: it is no repository, or its token would travel in the clear', async (url) => {
  expect(githubAddress(url)).toBeNull();
  const forge = githubForge({
    forge: 'github',
    url,
    credential: 'github',
    credentials: credentialsOf('planted-token'),
  });
  expect((await forge.cannotLand('main'))?.reason).toContain('no https or ssh address');
  expect(await forge.mayCommand('dev')).toMatchObject({ kind: 'unsupported' });
});

describe('an App', () => {
  const open = (keyText = privateKey) => {
    const app = github.double.addApp({
      slug: 'gate',
      publicKey,
      permissions: { contents: 'write', pull_requests: 'write', statuses: 'write' },
      repositories: new Set(['octo/app']),
    });
    const keyFile = join(scratchFolder(), 'app.pem');
    writeFileSync(keyFile, keyText, { mode: 0o600 });
    const credentials = credentialsOf(`app:${app.id}:${keyFile}`);
    const access = { forge: 'github', url: github.url, credential: 'github', credentials };
    const key = `${github.double.url}/api/v3 github octo/app`;
    return { forge: githubForge(access), session: sessionOf(credentials, key) };
  };

  test('mints a token for its repository, uses it for git and the API, and keeps it for its hour', async () => {
    const { forge } = open();
    const calls = counting();
    const dir = join(scratchFolder(), 'mirror.git');
    expect(await forge.fetch({ dir, main: 'main', timeoutMs: 60_000, signal })).toMatchObject({ kind: 'fresh' });
    expect(await forge.cannotLand('main')).toBeNull();
    expect(await forge.setStatus({ commit: behind.head('main'), state: 'pending', text: 'waits' })).toEqual({
      kind: 'told',
    });
    expect(calls.filter((call) => call.endsWith('/access_tokens'))).toHaveLength(1);
  });

  test('mints anew before its token ends, and when it was revoked', async () => {
    const { forge, session } = open();
    const calls = counting();
    const minted = () => calls.filter((call) => call.endsWith('/access_tokens')).length;
    await forge.pullRequests();
    const first = session.installation;
    if (first === null) throw new Error('no token was minted');
    const hourMs = first.untilMs - Date.now();
    expect(hourMs).toBeLessThan(51 * 60_000);
    session.installation = { ...first, untilMs: Date.now() - 1 };
    expect(await forge.pullRequests()).toMatchObject({ kind: 'pull-requests' });
    expect(minted()).toBe(2);
    github.double.state.bearers.delete(session.installation.token);
    expect(await forge.pullRequests()).toMatchObject({ kind: 'pull-requests' });
    expect(minted()).toBe(3);
  });

  test('speaks as its bot, whose comment is edited and read by nobody as a command', async () => {
    behind.push({ branch: 'work', from: 'main' }, { w: '1' });
    await github.as('dev', 'POST pulls', { title: 'work', head: 'work', base: 'main' });
    const { forge } = open();
    for (const text of ['waits', 'runs'])
      expect(await forge.comment({ taskId: 't', pullRequest: 1, text })).toEqual({ kind: 'told' });
    expect(github.repository.comments.map(({ user, body }) => [user.login, body])).toEqual([
      ['gate[bot]', '<!-- gatehouse:t -->\nruns'],
    ]);
    expect(await forge.comments({ pullRequest: 1, cursor: null })).toMatchObject({ all: [] });
  });

  test('whose key cannot be used says so, without a word of it', async () => {
    const { forge } = open('not a key: planted-secret');
    const answers = [
      await forge.pullRequests(),
      await forge.fetch({ dir: join(scratchFolder(), 'm.git'), main: 'main', timeoutMs: 60_000, signal }),
    ];
    expect(answers[1]).toMatchObject({ reason: expect.stringContaining('private key of the App') });
    expect(answers.map(({ kind }) => kind)).toEqual(['unreachable', 'unreachable']);
    expect(JSON.stringify(answers)).not.toContain('planted-secret');
  });
});

test('a limit is passed on with its time, and until then nothing is asked', async () => {
  const forge = forgeAt(github.url, github.double.tokenOf('queue'));
  const status = { commit: behind.head('main'), state: 'pending', text: 'waits' } as const;
  github.double.state.limitedUntilS = Date.now() / 1000 + 100;
  const calls = counting();
  const told = await forge.setStatus(status);
  if (told.kind !== 'untold' || told.retryAfterMs === null) throw new Error(JSON.stringify(told));
  expect(told.retryAfterMs).toBeGreaterThan(60_000);
  expect(await forge.setStatus(status)).toMatchObject({ kind: 'untold', reason: 'GitHub asked for quiet' });
  expect(await forge.mayCommand('dev')).toMatchObject({ kind: 'unreachable' });
  expect(calls).toHaveLength(1);
});

test('without the credential nothing is tried, and its name alone is said', async () => {
  const calls = counting();
  const forge = githubForge({ forge: 'github', url: github.url, credential: 'work', credentials: new Map() });
  expect(await forge.pullRequests()).toEqual({
    kind: 'unreachable',
    reason: 'the credential work has no token; set ORCH_CREDENTIAL_WORK',
  });
  expect(calls).toEqual([]);
});

test('a repository that names no credential is not asked for with another one', async () => {
  const calls = counting();
  const credentials = credentialsOf(github.double.tokenOf('queue'));
  const forge = githubForge({ forge: 'github', url: github.url, credential: null, credentials });
  expect(await forge.pullRequests()).toMatchObject({ reason: expect.stringContaining('names no credential') });
  expect(calls).toEqual([]);
});

test('no answer holds the token, whatever is refused', async () => {
  const token = 'planted-token-0123456789';
  const forge = forgeAt(github.url, token);
  const git = { gitDir: join(scratchFolder(), 'mirror.git') };
  const commit = behind.head('main');
  const order = { git, main: 'main', from: commit, commit, members: [{ branch: 'w', head: commit, pullRequest: 1 }] };
  const answers = [
    await forge.fetch({ dir: git.gitDir, main: 'main', timeoutMs: 60_000, signal }),
    await forge.cannotLand('main'),
    await forge.requiredChecks({ commit, main: 'main' }),
    await forge.prepare(order),
    await forge.land(order),
    await forge.setStatus({ commit, state: 'pending', text: 'waits' }),
    await forge.comment({ taskId: 't', pullRequest: 1, text: 'waits' }),
    await forge.pullRequests(),
    await forge.pullRequest(1),
    await forge.mayCommand('dev'),
    await forge.finish({ number: 1, branch: 'w', commit, main: 'main' }),
    await forge.inspect('main'),
  ];
  const text = JSON.stringify(answers);
  expect(text).not.toContain(token);
  expect(text).not.toContain(Buffer.from(`x-access-token:${token}`).toString('base64'));
  expect(text).toContain('Bad credentials');
});

test('what an inspection says, as a person reads it', async () => {
  github.double.grant(github.repository, 'queue', 'admin');
  const { repository } = github;
  repository.rulesets.push({ id: 7, name: 'main', required: [{ context: 'ci', appId: null }], bypass: ['queue'] });
  github.double.addHook(repository, { url: 'http://127.0.0.1:9/webhooks/github', secret: 's', events: ['push'] });
  const credentials = credentialsOf(github.double.tokenOf('queue'), 'secret');
  const forge = githubForge({ forge: 'github', url: github.url, credential: 'github', credentials });
  const found = await forge.inspect('main');
  if (!Array.isArray(found)) throw new Error(JSON.stringify(found));
  const lines = found.map(
    ({ name, status, detail, next }) => `${status} ${name}: ${detail}${next === null ? '' : ` -> ${next}`}`,
  );
  expect(lines.join('\n').replaceAll(github.double.url, 'https://github.example')).toMatchInlineSnapshot(`
"ok landing: https://github.example/octo/app may be written by queue
ok token: a classic token with the scopes repo
ok protection: main is protected
ok required checks: required on main: ci
warn bypass: the token may bypass the ruleset main; required checks are honoured all the same -> take it off the bypass list: https://github.example/octo/app/settings/rules
ok commands: GitHub tells who may write, and so may command
warn webhooks: it does not send pull_request, pull_request_review, issue_comment, status, check_run, create, delete -> add the events: https://github.example/octo/app/settings/hooks"
`);
});

test('the webhooks of the double are read, and say who did it', async () => {
  github.double.addHook(github.repository, { url: 'http://127.0.0.1:9/webhooks/github', secret: 's' });
  behind.push({ branch: 'work', from: 'main' }, { w: '1' });
  await github.as('dev', 'POST pulls', { title: 'work', head: 'work', base: 'main' });
  await github.as('outsider', 'POST issues/1/comments', { body: '/gatehouse queue' });
  const [comment] = github.repository.comments;
  await github.as('dev2', `PATCH issues/comments/${comment?.id}`, { body: '/gatehouse stop' });
  const news = github.double.webhooks.sent.map(({ headers, body }) => {
    const event = headers['x-github-event'] ?? '';
    return [event, readGithubNews(event, JSON.parse(body))];
  });
  const about = (pullRequest: number | null, text?: string) => ({
    repository: '127.0.0.1/octo/app',
    pullRequest,
    comment: text === undefined ? null : { by: 'outsider', text, at: expect.any(String) },
  });
  expect(news).toEqual([
    ['create', about(null)],
    ['push', about(null)],
    ['pull_request', about(1)],
    ['issue_comment', about(1, '/gatehouse queue')],
    ['issue_comment', about(1)],
  ]);
});
