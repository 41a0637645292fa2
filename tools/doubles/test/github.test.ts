/** The double of GitHub, through its API as people and Apps use it; every exchange is judged by GitHub's published description. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type GithubDouble, openGithubDouble, type Repository } from '../src/index.ts';
import { type Scratch, scratchRepository } from './scratch-repository.ts';

let github: GithubDouble;
let app: Repository;
let repository: Scratch;
let fork: Scratch;
const { publicKey, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

beforeAll(async () => {
  github = await openGithubDouble();
  repository = scratchRepository();
  fork = scratchRepository();
  app = await github.addRepository({ name: 'octo/app', path: repository.path });
  await github.addRepository({ name: 'eve/app', path: fork.path, isFork: true });
  github.grant(app, 'ada', 'write');
});
afterAll(() => github.close());

interface Answered {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: the answers are judged by the description.
  readonly body: any;
  readonly headers: Headers;
}

const call =
  (authorization: string) =>
  async (method: string, path: string, body?: unknown): Promise<Answered> => {
    const response = await fetch(`${github.url}/api/v3${path}`, {
      method,
      headers: { authorization },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : JSON.parse(text), headers: response.headers };
  };
const as = (login: string) => call(`Bearer ${github.tokenOf(login)}`);
const at = '/repos/octo/app';

/** A branch with one commit on main, and its pull request. */
async function opened(branch: string): Promise<{ readonly number: number; readonly head: string }> {
  const head = repository.commit({ branch, from: 'main', name: branch, text: 'x' });
  const { body, status } = await as('ada')('POST', `${at}/pulls`, { title: branch, head: branch, base: 'main' });
  expect(status).toBe(201);
  return { number: body.number, head };
}

test('a pull request is read, labelled, reviewed and closed by who may', async () => {
  const { number, head } = await opened('topic');
  expect((await as('octo')('POST', `${at}/issues/${number}/labels`, { labels: ['gatehouse'] })).status).toBe(200);
  expect((await as('eve')('POST', `${at}/issues/${number}/labels`, { labels: ['gatehouse'] })).status).toBe(403);
  expect((await as('octo')('POST', `${at}/pulls/${number}/reviews`, { event: 'APPROVE' })).status).toBe(200);
  expect((await as('ada')('POST', `${at}/pulls/${number}/reviews`, { event: 'APPROVE' })).status).toBe(422);
  const [listed] = (await as('eve')('GET', `${at}/pulls?state=open&per_page=100&page=1`)).body;
  expect(listed).toMatchObject({ number, head: { sha: head }, labels: [{ name: 'gatehouse' }], draft: false });
  expect((await as('eve')('GET', `${at}/pulls/${number}/reviews`)).body).toMatchObject([{ state: 'APPROVED' }]);
  expect((await as('octo')('DELETE', `${at}/issues/${number}/labels/gatehouse`)).body).toEqual([]);
  expect((await as('eve')('PATCH', `${at}/pulls/${number}`, { state: 'closed' })).status).toBe(403);
  expect((await as('ada')('PATCH', `${at}/pulls/${number}`, { state: 'closed' })).body).toMatchObject({
    merged: false,
  });
  expect((await as('ada')('GET', `${at}/pulls/99`)).status).toBe(404);
});

test('a ref moves only forward; a pull request whose head main has is merged by itself (assumed)', async () => {
  const { number, head } = await opened('forward');
  const aside = repository.commit({ branch: 'aside', from: 'main', name: 'aside', text: 'x' });
  expect((await as('eve')('PATCH', `${at}/git/refs/heads/main`, { sha: head, force: false })).status).toBe(403);
  expect((await as('ada')('PATCH', `${at}/git/refs/heads/main`, { sha: head, force: false })).status).toBe(200);
  expect((await as('ada')('GET', `${at}/git/ref/heads/main`)).body.object.sha).toBe(head);
  expect((await as('ada')('PATCH', `${at}/git/refs/heads/main`, { sha: aside, force: false })).status).toBe(422);
  expect((await as('ada')('GET', `${at}/pulls/${number}`)).body).toMatchObject({ merged: true, state: 'closed' });
  expect((await as('ada')('GET', `${at}/git/ref/heads/nowhere`)).status).toBe(404);
  const compared = await as('ada')('GET', `${at}/compare/main...${aside}?per_page=1`);
  expect(compared.body).toMatchObject({ status: 'diverged' });
  expect((await as('ada')('POST', `${at}/git/refs`, { ref: 'refs/heads/made', sha: head })).status).toBe(201);
  expect((await as('ada')('DELETE', `${at}/git/refs/heads/made`)).status).toBe(204);
  expect((await as('ada')('DELETE', `${at}/git/refs/heads/made`)).status).toBe(422);
});

test('required checks of rulesets and of classic protection bind whoever may not bypass them', async () => {
  const { head } = await opened('checked');
  app.rulesets.push({ id: 7, name: 'main', required: [{ context: 'ci', appId: null }], bypass: ['octo'] });
  app.protection.set('main', { required: [{ context: 'lint', appId: null }], enforceAdmins: false });
  const land = () => as('ada')('PATCH', `${at}/git/refs/heads/main`, { sha: head, force: false });
  expect((await land()).body.message).toBe('Required status check "ci" is expected.');
  await as('ada')('POST', `${at}/statuses/${head}`, { state: 'success', context: 'ci', description: 'green' });
  expect((await land()).body.message).toBe('Required status check "lint" is expected.');
  await as('ada')('POST', `${at}/statuses/${head}`, { state: 'success', context: 'lint' });
  expect((await as('ada')('GET', `${at}/commits/${head}/status?per_page=100&page=1`)).body).toMatchObject({
    total_count: 2,
  });
  expect((await as('ada')('GET', `${at}/rules/branches/main`)).body).toMatchObject([
    { type: 'required_status_checks' },
  ]);
  expect((await as('octo')('GET', `${at}/rulesets/7`)).body.current_user_can_bypass).toBe('always');
  expect((await as('ada')('GET', `${at}/branches/main/protection`)).status).toBe(404);
  expect((await as('octo')('GET', `${at}/branches/main/protection`)).status).toBe(200);
  expect((await as('ada')('GET', `${at}/branches/main`)).body).toMatchObject({ protected: true });
  expect((await land()).status).toBe(200);
  app.rulesets.length = 0;
  app.protection.clear();
});

test('a comment is edited by every writer, and says when', async () => {
  const { number } = await opened('talk');
  const { body: made } = await as('eve')('POST', `${at}/issues/${number}/comments`, { body: 'hello' });
  expect(made.created_at).toBe(made.updated_at);
  const { body: edited } = await as('ada')('PATCH', `${at}/issues/comments/${made.id}`, { body: '/gatehouse queue' });
  expect(edited).toMatchObject({ user: { login: 'eve' }, body: '/gatehouse queue', created_at: made.created_at });
  expect(edited.updated_at > edited.created_at).toBe(true);
  const since = `since=${edited.updated_at}`;
  expect((await as('eve')('GET', `${at}/issues/${number}/comments?per_page=100&page=1&${since}`)).body).toHaveLength(1);
  expect((await as('eve')('DELETE', `${at}/issues/comments/${made.id}`)).status).toBe(204);
});

test('who may write is told to writers', async () => {
  github.grant(app, 'mia', 'maintain');
  expect((await as('ada')('GET', `${at}/collaborators/mia/permission`)).body).toMatchObject({
    permission: 'write',
    role_name: 'maintain',
  });
  expect((await as('eve')('GET', `${at}/collaborators/mia/permission`)).status).toBe(403);
  expect((await as('ada')('GET', `${at}/collaborators/stranger/permission`)).status).toBe(404);
});

test('an App proves itself by a signed JWT, and only its installation writes check runs', async () => {
  const bot = github.addApp({
    slug: 'gate',
    publicKey,
    permissions: { contents: 'write', checks: 'write' },
    repositories: new Set(['octo/app']),
  });
  const jwt = (key = privateKey): string => {
    const now = Math.floor(Date.now() / 1000);
    const text = [
      { alg: 'RS256', typ: 'JWT' },
      { iss: String(bot.id), iat: now - 30, exp: now + 300 },
    ]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    return `${text}.${sign('RSA-SHA256', Buffer.from(text), key).toString('base64url')}`;
  };
  const itself = call(`Bearer ${jwt()}`);
  expect((await itself('GET', '/app')).body.slug).toBe('gate');
  const { id } = (await itself('GET', `${at}/installation`)).body;
  const { token } = (await itself('POST', `/app/installations/${id}/access_tokens`, {})).body;
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  });
  expect((await call(`Bearer ${jwt(String(stranger))}`)('GET', '/app')).status).toBe(401);
  const { head } = await opened('run');
  const asBot = call(`Bearer ${token}`);
  const { body: run } = await asBot('POST', `${at}/check-runs`, { name: 'ci', head_sha: head });
  expect((await as('ada')('POST', `${at}/check-runs`, { name: 'ci', head_sha: head })).status).toBe(403);
  expect((await asBot('PATCH', `${at}/check-runs/${run.id}`, { conclusion: 'neutral' })).status).toBe(200);
  expect((await as('ada')('GET', `${at}/commits/${head}/check-runs?per_page=100&page=1`)).body).toMatchObject({
    check_runs: [{ status: 'completed', conclusion: 'neutral' }],
  });
  expect((await call(`Bearer ${token}`)('GET', '/repos/eve/app')).status).toBe(404);
});

test('a fork is another repository, and its commits are known to the base', async () => {
  const head = fork.commit({ branch: 'gift', from: 'main', name: 'gift', text: 'x' });
  const { body } = await as('eve')('POST', `${at}/pulls`, { title: 'a gift', head: 'eve:gift', base: 'main' });
  expect(body).toMatchObject({ head: { sha: head, repo: { full_name: 'eve/app', fork: true } } });
  expect(await app.bare.git('rev-parse', `refs/pull/${body.number}/head`)).toBe(head);
});

test('a quota that is used up refuses every call, with the time when it ends', async () => {
  github.state.limitedUntilS = Date.now() / 1000 + 60;
  const refused = await as('ada')('GET', at);
  expect(refused.status).toBe(403);
  expect(refused.headers.get('x-ratelimit-remaining')).toBe('0');
  github.state.isSecondaryLimit = true;
  expect(Number((await as('ada')('GET', at)).headers.get('retry-after'))).toBeGreaterThan(50);
  github.state.limitedUntilS = null;
});

test('webhooks are told to who may read them, and what happened is sent', async () => {
  github.addHook(app, { url: 'http://127.0.0.1:9/none', secret: 's' });
  expect((await as('octo')('GET', `${at}/hooks?per_page=100&page=1`)).body).toMatchObject([{ active: true }]);
  expect((await as('ada')('GET', `${at}/hooks`)).status).toBe(404);
  const { number } = await opened('news');
  await as('eve')('POST', `${at}/issues/${number}/comments`, { body: 'hello' });
  const events = github.webhooks.sent.map(({ headers }) => headers['x-github-event']);
  expect(events).toEqual(expect.arrayContaining(['create', 'push', 'pull_request', 'issue_comment']));
});

test('the API is that of a person, and refuses a token it does not know', async () => {
  expect((await as('ada')('GET', '/user')).body.login).toBe('ada');
  expect((await as('ada')('GET', at)).body.permissions).toMatchObject({ push: true, admin: false });
  expect((await call('Bearer unknown')('GET', '/user')).status).toBe(401);
});

test('every operation of the cut description was used, and every exchange may be one of GitHub', () => {
  expect(github.violations).toEqual([]);
  expect(github.used.size).toBe(33);
});
