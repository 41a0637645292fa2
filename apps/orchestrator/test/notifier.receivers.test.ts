/** Telegram and webhooks, over the doubles of their receivers: what arrives, what is tried again, and that no secret is told. */

import { type Receivers, receivers } from '@gatehouse/doubles';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { repositoryAlert, taskAlert } from '../src/notifiers/alert-message.ts';
import { noticeText } from '../src/notifiers/notice-text.ts';
import type { Notifier, Receiver } from '../src/notifiers/port.ts';
import { telegram } from '../src/notifiers/telegram.ts';
import { formatOf, type WebhookFormat, webhook } from '../src/notifiers/webhook.ts';
import { notifierContract } from './notifier.contract.ts';

const CHAT = '-100200300';
const double: Receivers = await receivers([CHAT]);
afterAll(() => double.close());
afterEach(() => double.faults.clear());

const bot = (token = double.token, chat = CHAT) => telegram({ api: double.url, token, chat });
const hook = (format: WebhookFormat) => webhook({ url: `${double.url}/hook`, secret: double.secret, format });
const ALERT = taskAlert('t-1', { key: 'blocked#1', text: 'the change is red' });
const one = { id: '7', alerts: [ALERT] };

const alone = (receiver: Receiver): Notifier => ({
  name: receiver.kind,
  notify: (alert, signal) => receiver.send({ id: '1', alerts: [alert] }, signal),
});
notifierContract({
  name: 'telegram, over our double of its Bot API',
  notifier: alone(bot()),
  told: () => double.messages.map(({ text }) => text),
});
for (const format of ['json', 'slack', 'mattermost', 'discord'] as const)
  notifierContract({
    name: `a webhook for ${format}, over a receiver of ours`,
    notifier: alone(hook(format)),
    told: () => double.delivered.map(({ body }) => JSON.stringify(body)),
  });

describe('a receiver', () => {
  const all = [
    ['telegram', bot()],
    ['webhook', hook('json')],
  ] as const;

  test.each(all)('that asks for time (%s) gets it', async (_name, receiver) => {
    double.answerNext({ status: 429, body: { ok: false, error_code: 429, parameters: { retry_after: 37 } } });
    expect(await receiver.send(one)).toMatchObject({ kind: 'untold', retryAfterMs: 37_000 });
    double.answerNext({ status: 429, body: {}, headers: { 'retry-after': '2' } });
    expect(await receiver.send(one)).toMatchObject({ kind: 'untold', retryAfterMs: 2_000 });
    double.answerNext({ status: 503, body: {}, headers: { 'retry-after': '99999999' } });
    expect(await receiver.send(one)).toMatchObject({ kind: 'untold', retryAfterMs: 3_600_000 });
  });

  test.each(all)('that fails or does not answer (%s) is asked again', async (_name, receiver) => {
    double.answerNext({ status: 502, body: '<html>bad gateway</html>' });
    expect(await receiver.send(one)).toMatchObject({ kind: 'untold', retryAfterMs: null });
    double.faults.plan({ kind: 'cut', on: () => true });
    expect(await receiver.send(one)).toMatchObject({ kind: 'untold', retryAfterMs: null });
    double.faults.plan({ kind: 'hangs', on: () => true });
    const giveUp = new AbortController();
    const sending = receiver.send(one, giveUp.signal);
    const before = double.faults.fired.length;
    while (double.faults.fired.length === before) await new Promise((turn) => setTimeout(turn, 2));
    giveUp.abort();
    expect(await sending).toMatchObject({ kind: 'untold' });
  });

  test('that will never take it is not asked again', async () => {
    expect(await bot(double.token, 'unknown').send(one)).toEqual({
      kind: 'rejected',
      reason: expect.stringContaining('chat not found'),
    });
    expect(await bot('1:wrong').send(one)).toMatchObject({ kind: 'rejected', reason: expect.stringContaining('401') });
    double.answerNext({ status: 404, body: 'no_service' });
    expect(await hook('slack').send(one)).toMatchObject({ kind: 'rejected' });
    for (const receiver of [bot(double.token), hook('json')]) {
      double.answerNext({ status: 302, body: '', headers: { location: `${double.url}/elsewhere` } });
      expect(await receiver.send(one)).toMatchObject({ kind: 'rejected', reason: expect.stringContaining('302') });
    }
  });

  test('never says its secrets, whatever the other side says', async () => {
    const token = ['987', 'planted-token-of-a-bot'].join(':');
    const url = `${double.url}/services/T000/B000/planted-path`;
    const dead = 'http://127.0.0.1:1';
    const path = '/services/T000/B000/planted-path';
    const tried = [
      [telegram({ api: double.url, token, chat: CHAT }), `${double.url}/bot${token}/sendMessage`],
      [webhook({ url, secret: 'planted-secret', format: 'json' }), `${url} ${path} planted-secret`],
      [telegram({ api: dead, token, chat: CHAT }), null],
      [telegram({ api: 'nonsense', token, chat: CHAT }), null],
      [webhook({ url: `${dead}${path}`, secret: '', format: 'slack' }), null],
      [webhook({ url: 'https://user:planted-password@127.0.0.1:1/', secret: '', format: 'json' }), null],
    ] as const;
    const said: string[] = [];
    for (const [receiver, quoted] of tried) {
      if (quoted !== null) double.answerNext({ status: 400, body: { message: `no ${quoted}` } });
      said.push(JSON.stringify(await receiver.send(one)));
    }
    expect(said.filter((text) => text.includes('planted'))).toEqual([]);
    expect(said.map((text) => /rejected|untold/.exec(text)?.[0])).toEqual([
      'rejected',
      'rejected',
      ...Array<string>(4).fill('untold'),
    ]);
  });
});

describe('a message', () => {
  beforeAll(() => expect(double.messages.length).toBeGreaterThan(0));

  test('of several alerts names each, the critical ones as such, within the limit', () => {
    const alerts = [
      ALERT,
      repositoryAlert('shop', { key: 'frozen#1', text: 'main lacks what landed' }),
      taskAlert('t-2', { key: 'k', text: 'x'.repeat(10_000) }),
    ];
    const text = noticeText({ alerts }, 600);
    expect(text).toContain(
      '3 alerts\ntask t-1: the change is red (what to do: gatehouse task show t-1)\n[critical] repository shop: main lacks what landed\n',
    );
    expect(text.length).toBeLessThanOrEqual(600);
    expect(text).toMatch(/task t-2: x+… \(cut; gatehouse task show t-2\)$/);
  });

  test('is cut between characters', () => {
    for (let limit = 30; limit < 60; limit += 1) {
      const text = noticeText({ alerts: [taskAlert('t', { key: 'k', text: '🚂'.repeat(40) })] }, limit);
      expect(text.length).toBeLessThanOrEqual(limit);
      expect(text.isWellFormed()).toBe(true);
    }
  });

  test('mentions nobody and links nothing', async () => {
    const evil = taskAlert('t', { key: 'k', text: '<!channel> <https://evil|here> @everyone ```x``` & \u202e' });
    const before = double.delivered.length;
    for (const format of ['slack', 'mattermost', 'discord'] as const)
      await hook(format).send({ id: '1', alerts: [evil] });
    expect(double.delivered.slice(before).map(({ body }) => body)).toEqual([
      {
        text: 'task t: &lt;!channel&gt; &lt;https://evil|here&gt; @everyone ```x``` &amp; \\u{202e} (what to do: gatehouse task show t)',
      },
      {
        text: "```\ntask t: <!channel> <https://evil|here> @everyone '''x''' & \\u{202e} (what to do: gatehouse task show t)\n```",
      },
      {
        content:
          "```\ntask t: <!channel> <https://evil|here> @everyone '''x''' & \\u{202e} (what to do: gatehouse task show t)\n```",
        allowed_mentions: { parse: [] },
      },
    ]);
  });

  test('as plain JSON is signed over its raw bytes, and has the number of the message', async () => {
    await hook('json').send({ id: '17-18', alerts: [ALERT, repositoryAlert('größe', { key: 'frozen', text: 'ü' })] });
    const last = double.delivered.at(-1);
    expect(last).toMatchObject({ isSignatureRight: true, headers: { 'x-gatehouse-delivery': '17-18' } });
    expect(last?.body).toMatchObject({ id: '17-18', alerts: [{ severity: 'warning' }, { severity: 'critical' }] });
  });

  test('goes out in the form that a known host reads', () => {
    expect(formatOf('https://hooks.slack.com/services/T/B/x')).toBe('slack');
    expect(formatOf('https://discord.com/api/webhooks/1/x')).toBe('discord');
    expect(formatOf('https://hooks.slack.com.evil.example/x')).toBe('json');
  });
});
