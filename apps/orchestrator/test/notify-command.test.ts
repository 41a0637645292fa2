/** `gatehouse notify` against a running service, whose receivers are doubles. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { receivers } from '@gatehouse/doubles';
import { afterAll, expect, test } from '@jest/globals';
import { alertMessage, repositoryAlert } from '../src/notifiers/alert-message.ts';
import { ownToken, serviceOn, until } from './live-gatehouse.ts';
import { cli, onlyJson } from './recording-terminal.ts';
import { scratchFolder } from './scratch-forge.ts';

const double = await receivers(['7']);
afterAll(() => double.close());

test('alerts reach the chat; what it refuses is listed, and sent again when it is mended', async () => {
  const folder = scratchFolder();
  const file = join(folder, 'routes.yaml');
  writeFileSync(
    file,
    '{ version: 1, routes: [{ to: telegram }, { to: telegram, name: wrong, chat: "8" }, { to: webhook, severity: critical }] }',
  );
  const service = await serviceOn(join(folder, 'data'), {
    ORCH_TELEGRAM_TOKEN: double.token,
    ORCH_TELEGRAM_CHAT_ID: '7',
    ORCH_TELEGRAM_URL: double.url,
    ORCH_NOTIFY_WEBHOOK_URL: `${double.url}/hook`,
    ORCH_NOTIFY_WEBHOOK_SECRET: double.secret,
    ORCH_NOTIFY_FILE: file,
  });
  const run = (...words: string[]) => cli([...words, '--url', service.url, '--token', ownToken(service)], folder);

  const tried = await run('notify', 'test');
  expect(tried.exit).toBe(1);
  expect(tried.out).toMatch(/telegram +told/);
  expect(tried.out).toMatch(/wrong +rejected +telegram: answered 400: .*chat not found/);
  expect(tried.out).toMatch(/webhook +told/);
  expect((await run('notify', 'test', '--route', 'telegram')).exit).toBe(0);
  expect((await run('notify', 'test', '--route', 'pigeon')).err).toContain('there are telegram, wrong, webhook');
  expect(double.messages.at(-1)?.text).toContain('this is a test');

  const alert = repositoryAlert('shop', { key: 'breaker/disk', text: 'the disk is full' });
  await service.context.store.addOutbox({ ...alertMessage(alert), atMs: Date.now() });
  const dead = async () => {
    const { notifications } = onlyJson(await run('notify', 'ls', '--json')) as { notifications: { id: number }[] };
    return notifications;
  };
  await until('a dead letter', async () => (await dead()).length === 1);
  expect(await dead()).toMatchObject([{ route: 'wrong', about: 'shop', text: 'the disk is full', attempts: 1 }]);
  await until('it is told', async () =>
    double.messages.some(({ text }) => text === 'repository shop: the disk is full'),
  );

  double.answerNext({ status: 200, body: { ok: true } });
  expect((await run('notify', 'resend', '--all')).out).toMatch(/due again: \d+/);
  await until('nothing is dead', async () => (await dead()).length === 0);
  expect((await run('notify', 'resend', '999')).err).toContain('no dead letter has the number 999');
  expect((await run('notify', 'resend')).exit).toBe(2);
  expect(JSON.stringify([await run('notify', 'ls', '--state', 'sent'), tried])).not.toContain('planted');
});

test('a service without receivers says how to get one, and a file that cannot be used stops the start', async () => {
  const folder = scratchFolder();
  const service = await serviceOn(join(folder, 'data'));
  const said = await cli(['notify', 'test', '--url', service.url, '--token', ownToken(service)], folder);
  expect(said.exit).not.toBe(0);
  expect(said.err).toContain('ORCH_TELEGRAM_TOKEN');
  const none = join(folder, 'none.yaml');
  await expect(serviceOn(join(folder, 'other'), { ORCH_NOTIFY_FILE: none })).rejects.toThrow(
    /alerts cannot be routed: ORCH_NOTIFY_FILE .*none\.yaml/,
  );
});
