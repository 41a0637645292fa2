/** Delivery of what the store kept: through the notifier, at least once, and never sooner than it asked for. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ServiceContext } from '../src/context.ts';
import { alertMessage, alertOf, repositoryAlert, taskAlert } from '../src/notifiers/alert-message.ts';
import type { Alert } from '../src/notifiers/port.ts';
import { silentLog } from '../src/platform/logger.ts';
import type { TellAnswer } from '../src/platform/tell-answer.ts';
import type { Store } from '../src/store/port/index.ts';
import { openSqliteStore } from '../src/store/sqlite/open.ts';
import { noTracker } from '../src/trackers/none.ts';
import { dispatchOutbox } from '../src/worker/outbox.ts';
import { addTask, T0, withRepo } from './store/world.ts';

let store: Store;
let nowMs: number;
let delivered: Alert[];
let answers: (() => TellAnswer)[];
beforeEach(async () => {
  const opened = openSqliteStore(':memory:');
  if (opened.kind === 'refused') throw opened.trouble;
  store = await withRepo(opened.store);
  await addTask(store, 't1');
  [nowMs, delivered, answers] = [T0, [], []];
});
afterEach(() => store.close());

/** One pass, in which the notifier gives the next of `answers`, then `told`. */
function dispatch(): Promise<void> {
  const notify = async (alert: Alert): Promise<TellAnswer> => {
    delivered.push(alert);
    return answers.shift()?.() ?? { kind: 'told' };
  };
  const ports: Partial<ServiceContext> = {
    store,
    log: silentLog,
    notifier: { name: 'test', notify },
    routes: [],
    tracker: noTracker,
    now: () => nowMs,
  };
  return dispatchOutbox(ports as ServiceContext);
}
const raise = (alert: Alert) => store.addOutbox({ ...alertMessage(alert), atMs: nowMs });
const pending = async () => (await store.queueCounts(nowMs)).outboxPending;

test('an alert reaches the notifier whole, and once', async () => {
  const alert = taskAlert('t1', { key: 'k', text: 'look' });
  expect(await raise(alert)).toBe(true);
  expect(await raise(alert)).toBe(false);
  await dispatch();
  await dispatch();
  expect(delivered).toEqual([alert]);
  expect(await pending()).toBe(0);
});

test('an alert that was not delivered comes again, and not before the notifier’s time', async () => {
  await raise(repositoryAlert('r', { key: 'k', text: 'look' }));
  answers = [() => ({ kind: 'untold', reason: 'slow down', retryAfterMs: 40_000 })];
  await dispatch();
  nowMs += 39_999;
  await dispatch();
  expect(delivered).toHaveLength(1);
  nowMs += 1;
  await dispatch();
  expect(delivered).toHaveLength(2);
  expect(await pending()).toBe(0);
});

test('a notifier that throws is asked again', async () => {
  await raise(taskAlert('t1', { key: 'k', text: 'look' }));
  answers = [
    () => {
      throw new Error('a bug');
    },
  ];
  await dispatch();
  nowMs += 2_000;
  await dispatch();
  expect(delivered).toHaveLength(2);
  expect(await pending()).toBe(0);
});

test('what is refused for good is not sent again; what does not answer is asked for a day', async () => {
  await raise(taskAlert('t1', { key: 'once', text: 'look' }));
  answers = [() => ({ kind: 'rejected', reason: 'no such chat' })];
  await dispatch();
  nowMs += 3_600_000;
  await dispatch();
  expect(delivered).toHaveLength(1);
  await raise(taskAlert('t1', { key: 'a day', text: 'look' }));
  answers = Array.from({ length: 99 }, () => () => ({ kind: 'untold', reason: 'down', retryAfterMs: null }) as const);
  for (let pass = 0; pass < 40; pass += 1) {
    await dispatch();
    nowMs += 3_600_000;
  }
  expect(delivered).toHaveLength(1 + 26);
  expect(await pending()).toBe(0);
});

test('a row that holds no alert is not delivered, and is kept as dead', async () => {
  await store.addOutbox({ kind: 'alert', dedupeKey: 'odd', payload: 'words', atMs: nowMs });
  await dispatch();
  expect(delivered).toEqual([]);
  expect(await pending()).toBe(0);
});

test('an alert survives the outbox, whatever its names hold', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), fc.boolean(), (about, key, text, isTask) => {
      const alert = isTask ? taskAlert(about, { key, text }) : repositoryAlert(about, { key, text });
      const { payload, dedupeKey, taskId = null } = alertMessage(alert);
      expect(alertOf({ payload, dedupeKey, taskId })).toEqual(alert);
    }),
  );
});
