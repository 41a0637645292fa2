/** One reader of the log tells any number of clients, each of them everything once and in order, and none at the cost of the others. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createEventFeed, type FeedParts } from '../src/http/stream/event-feed.ts';
import type { Watch } from '../src/http/stream/watchers.ts';
import type { Store } from '../src/store/port/index.ts';
import { connect } from '../src/store/sqlite/connection.ts';
import { migrate } from '../src/store/sqlite/migrate.ts';
import { storeOn } from '../src/store/sqlite/open.ts';
import { until } from './live-gatehouse.ts';
import { T0, withRepo } from './store/world.ts';

const KEPT_MS = 1000;
let store: Store;
let open: Set<number>;

beforeEach(async () => {
  const connection = connect(':memory:');
  migrate(connection);
  store = await withRepo(storeOn(connection));
  open = new Set();
});
const leaving: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const leave of leaving.splice(0)) await leave();
  await store.close();
});

const feedOf = (parts: Partial<FeedParts> = {}) =>
  createEventFeed({ store, openSessions: async () => open, now: () => T0, keptMs: KEPT_MS, ...parts });

const append = (at = T0, body: unknown = {}) =>
  store.appendEvent({ repoId: null, taskId: null, kind: 'x', body, actor: 'a', at });

const watch = (of: Partial<Watch> = {}): Watch => ({
  since: 0,
  as: 'events',
  sessionId: null,
  cut: () => undefined,
  ...of,
});

interface Told {
  readonly ids: number[];
  readonly resets: number[];
  hasEnded: boolean;
}

/** Reads a stream until it ends or the test does. */
function read(body: ReadableStream<Uint8Array> | null): Told {
  const told: Told = { ids: [], resets: [], hasEnded: false };
  const reader = body?.getReader();
  if (reader === undefined) throw new Error('there is no place for another client');
  leaving.push(() => reader.cancel());
  let text = '';
  const take = async (): Promise<void> => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      text += new TextDecoder().decode(value);
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const id = /^id: (\d+)$/m.exec(block)?.[1];
        if (id !== undefined) (/^event: reset$/m.test(block) ? told.resets : told.ids).push(Number(id));
      }
    }
    told.hasEnded = true;
  };
  void take();
  return told;
}

const from = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, at) => first + at);

test('clients that come back at any place, amid commits, are told everything once and in order', async () => {
  const feed = feedOf({ limits: { page: 3 } });
  const told = new Map<number, Told>();
  for (let seq = 1; seq <= 60; seq++) {
    expect(await append()).toBe(seq);
    if (seq % 4 === 0) told.set(seq, read(feed.open(watch({ since: seq - (seq % 20) }))));
  }
  const last = await append();
  for (const [seq, { ids }] of told) {
    await until('the client is up to date', async () => ids.at(-1) === last);
    expect(ids).toEqual(from(seq - (seq % 20) + 1, last));
  }
  expect(feed.watching()).toBe(15);
});

test('two hundred clients cost one reading of the log for each commit', async () => {
  let reads = 0;
  const events: Store['events'] = (page) => {
    reads += 1;
    return store.events(page);
  };
  const feed = feedOf({ store: { ...store, events } });
  const last = await append();
  const told = Array.from({ length: 200 }, () => read(feed.open(watch({ as: 'changes' }))));
  for (const { ids } of told) await until('each is told the first one', async () => ids.length === 1);
  reads = 0;
  for (let count = 0; count < 5; count++) await append();
  for (const { ids } of told) await until('each is told the others', async () => ids.length === 6);
  for (const { ids } of told) expect(ids).toEqual(from(last, last + 5));
  expect(reads).toBeLessThanOrEqual(5);
});

test('what another connection commits is told too', async () => {
  const feed = feedOf({ store: { ...store, onCommit: () => () => undefined }, limits: { lookMs: 5 } });
  const { ids } = read(feed.open(watch()));
  await append();
  await until('it is told', async () => ids.length === 1);
});

describe('a client whose place in the log is not kept', () => {
  const resumed = async (since: number, as: Watch['as'] = 'events') => {
    const told = read(feedOf().open(watch({ since, as })));
    await until('it is told how it goes on', async () => told.ids.length + told.resets.length > 0);
    const next = await append();
    await until('the next event is told', async () => told.ids.at(-1) === next);
    return { ids: told.ids, resets: told.resets, next };
  };
  test.each([
    { what: 'is of another log', since: 7, at: [T0, T0] },
    { what: 'is older than what is surely kept', since: 1, at: [T0 - KEPT_MS - 1, T0] },
  ])('is told so, and what comes next, when it $what', async ({ since, at }) => {
    for (const atMs of at) await append(atMs);
    expect(await resumed(since)).toEqual({ ids: [3], resets: [2], next: 3 });
  });
  test('is told so when it was deleted', async () => {
    for (const atMs of [T0 - KEPT_MS - 2, T0]) await append(atMs);
    await store.prune(T0 - KEPT_MS);
    expect(await resumed(1)).toEqual({ ids: [3], resets: [2], next: 3 });
  });
  test('is told so when so much has changed that it is better read again', async () => {
    for (let count = 0; count < 1002; count++) await append();
    expect(await resumed(1, 'changes')).toEqual({ ids: [1003], resets: [1002], next: 1003 });
    expect((await resumed(3, 'changes')).resets).toEqual([]);
  });
  test('one that is kept is resumed without a word', async () => {
    for (const atMs of [T0 - KEPT_MS, T0]) await append(atMs);
    expect(await resumed(1)).toEqual({ ids: [2, 3], resets: [], next: 3 });
  });
});

test('a client that takes nothing is dropped once it is owed more than the limit, and nobody waits for it', async () => {
  const feed = feedOf({ limits: { waitingBytes: 1000 } });
  let cuts = 0;
  const cut = (): void => {
    cuts += 1;
  };
  const slow = feed.open(watch({ cut }));
  const { ids } = read(feed.open(watch()));
  const body = { text: 'x'.repeat(400) };
  await until('it is dropped', async () => {
    const seq = await append(T0, body);
    await until('the other one is told', async () => ids.at(-1) === seq);
    return cuts === 1;
  });
  expect(ids).toEqual(from(1, ids.length));
  // Two of them and the opening are more than the limit; the next one finds that.
  expect(ids.length).toBe(3);
  expect(feed.watching()).toBe(1);
  expect(await slow?.getReader().read()).toEqual({ done: true, value: undefined });
});

describe('a stream that a session opened', () => {
  test('ends with the commit that revokes the session, before anything else is told', async () => {
    open = new Set([1, 2]);
    const feed = feedOf({ limits: { sessionsMs: 1e9, lookMs: 1e6 } });
    const [revoked, other, token] = [1, 2, null].map((sessionId) => read(feed.open(watch({ sessionId }))));
    await append();
    for (const told of [revoked, other, token]) await until('all are told', async () => told?.ids.length === 1);
    open = new Set([2]);
    await append();
    for (const told of [other, token]) await until('the others are told', async () => told?.ids.length === 2);
    expect(revoked).toEqual({ ids: [1], resets: [], hasEnded: true });
    expect([other?.hasEnded, token?.hasEnded]).toEqual([false, false]);
  });
  test('ends when the time of the session is over, though nothing is committed', async () => {
    open = new Set([1]);
    const feed = feedOf({ limits: { sessionsMs: 5, lookMs: 5 } });
    const told = read(feed.open(watch({ sessionId: 1 })));
    await append();
    await until('it is told', async () => told.ids.length === 1);
    open = new Set();
    await until('it ends', async () => told.hasEnded);
    expect(feed.watching()).toBe(0);
  });
});

test('there is no place beyond the limit, and a place is free as soon as a client has left', async () => {
  const feed = feedOf({ limits: { watchers: 1 } });
  const body = feed.open(watch());
  expect(feed.open(watch())).toBeNull();
  await body?.cancel();
  const { ids } = read(feed.open(watch()));
  await append();
  await until('the next one is told', async () => ids.length === 1);
});
