/** A list that has not changed is not sent again, whoever changed it, and never to somebody who may not read it. */
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createReadTag, OLDEST_MS } from '../src/http/read-tag.ts';
import { createRevision } from '../src/platform/revision.ts';
import type { RunningService } from '../src/running-service.ts';
import { openSqliteStore } from '../src/store/sqlite/open.ts';
import { ask, serviceForAll, type Told } from './live-gatehouse.ts';
import { scratchFolder } from './scratch-forge.ts';
import { addTask, T0, withRepo } from './store/world.ts';

/** Nothing of it works: every commit is one of the test. */
async function restingService(): Promise<RunningService> {
  const service = await serviceForAll(join(scratchFolder(), 'data'));
  await withRepo(service.context.store);
  await service.context.store.updateRepo('demo', { paused: true }, { actor: 'a', atMs: T0 });
  return service;
}
const tagOf = (told: Told): string => String(told.headers['etag']);

test('a list is sent again with the tag that it has, until anything is committed or the process knows something else', async () => {
  const service = await restingService();
  const { store, metrics } = service.context;
  const read = (path: string, tag: string) => ask(service, path, { headers: { 'if-none-match': tag } });
  /** The service itself writes now and then: a heartbeat between two questions is no fault. */
  const settled = async (path: string): Promise<string> => {
    for (;;) {
      const number = `${await store.changeNumber()} ${service.context.memory.value()}`;
      const first = await ask(service, path);
      const again = await read(path, tagOf(first));
      const isSame = number === `${await store.changeNumber()} ${service.context.memory.value()}`;
      if (!isSame) continue;
      expect([path, first.status, again.status, again.text]).toEqual([path, 200, 304, '']);
      expect(tagOf(first)).toMatch(/^W\/"/);
      expect(tagOf(again)).toBe(tagOf(first));
      return tagOf(first);
    }
  };
  for (const path of ['/queue', '/queue?limit=1', '/tasks', '/repos', '/leases', '/', '/board/work', '/board/tasks'])
    await settled(path);
  const before = await settled('/queue');
  await addTask(store, 't-1');
  const changed = await read('/queue', before);
  expect([changed.status, (changed.json as { total: number }).total]).toEqual([200, 1]);
  const tag = await settled('/queue');
  metrics.landing('landed');
  expect((await read('/queue', `${tag}, W/"other"`)).json).toMatchObject({ merge_gate: { landings: { landed: 1 } } });
  expect((await ask(service, '/queue', { token: null, headers: { 'if-none-match': tag } })).status).toBe(401);
  expect(
    (await ask(service, '/queue?limit=0', { headers: { 'if-none-match': 'W/"x"' } })).headers['etag'],
  ).toBeUndefined();
});

test('an answer that is kept is the one that was read, to the byte, and all who ask at once get it', async () => {
  const service = await restingService();
  await addTask(service.context.store, 't-1', { branch: 'feature/größe-✓' });
  const told = await Promise.all(Array.from({ length: 4 }, () => ask(service, '/queue')));
  told.push(await ask(service, '/queue'));
  for (const { status, text, headers } of told) {
    expect(status).toBe(200);
    expect(text).toContain('feature/größe-✓');
    expect(headers['content-type']).toBe(told[0]?.headers['content-type']);
    expect(Number(headers['content-length'] ?? Buffer.byteLength(text))).toBe(Buffer.byteLength(text));
  }
});

test('the tag follows commits of other processes, what is only in memory, and time; no two processes share one', async () => {
  const file = join(scratchFolder(), 'store.sqlite');
  const [one, other] = [openSqliteStore(file), openSqliteStore(file)];
  if (one.kind !== 'opened' || other.kind !== 'opened') throw new Error('no store');
  let nowMs = T0;
  const memory = createRevision();
  const parts = { store: one.store, memory, now: () => nowMs };
  const [tag, elsewhere] = [createReadTag(parts), createReadTag(parts)];
  const tags = [await tag()];
  expect(await tag()).toBe(tags[0]);
  const next = async (change: () => unknown) => {
    await change();
    tags.push(await tag());
  };
  await next(() => withRepo(one.store));
  await next(() => addTask(other.store, 't-1'));
  await next(memory.bump);
  await next(() => {
    nowMs += OLDEST_MS;
  });
  tags.push(await elsewhere());
  expect(new Set(tags).size).toBe(6);
  for (const { store } of [one, other]) await store.close();
});
