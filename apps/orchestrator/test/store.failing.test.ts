/** A store that fails for a while: it is said, once however it comes and goes, and the service is ready again when it is over. */
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { logNotifier } from '../src/notifiers/log.ts';
import type { LogFields, Logger } from '../src/platform/logger.ts';
import { createWakeup } from '../src/platform/wakeup.ts';
import { StoreError } from '../src/store/errors.ts';
import { openSqliteStore } from '../src/store/sqlite/open.ts';
import type { StoreFile } from '../src/store/sqlite/store-file.ts';
import { startStoreWatch } from '../src/worker/store-watch.ts';
import { ask, serviceOn, until } from './live-gatehouse.ts';
import { scratchFolder } from './scratch-forge.ts';

let dataDir: string;
let file: string;
let lines: string[];
beforeEach(() => {
  dataDir = join(scratchFolder(), 'data');
  file = join(dataDir, 'gatehouse.db');
  lines = [];
});

const write =
  (level: string) =>
  (message: string, fields: LogFields = {}) =>
    void lines.push(`${level}: ${message} ${JSON.stringify(fields)}`);
const log: Logger = { info: write('info'), warn: write('warn'), error: write('error') };
const alerts = () => lines.filter((line) => line.startsWith('warn: ALERT'));
const start = () => serviceOn(dataDir, {}, log);

describe('a failure that may pass', () => {
  test('makes the service unready at once, and ready again when a write goes through', async () => {
    const service = await start();
    const { condition } = service.storeFile;
    condition.met(new StoreError('read-only', 'the file system is read-only; mount it writable'));
    const ready = () => ask(service, '/readyz', { token: null });
    expect((await ready()).text).toContain('the store is failing (read-only)');
    expect(await service.context.store.listRepos()).toEqual([]);
    await until('it is ready', async () => (await ready()).status === 200);
    await until('it is said', async () => lines.some((line) => line.includes('takes writes again')));
    expect(alerts()).toEqual([]);
  });

  /** A watch whose every look is so much later. */
  function watching(lookMs: number, atLook = (_condition: StoreFile['condition'], _looks: number): void => {}) {
    mkdirSync(dataDir);
    const opened = openSqliteStore(file);
    if (opened.kind !== 'opened') throw opened.trouble;
    const { condition, look } = opened.file;
    let looks = 0;
    const storeFile = {
      ...opened.file,
      look: () => {
        looks += 1;
        atLook(condition, looks);
        return look();
      },
    };
    const service = { log, notifier: logNotifier(log), now: () => looks * lookMs, wakeup: createWakeup(), storeFile };
    const watch = startStoreWatch(service, async () => {});
    const end = async (): Promise<void> => {
      await watch.stop();
      await opened.store.close();
    };
    return { condition, watch, end, looks: () => looks };
  }

  test('is told to people once when it lasts, and anew when it comes back after a while', async () => {
    const { condition, watch, end, looks } = watching(20_000);
    for (const episode of [1, 2]) {
      condition.met(new StoreError('disk-full', 'the disk is full; free space'));
      await until('it is told', async () => alerts().length === episode);
      await watch.heartbeat();
      await until('it is over', async () => lines.filter((line) => /takes writes again/.test(line)).length === episode);
      const calm = looks() + 2;
      await until('some time has passed', async () => looks() > calm);
    }
    expect(alerts()[0]).toContain('free space');
    expect(new Set(alerts()).size).toBe(2);
    await end();
  });

  test('is told once when it comes and goes, however short it is each time', async () => {
    const { end, looks } = watching(5_000, (condition, look) => {
      if (look % 2 === 0) condition.written();
      else condition.met(new StoreError('disk-full', 'the disk is full; free space'));
    });
    await until('some time has passed', async () => looks() > 8);
    expect(alerts()).toHaveLength(1);
    await end();
  });
});

test('a disk that takes nothing new is told although the log has room and every write goes through', async () => {
  const service = await start();
  symlinkSync('/dev/full', `${file}-room`);
  const ready = () => ask(service, '/readyz', { token: null });
  const unready = await until('it is unready', async () => {
    const answer = await ready();
    return answer.status === 503 && answer.text;
  });
  expect(unready).toContain('the store is failing (disk-full)');
  expect(await service.context.store.listRepos()).toEqual([]);
  await until('it is ready', async () => (await ready()).status === 200);
  expect(existsSync(`${file}-room`)).toBe(false);
});
