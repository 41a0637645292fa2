/** While another process has the database locked: writes wait in order beside everything else, and none of them is lost. */
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import SqliteDatabase from 'better-sqlite3';
import { createLockQueue, isLocked } from '../src/store/sqlite/lock-queue.ts';
import { ask, enqueue, register, serviceOn, taskOf } from './live-gatehouse.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';
import { tempStore } from './store/temp-store.ts';
import { addTask, withRepo } from './store/world.ts';

const held: SqliteDatabase.Database[] = [];
afterEach(() => {
  for (const other of held.splice(0)) other.close();
});

/** The write lock, as another program takes it; gives what ends it. */
function lockOf(file: string): () => void {
  const other = new SqliteDatabase(file);
  held.push(other);
  other.exec('BEGIN IMMEDIATE');
  return () => void other.exec('COMMIT');
}

test('the service answers while the lock is held, and a stop is recorded when it ends', async () => {
  const dataDir = join(scratchFolder(), 'data');
  const service = await serviceOn(dataDir);
  const forge = await Forge.make(PROJECT);
  forge.push({ branch: 'task', from: 'main' }, { 'a.txt': 'a change\n' });
  await register(service, forge.path);
  await ask(service, '/pause', { body: {} });
  const id = await enqueue(service, 'task');
  const unlock = lockOf(join(dataDir, 'gatehouse.db'));
  const answered: string[] = [];
  const stop = ask(service, `/tasks/${id}/stop`, { body: { reason: 'not wanted' } }).finally(() =>
    answered.push('stop'),
  );
  for (const path of ['/healthz', '/readyz', '/queue', `/tasks/${id}`]) {
    expect([path, (await ask(service, path)).status]).toEqual([path, 200]);
    answered.push(path);
  }
  unlock();
  expect((await stop).status).toBe(200);
  expect(answered).toEqual(['/healthz', '/readyz', '/queue', `/tasks/${id}`, 'stop']);
  expect((await taskOf(service, id)).stop).toMatchObject({ reason: 'not wanted' });
});

test('writes that waited are carried out in their order, each once and whole', async () => {
  const { store, file, dispose } = await tempStore();
  await withRepo(store);
  const unlock = lockOf(file);
  const order: string[] = [];
  const waiting = ['a', 'b', 'c'].map((id) => addTask(store, id).then(() => order.push(id)));
  // A read needs no turn.
  expect(await store.listTasks({})).toEqual([]);
  unlock();
  await Promise.all(waiting);
  expect(order).toEqual(['a', 'b', 'c']);
  const created = (await store.events({ afterSeq: 0, limit: 100 })).filter(({ kind }) => kind === 'created');
  expect(new Set(created.map(({ taskId }) => taskId)).size).toBe(created.length);
  await dispose();
});

test('a lock that outlasts the patience is told as what it is, and the next turn is not spoiled by it', async () => {
  const queue = createLockQueue(0);
  const locked = Object.assign(new Error('locked'), { code: 'SQLITE_BUSY' });
  const refuse = (): never => {
    throw locked;
  };
  const answers = await Promise.allSettled([queue(refuse), queue(() => 'its turn'), queue(refuse)]);
  expect(answers).toEqual([
    { status: 'rejected', reason: locked },
    { status: 'fulfilled', value: 'its turn' },
    { status: 'rejected', reason: locked },
  ]);
  expect([{ code: 'SQLITE_BUSY_SNAPSHOT' }, { code: 'SQLITE_FULL' }, null, 'SQLITE_BUSY'].map(isLocked)).toEqual([
    true,
    false,
    false,
    false,
  ]);
});
