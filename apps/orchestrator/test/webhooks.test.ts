/** Webhooks at the door, and what becomes of them: signed, kept once, answered, and read again as few times as there are things. */
import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createCancellations } from '../src/cancellation/cancellations.ts';
import { composeService, type OpenService } from '../src/compose.ts';
import { createApp } from '../src/http/app.ts';
import { type Logger, silentLog } from '../src/platform/logger.ts';
import { isSignedByOneOf } from '../src/platform/webhook-signature.ts';
import { connect } from '../src/store/sqlite/connection.ts';
import { migrate } from '../src/store/sqlite/migrate.ts';
import { storeOn } from '../src/store/sqlite/open.ts';
import { INBOX_BATCH, processInbox } from '../src/worker/inbox.ts';
import { createHints } from '../src/worker/pull-requests/hints.ts';
import { settingsFrom } from './live-gatehouse.ts';
import { scratchFolder } from './scratch-forge.ts';
import { addTask, mustClaim, T0, withRepo } from './store/world.ts';

const SECRET = 'a shared secret';
const sign = (body: string | Uint8Array, secret = SECRET): string =>
  createHmac('sha256', secret).update(body).digest('hex');

let [opened, warned]: [OpenService, [string, unknown][]] = [] as never;
let app: ReturnType<typeof createApp>;
beforeEach(() =>
  open({
    ORCH_GITHUB_WEBHOOK_SECRET: SECRET,
    ORCH_CREDENTIAL_OTHER_WEBHOOK_SECRET: 'of another host',
    ORCH_PLANE_WEBHOOK_SECRET: 'of plane',
  }),
);
afterEach(() => opened.close());

async function open(environment: Record<string, string>): Promise<void> {
  warned = [];
  const log: Logger = { ...silentLog, warn: (message, fields) => void warned.push([message, fields]) };
  const answer = await composeService(
    settingsFrom({ ORCH_DATA_DIR: join(scratchFolder(), 'data'), ...environment }),
    log,
  );
  if (answer.kind !== 'open') throw new Error(answer.problem);
  opened = answer;
  app = createApp({
    service: opened.context,
    condition: opened.storeFile.condition,
    cancellations: createCancellations(opened.context),
    tokens: [],
    hosts: new Set(['h']),
  });
}

const NOW = new Date().toISOString();
const commented = (number: number, text: string, login = 'ann', at = NOW): string =>
  JSON.stringify({
    action: 'created',
    issue: { number, pull_request: {} },
    comment: { body: text, user: { login: 'somebody-else' }, created_at: at },
    sender: { login },
    repository: { html_url: 'https://github.com/Team/App' },
  });

const post = async (body: string, headers: Record<string, string> = {}, source = 'github') =>
  app.request(`http://h/webhooks/${source}`, {
    method: 'POST',
    body,
    headers: {
      host: 'h',
      'content-type': 'application/json',
      'x-github-event': 'issue_comment',
      'x-hub-signature-256': `sha256=${sign(body)}`,
      ...headers,
    },
  });
const pending = () => opened.context.store.pendingInbox(1000);

describe('a webhook', () => {
  test('that is signed is kept, without a token, before it is answered; the same again is kept once', async () => {
    const body = commented(7, '/gatehouse queue — jetzt 🚀');
    expect((await post(body)).status).toBe(202);
    expect((await post(body)).status).toBe(202);
    expect((await pending()).map(({ source, body: kept }) => [source, JSON.parse(kept) as unknown])).toEqual([
      [
        'github',
        {
          repository: 'github.com/team/app',
          pullRequest: 7,
          comment: { by: 'ann', text: '/gatehouse queue — jetzt 🚀', at: NOW },
          signedBy: ['github'],
        },
      ],
    ]);
  });

  test.each<readonly [string, number, () => Promise<Response>]>([
    [
      'with a wrong signature',
      401,
      () => post(commented(1, 'x'), { 'x-hub-signature-256': `sha256=${sign('other')}` }),
    ],
    ['without a signature', 401, () => post(commented(1, 'x'), { 'x-hub-signature-256': '' })],
    [
      'with half a signature',
      401,
      () => post(commented(1, 'x'), { 'x-hub-signature-256': sign(commented(1, 'x')).slice(0, 32) }),
    ],
    [
      'signed with the secret of another kind of sender',
      401,
      () => post('{}', { 'x-hub-signature-256': sign('{}', 'of plane') }),
    ],
    ['of a form', 415, () => post(commented(1, 'x'), { 'content-type': 'application/x-www-form-urlencoded' })],
    ['larger than a webhook is', 413, () => post(JSON.stringify({ x: 'y'.repeat(1024 * 1024) }))],
    ['of a sender for whom no secret is set', 404, () => post('{}', {}, 'gitea-not')],
  ])('%s is refused, and nothing is kept', async (_what, status, send) => {
    expect((await send()).status).toBe(status);
    expect(await pending()).toEqual([]);
  });

  test('with many wrong signatures makes its sender wait, and one that fits is kept at once', async () => {
    const wrong = () => post('{}', { 'x-hub-signature-256': `sha256=${sign('other')}` });
    for (let count = 0; count < 5; count++) expect((await wrong()).status).toBe(401);
    // On a slow machine the wait may be over each time, until it is long.
    let told = await wrong();
    while (told.status === 401) told = await wrong();
    expect([told.status, Number(told.headers.get('retry-after')) > 0]).toEqual([429, true]);
    expect(((await told.json()) as { next: string }).next).toContain('ORCH_GITHUB_WEBHOOK_SECRET');
    expect(warned.filter(([message]) => message.startsWith('many'))).toEqual([
      ['many wrong signatures come from an address', { address: '' }],
    ]);
    expect((await post(commented(7, 'x'))).status).toBe(202);
  });

  test('of a large size below the limit leaves no more than its hint', async () => {
    const body = JSON.stringify({ ...JSON.parse(commented(7, 'x'.repeat(300_000))), more: 'y'.repeat(500_000) });
    expect((await post(body)).status).toBe(202);
    const [row] = await pending();
    expect(row?.body.length).toBeLessThan(200);
  });

  test('may be signed with the secret of any credential that has a name of its own', async () => {
    const body = commented(7, 'x');
    expect((await post(body, { 'x-hub-signature-256': sign(body, 'of another host') })).status).toBe(202);
  });

  test.each([
    ['that all of its kind share', SECRET, 'github', 1],
    ['of the credential of its repository', 'of another host', 'other', 1],
    ['of another credential', 'of another host', 'github', 0],
  ])('says who wrote what with the secret %s', async (_what, secret, credential, comments) => {
    const { store } = opened.context;
    const url = 'https://github.com/team/app';
    await store.addRepo({ id: 'app', url, forge: 'github', main: 'main', profile: 'gates-only', credential, atMs: T0 });
    const body = commented(7, '/gatehouse queue', 'boss');
    expect((await post(body, { 'x-hub-signature-256': sign(body, secret) })).status).toBe(202);
    const hints = createHints();
    await processInbox(opened.context, { pullRequests: hints, issues: new Set() });
    expect(hints.take('app').pullRequests.get(7)).toHaveLength(comments);
  });

  test('sent again after its row is gone asks for a reading, and says nothing in the name of who wrote long ago', async () => {
    const { store } = opened.context;
    const url = 'https://github.com/team/app';
    await store.addRepo({ id: 'app', url, forge: 'github', main: 'main', profile: 'gates-only', atMs: T0 });
    const days = (many: number): string => new Date(Date.now() - many * 86_400_000).toISOString();
    for (const at of [days(31), days(2), 'yesterday']) {
      expect((await post(commented(7, '/gatehouse queue', 'boss', at))).status).toBe(202);
      const hints = createHints();
      await processInbox(opened.context, { pullRequests: hints, issues: new Set() });
      expect(hints.take('app').pullRequests.get(7)).toEqual([]);
    }
  });

  test('of Plane is signed in its own header', async () => {
    const body = '{"event":"issue"}';
    const sent = await post(body, { 'x-plane-signature': sign(body, 'of plane'), 'x-hub-signature-256': '' }, 'plane');
    expect(sent.status).toBe(202);
    expect(await pending()).toHaveLength(1);
  });

  test('that says nothing to us, or is no JSON, is answered and kept as done with', async () => {
    for (const body of ['{"action":"starred"}', 'no json', '']) expect((await post(body)).status).toBe(202);
    const hints = createHints();
    expect(await processInbox(opened.context, { pullRequests: hints, issues: new Set() })).toBe(3);
    expect(await pending()).toEqual([]);
  });

  test('for which no secret is set is said once in the log', async () => {
    await opened.close();
    await open({});
    warned.splice(0);
    for (let index = 0; index < 3; index += 1) expect((await post('{}')).status).toBe(404);
    expect(warned).toEqual([
      ['a webhook arrived and no secret is set for it', { source: 'github', next: 'ORCH_GITHUB_WEBHOOK_SECRET' }],
    ]);
  });
});

test('every secret is tried, whichever fits', () => {
  const body = new TextEncoder().encode('é');
  expect(isSignedByOneOf(['x', SECRET, 'y'], body, sign(body))).toBe(true);
  expect(isSignedByOneOf([], body, sign(body))).toBe(false);
});

test('a storm costs two statements for each 500 deliveries, and ends as one reading of each thing', async () => {
  const connection = connect(':memory:');
  migrate(connection);
  const ran = { inbox: 0 };
  const { sqlite } = connection;
  const prepare = sqlite.prepare.bind(sqlite);
  const counted = (text: string) => {
    const statement = prepare(text);
    if (!/ inbox /.test(text) || /^INSERT/.test(text)) return statement;
    for (const how of ['run', 'all', 'get', 'iterate'] as const) {
      const call = statement[how].bind(statement) as (...given: unknown[]) => unknown;
      const counting = (...given: unknown[]): unknown => {
        ran.inbox += 1;
        return call(...given);
      };
      Object.assign(statement, { [how]: counting });
    }
    return statement;
  };
  Object.assign(sqlite, { prepare: counted });
  const store = await withRepo(storeOn(connection));
  await addTask(store, 't1');
  const repositoryOf = () => 'h/o/n';
  const deliveries = 3 * INBOX_BATCH;
  for (let index = 0; index < deliveries; index += 1) {
    const news = { repository: 'h/o/n', pullRequest: index % 3, comment: null };
    await store.receiveInbox({
      source: 'github',
      dedupeKey: `${index}`,
      bodyHash: '',
      body: JSON.stringify(news),
      atMs: T0,
    });
  }
  const hints = createHints();
  const service = { store, log: silentLog, now: () => T0, webhooks: { read: () => null, repositoryOf } };
  const processing = processInbox(service, { pullRequests: hints, issues: new Set() });
  // A claim that comes meanwhile has its turn.
  await mustClaim(store);
  expect(await processing).toBe(deliveries);
  expect(ran.inbox).toBeLessThanOrEqual(2 * (deliveries / INBOX_BATCH + 1));
  expect([...hints.take('demo').pullRequests.keys()]).toEqual([0, 1, 2]);
  expect(await store.pendingInbox(1)).toEqual([]);
  await store.close();
});

test('hints of one repository stay few, whatever a storm names', () => {
  const hints = createHints();
  for (let number = 0; number < 10_000; number += 1)
    hints.add({ repoId: 'r', pullRequest: number, comment: { by: 'ann', text: 'x' } });
  for (let index = 0; index < 1_000; index += 1)
    hints.add({ repoId: 'r', pullRequest: 1, comment: { by: 'ann', text: 'x' } });
  const { isWhole, pullRequests } = hints.take('r');
  expect(isWhole).toBe(true);
  expect(pullRequests.size).toBeLessThanOrEqual(200);
  expect(pullRequests.get(1)?.length).toBeLessThanOrEqual(50);
  expect(hints.take('r').pullRequests.size).toBe(0);
});
