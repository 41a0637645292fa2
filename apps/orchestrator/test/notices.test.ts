/** Alerts on their way to receivers: by route, as one message, again when refused, and by hand when given up. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ServiceContext } from '../src/context.ts';
import { alertMessage, repositoryAlert, taskAlert } from '../src/notifiers/alert-message.ts';
import { NOTICE, routeNameOf } from '../src/notifiers/notice-row.ts';
import type { Alert, Notice, Route } from '../src/notifiers/port.ts';
import { endOfQuiet, parseQuietHours } from '../src/notifiers/quiet-hours.ts';
import { routedNotifier } from '../src/notifiers/routed.ts';
import { fileRoutes, settingsRoutes } from '../src/notifiers/routes.ts';
import { silentLog } from '../src/platform/logger.ts';
import type { TellAnswer } from '../src/platform/tell-answer.ts';
import type { Store } from '../src/store/port/index.ts';
import { openSqliteStore } from '../src/store/sqlite/open.ts';
import { noTracker } from '../src/trackers/none.ts';
import { dispatchNotices } from '../src/worker/notices.ts';
import { dispatchOutbox } from '../src/worker/outbox.ts';
import { addTask, T0, withRepo } from './store/world.ts';

const NOTIFY = {
  telegramUrl: 'http://127.0.0.1:1',
  telegramToken: '1:token',
  telegramChat: '5',
  webhookUrl: 'https://hook.example/x',
  webhookSecret: '',
};
const CREDENTIALS = new Map([['team', { token: 'https://chat.example/hooks/x', sshKey: '', webhookSecret: 's' }]]);
const SOURCES = { notify: NOTIFY, credentials: CREDENTIALS };

describe('routes', () => {
  const read = (text: string) => fileRoutes(text, SOURCES);

  test('without a file lead to each receiver that the settings name', () => {
    const names = (notify: Partial<typeof NOTIFY>) => {
      const answer = settingsRoutes({ ...SOURCES, notify: { ...NOTIFY, ...notify } });
      return answer.kind === 'routes' ? answer.routes.map(({ name }) => name) : answer.problems;
    };
    expect(names({})).toEqual(['telegram', 'webhook']);
    expect(names({ telegramToken: '', webhookUrl: '' })).toEqual([]);
    expect(names({ telegramChat: '' })).toEqual([expect.stringContaining('ORCH_TELEGRAM_CHAT_ID')]);
    expect(names({ webhookUrl: 'hook.example' })).toEqual([expect.stringContaining('https://')]);
    const [refused = ''] = names({ webhookUrl: 'https://ann:planted@hook.example/x' });
    expect(refused).toContain('holds a user or a password');
    expect(refused).not.toContain('planted');
  });

  test('choose by repository and severity; what is wrong with the service goes everywhere', () => {
    const answer = read(
      `{ version: 1, routes: [{ to: telegram, repos: [shop, "web-*"] }, { to: webhook, severity: critical, credential: TEAM }] }`,
    );
    if (answer.kind !== 'routes') throw new Error(answer.problems.join());
    const warning = taskAlert('t', { key: 'blocked#1', text: '' });
    const critical = repositoryAlert('shop', { key: 'frozen', text: '' });
    const wanting = (alert: Alert, repo: string | null) =>
      answer.routes.filter((route) => route.wants(alert, repo)).map(({ name }) => name);
    expect(wanting(warning, 'shop')).toEqual(['telegram']);
    expect(wanting(warning, 'web-front')).toEqual(['telegram']);
    expect(wanting(warning, 'shopping')).toEqual([]);
    expect(wanting(critical, 'other')).toEqual(['webhook']);
    expect(wanting(critical, null)).toEqual(['telegram', 'webhook']);
  });

  test.each([
    ['routes: [', 'Flow sequence'],
    ['{ version: 2, routes: [] }', 'version: '],
    ['{ version: 1, routes: [{ to: pigeon }] }', 'routes.0'],
    ['{ version: 1, routes: [{ to: webhook, credential: NOBODY }] }', 'ORCH_CREDENTIAL_NOBODY is not set'],
    ['{ version: 1, routes: [{ to: telegram, quiet: "22-07" }] }', 'routes.0.quiet'],
    ['{ version: 1, routes: [{ to: telegram, quiet: "22:00-07:00", time_zone: Mars/Base }] }', 'time_zone'],
    ['{ version: 1, routes: [{ to: telegram, name: a }, { to: webhook, name: a }] }', 'a is there twice'],
    ['{ version: 1, routes: [{ to: telegram, repos: ["*a*b*c*"] }] }', 'at most three stars'],
  ])('that cannot be used are refused in words: %s', (text, words) => {
    const answer = read(text);
    expect(answer.kind === 'invalid' ? answer.problems.join() : answer.kind).toContain(words);
  });
});

describe('quiet hours', () => {
  const at = (text: string) => Date.parse(text);
  const quiet = (text: string, zone: string) => {
    const hours = parseQuietHours(text, zone);
    if (hours === null) throw new Error(text);
    return hours;
  };

  test('end in the morning of their time zone, also on the night when its clock changes', () => {
    const berlin = quiet('22:00-07:00', 'Europe/Berlin');
    expect(endOfQuiet(berlin, at('2026-11-28T12:00:00Z'))).toBe(at('2026-11-28T12:00:00Z'));
    expect(endOfQuiet(berlin, at('2026-11-28T21:00:30Z'))).toBe(at('2026-11-29T06:00:00Z'));
    expect(endOfQuiet(berlin, at('2026-10-24T20:30:00Z'))).toBe(at('2026-10-25T06:00:00Z'));
    expect(endOfQuiet(berlin, at('2027-03-27T21:30:00Z'))).toBe(at('2027-03-28T05:00:00Z'));
    expect(endOfQuiet(quiet('01:00-02:30', 'UTC'), at('2026-11-28T02:29:59Z'))).toBe(at('2026-11-28T02:30:00Z'));
  });

  test('of no length, or in no form, are none', () => {
    for (const text of ['07:00-07:00', '7-22', '24:00-01:00', '']) expect(parseQuietHours(text, 'UTC')).toBeNull();
  });
});

describe('delivery', () => {
  let store: Store;
  let nowMs: number;
  let sent: { readonly route: string; readonly notice: Notice }[];
  let answers: Record<string, TellAnswer[]>;
  let routes: Route[];
  beforeEach(async () => {
    const opened = openSqliteStore(':memory:');
    if (opened.kind === 'refused') throw opened.trouble;
    store = await withRepo(opened.store);
    await addTask(store, 't1');
    [nowMs, sent, answers] = [T0, [], {}];
    routes = ['chat', 'hook'].map((name) => route(name));
  });
  afterEach(() => store.close());

  const route = (name: string, dueAt = (_alert: Alert, now: number) => now): Route => ({
    name,
    wants: () => true,
    dueAt,
    receiver: {
      kind: 'test',
      send: async (notice) => {
        sent.push({ route: name, notice });
        return answers[name]?.shift() ?? { kind: 'told' };
      },
    },
  });
  async function passes(count: number, stepMs = 1_000): Promise<void> {
    const notifier = routedNotifier({ name: 'log', notify: async () => ({ kind: 'told' }) }, routes);
    const service: Partial<ServiceContext> = {
      store,
      routes,
      notifier,
      tracker: noTracker,
      log: silentLog,
      now: () => nowMs,
    };
    for (let pass = 0; pass < count; pass += 1) {
      await dispatchOutbox(service as ServiceContext);
      await dispatchNotices(service as ServiceContext);
      nowMs += stepMs;
    }
  }
  const raise = (alert: Alert) => store.addOutbox({ ...alertMessage(alert), atMs: nowMs });
  const texts = (name: string) =>
    sent.filter((one) => one.route === name).map(({ notice }) => notice.alerts.map(({ text }) => text));

  test('of what is raised together is one message on each route, with the repository’s alerts whole', async () => {
    await raise(taskAlert('t1', { key: 'a', text: 'one' }));
    await raise(repositoryAlert('r', { key: 'b', text: 'two' }));
    await passes(6);
    expect(texts('chat')).toEqual([['one', 'two']]);
    expect(texts('hook')).toEqual([['one', 'two']]);
    expect(sent[0]?.notice.alerts[1]).toMatchObject({ scope: 'repository', repository: 'r' });
    await raise(taskAlert('t1', { key: 'a', text: 'one' }));
    await passes(6);
    expect(sent).toHaveLength(2);
  });

  test('a hundred at once are one message, and hold nothing else of the outbox back', async () => {
    for (let at = 0; at < 100; at += 1) await raise(taskAlert('t1', { key: `k${at}`, text: `alert ${at}` }));
    await passes(12);
    expect(texts('chat').flat()).toHaveLength(100);
    expect(texts('chat').length).toBeLessThanOrEqual(5);
    await raise(taskAlert('t1', { key: 'late', text: 'late' }));
    await store.addOutbox({ kind: 'report', dedupeKey: 'report:1', payload: { text: 'x' }, atMs: nowMs });
    const mail = await store.claimOutbox({ nowMs: nowMs + 60_000, leaseMs: 1, limit: 9, butNot: NOTICE });
    expect(mail.map(({ kind }) => kind).sort()).toEqual(['alert', 'report']);
  });

  test('on one route does not wait for another, and honours the time that it asks for', async () => {
    answers = { chat: [{ kind: 'untold', reason: 'slow down', retryAfterMs: 60_000 }] };
    await raise(taskAlert('t1', { key: 'a', text: 'one' }));
    await passes(10);
    expect([texts('chat').length, texts('hook').length]).toEqual([1, 1]);
    await passes(60);
    expect(texts('chat')).toEqual([['one'], ['one']]);
    const ids = sent.filter((one) => one.route === 'chat').map(({ notice }) => notice.id);
    expect(ids[1]).toBe(ids[0]);
  });

  test('that is refused for good is kept, listed, and sent again by hand', async () => {
    answers = { chat: [{ kind: 'rejected', reason: 'chat not found' }] };
    await raise(taskAlert('t1', { key: 'a', text: 'one' }));
    await passes(6);
    const [dead] = await store.listOutbox({ kind: NOTICE, state: 'dead', limit: 10 });
    expect(dead).toMatchObject({ lastError: 'chat not found', taskId: 't1' });
    expect(await store.countOutbox({ kind: NOTICE, state: 'dead' })).toBe(1);
    expect(await store.reviveOutbox(dead?.id ?? 0, { kind: NOTICE, atMs: nowMs })).toBe(true);
    expect(await store.reviveOutbox(dead?.id ?? 0, { kind: NOTICE, atMs: nowMs })).toBe(false);
    await passes(2);
    expect(texts('chat')).toEqual([['one'], ['one']]);
    expect(await store.countOutbox({ kind: NOTICE, state: 'dead' })).toBe(0);
  });

  test('is tried for a day, at least once in a quarter of an hour, and then given up', async () => {
    const down: TellAnswer = { kind: 'untold', reason: 'down', retryAfterMs: null };
    answers = { chat: Array<TellAnswer>(2_000).fill(down) };
    await raise(taskAlert('t1', { key: 'a', text: 'one' }));
    await passes(200, 450_000);
    expect(texts('chat').length).toBeGreaterThan(90);
    const dead = await store.listOutbox({ kind: NOTICE, state: 'dead', limit: 10 });
    expect(dead.map(routeNameOf)).toEqual(['chat']);
  });

  test('in quiet hours waits for their end, and then is one message', async () => {
    routes = [route('chat', (_alert, now) => Math.max(now, T0 + 60_000))];
    await raise(taskAlert('t1', { key: 'a', text: 'one' }));
    await passes(20);
    await raise(taskAlert('t1', { key: 'b', text: 'two' }));
    await passes(20);
    expect(sent).toEqual([]);
    await passes(30);
    expect(texts('chat')).toEqual([['one', 'two']]);
  });

  test('of a route that is configured no more is a dead letter with its name', async () => {
    await raise(taskAlert('t1', { key: 'a', text: 'one' }));
    await passes(1);
    routes = [];
    await passes(5);
    const dead = await store.listOutbox({ kind: NOTICE, state: 'dead', limit: 10 });
    expect(dead.map(({ lastError }) => lastError)).toEqual([
      'no route is called "hook" any more',
      'no route is called "chat" any more',
    ]);
  });

  test('that a crash cut off after sending comes again with the same number', async () => {
    await raise(taskAlert('t1', { key: 'a', text: 'one' }));
    routes = [route('chat')];
    await passes(1);
    const ack = store.ackOutbox.bind(store);
    Object.assign(store, { ackOutbox: () => Promise.reject(new Error('killed')) });
    nowMs += 5_000;
    await expect(passes(1)).rejects.toThrow('killed');
    Object.assign(store, { ackOutbox: ack });
    nowMs += 61_000;
    await passes(1);
    expect(sent.map(({ notice }) => notice.id)).toEqual([sent[0]?.notice.id, sent[0]?.notice.id]);
  });
});
