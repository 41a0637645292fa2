/** Copies of the store: made while it is written to, put back, and made before an upgrade. The whole way is rehearsed. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import SqliteDatabase from 'better-sqlite3';
import { backUp } from '../src/store/sqlite/backup.ts';
import { connect } from '../src/store/sqlite/connection.ts';
import { migrate, readMigrations, versionOf } from '../src/store/sqlite/migrate.ts';
import { openSqliteStore } from '../src/store/sqlite/open.ts';
import { ask, atRest, enqueue, register, serviceOn, stopService, until } from './live-gatehouse.ts';
import { cli, onlyJson } from './recording-terminal.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';
import { mustOpen } from './store/temp-store.ts';
import { addTask, withRepo } from './store/world.ts';

let dataDir: string;
let file: string;
beforeEach(() => {
  dataDir = join(scratchFolder(), 'data');
  file = join(dataDir, 'gatehouse.db');
  process.env['ORCH_DATA_DIR'] = dataDir;
});
afterEach(() => {
  delete process.env['ORCH_DATA_DIR'];
});

/** All but the log and the index that a reader leaves beside a file. */
const inFolder = (): string[] =>
  readdirSync(dataDir)
    .filter((name) => !/-(wal|shm)$/.test(name))
    .sort();
const digestOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');
const fill = async (...tasks: readonly string[]): Promise<void> => {
  mkdirSync(dataDir, { recursive: true });
  const store = mustOpen(file);
  await withRepo(store);
  for (const id of tasks) await addTask(store, id);
  await store.close();
};
const tasksIn = async (path: string): Promise<string[]> => {
  const store = mustOpen(path);
  const ids = (await store.listTasks({})).map(({ id }) => id).sort();
  await store.close();
  return ids;
};
const backup = async (): Promise<string> => {
  const said = await cli(['backup', '--json']);
  expect(said).toMatchObject({ exit: 0, err: '' });
  return (onlyJson(said) as { path: string }).path;
};

test('the whole way: a copy of a running service, the store damaged, the copy put back, and the task lands', async () => {
  const service = await serviceOn(dataDir);
  const forge = await Forge.make(PROJECT);
  forge.push({ branch: 'task', from: 'main' }, { 'a.txt': 'a change\n' });
  await register(service, forge.path);
  await ask(service, '/pause', { body: {} });
  const id = await enqueue(service, 'task');
  const copy = await backup();
  expect([dirname(copy), statSync(copy).mode & 0o777]).toEqual([join(dataDir, 'backups'), 0o600]);
  const refused = await cli(['restore', copy]);
  expect(refused).toMatchObject({
    exit: 3,
    err: expect.stringMatching(/a service \(process \d+\) works on .*; end it/),
  });
  await stopService(service);
  truncateSync(file, 4096);
  await expect(serviceOn(dataDir)).rejects.toThrow(/damaged.*gatehouse restore COPY/);
  const restored = await cli(['restore', copy]);
  expect(restored).toMatchObject({
    exit: 0,
    out: expect.stringMatching(
      /gatehouse\.db: 1 task, up to .*; what was there is set aside: .*; start the service again/,
    ),
  });
  const next = await serviceOn(dataDir);
  await ask(next, '/resume', { body: {} });
  expect((await atRest(next, id)).stage).toBe('done');
  expect(forge.git('show', 'main:a.txt')).toBe('a change');
});

test('a copy made while another process writes is whole, and holds what was acknowledged before', async () => {
  await fill();
  const loop = fileURLToPath(new URL('./store/write-loop.ts', import.meta.url));
  const args = ['--conditions=gatehouse:src', '--disable-warning=ExperimentalWarning', loop, file, 'w'];
  const writer = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(writer, 'close');
  let said = '';
  writer.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await until('some tasks are acknowledged', async () => said.split('\n').length > 20);
  const before = [...said.matchAll(/^task (\S+)$/gm)].map(([, id]) => id);
  const copy = await backup();
  writer.kill('SIGKILL');
  await ended;
  expect(before.length).toBeGreaterThan(3);
  expect(await tasksIn(copy)).toEqual(expect.arrayContaining(before));
});

describe('a backup is refused, and leaves nothing, when', () => {
  test('there is no store, or the name is taken', async () => {
    expect(await cli(['backup'])).toMatchObject({
      exit: 3,
      err: expect.stringMatching(/does not exist; set ORCH_DATA/),
    });
    await fill();
    expect(await cli(['backup', '--to', file])).toMatchObject({
      exit: 3,
      err: expect.stringContaining('exists already'),
    });
  });

  test('its place is no folder, and then it is the place that is named and not the store', async () => {
    await fill();
    const to = join(dataDir, 'no-such-folder', 'copy.db');
    const said = await cli(['backup', '--to', to]);
    expect(said).toMatchObject({ exit: 3, err: expect.stringContaining(`${to}: the folder of the database`) });
  });

  test('the store is damaged', async () => {
    await fill('a');
    const bytes = readFileSync(file);
    bytes.fill(0xa5, 8192, 40_960);
    writeFileSync(file, bytes);
    const to = join(dataDir, 'copy.db');
    expect(await cli(['backup', '--to', to])).toMatchObject({ exit: 3, err: expect.stringMatching(/damaged/) });
    expect(readdirSync(dataDir).filter((name) => name.startsWith('copy'))).toEqual([]);
  });
});

describe('a restore', () => {
  const unfit: readonly [what: string, make: (copy: string) => void, says: RegExp][] = [
    ['missing', () => {}, /does not exist/],
    ['not a database', (copy) => writeFileSync(copy, 'a'.repeat(9000)), /not a Gatehouse database/],
    [
      'an empty file',
      (copy) => writeFileSync(copy, ''),
      /not a Gatehouse database; nothing was changed, restore another copy/,
    ],
    [
      'the database of something else',
      (copy) => raw(copy, 'CREATE TABLE a (b); PRAGMA user_version = 1'),
      /not a Gatehouse database/,
    ],
    ['of a newer Gatehouse', (copy) => raw(copy, 'PRAGMA user_version = 999'), /newer Gatehouse/],
    [
      'damaged',
      (copy) => {
        expect(backUp(file, copy)).toMatchObject({ kind: 'copied' });
        truncateSync(copy, 8192);
      },
      /damaged; nothing was changed, restore another copy/,
    ],
    ['a folder', (copy) => mkdirSync(copy), /is no file/],
  ];
  test.each(unfit)('of a copy that is %s is refused and changes nothing', async (_what, make, says) => {
    await fill('a');
    const copy = join(dataDir, 'copy.db');
    make(copy);
    const before = [inFolder(), digestOf(file)];
    expect(await cli(['restore', copy])).toMatchObject({ exit: 3, err: expect.stringMatching(says) });
    expect([inFolder(), digestOf(file)]).toEqual(before);
  });

  test('sets what is there aside as it is, its log too, and deletes nothing', async () => {
    await fill('a');
    const copy = await backup();
    await fill('b');
    const was = readFileSync(file);
    const said = await cli(['restore', copy, '--json']);
    const { set_aside: aside, tasks } = onlyJson(said) as { set_aside: string[]; tasks: number };
    expect([tasks, aside.length]).toEqual([1, 3]);
    expect(readFileSync(aside[2] ?? '').equals(was)).toBe(true);
    expect(await tasksIn(file)).toEqual(['a']);
  });

  test('leaves no session behind: one that was ended since the copy does not come back', async () => {
    await fill('a');
    const store = mustOpen(file);
    const terms = { tokenName: 'ann', scope: 'admin', tokenDigest: 'd', createdAt: 1, lastUsedAt: 1 } as const;
    await store.addSession({ ...terms, idHash: 'stolen', expiresAt: 9e15 });
    await store.close();
    const copy = await backup();
    expect(await cli(['restore', copy])).toMatchObject({ exit: 0 });
    const restored = mustOpen(file);
    expect(await restored.listSessions(0)).toEqual([]);
    await restored.close();
  });

  test('that was cut off before its last step is told by the next start, and done again', async () => {
    await fill('a');
    const copy = await backup();
    mkdirSync(join(dataDir, 'mirrors', 'app.git'), { recursive: true });
    rmSync(file);
    await expect(serviceOn(dataDir)).rejects.toThrow(/missing, but .*gatehouse restore COPY/);
    expect((await cli(['restore', copy])).exit).toBe(0);
    expect((await (await serviceOn(dataDir)).context.store.listTasks({})).map(({ id }) => id)).toEqual(['a']);
  });

  test('of the file itself accepts that its log is lost', async () => {
    await fill('a');
    writeFileSync(`${file}-in-use`, '');
    expect(openSqliteStore(file)).toMatchObject({ kind: 'refused', trouble: { code: 'gone' } });
    expect((await cli(['restore', file])).exit).toBe(0);
    expect(await tasksIn(file)).toEqual(['a']);
  });
});

describe('before an upgrade', () => {
  const older = readMigrations().slice(0, -1);
  const fillOlder = (): void => {
    mkdirSync(dataDir);
    const connection = connect(file);
    migrate(connection, older);
    connection.sqlite.close();
  };

  test('a copy of the older file is made, and a restore of it leads back', () => {
    fillOlder();
    mustOpen(file);
    const copy = join(dataDir, 'backups', `before-schema-${older.length + 1}-from-${older.length}.db`);
    const sqlite = new SqliteDatabase(copy, { readonly: true });
    expect([versionOf({ sqlite }), sqlite.pragma('integrity_check', { simple: true })]).toEqual([older.length, 'ok']);
    sqlite.close();
    expect(readdirSync(dirname(copy))).toHaveLength(1);
  });

  test('without a place for the copy there is no upgrade', () => {
    fillOlder();
    writeFileSync(join(dataDir, 'backups'), 'in the way');
    expect(openSqliteStore(file)).toMatchObject({ kind: 'refused' });
    const sqlite = new SqliteDatabase(file, { readonly: true });
    expect(versionOf({ sqlite })).toBe(older.length);
    sqlite.close();
  });
});

describe('doctor --store', () => {
  const finding = async () => {
    const said = await cli(['doctor', '--store', '--json']);
    const { checks } = onlyJson(said) as { checks: { name: string; status: string; detail: string }[] };
    return { exit: said.exit, ...checks.find(({ name }) => name === 'store') };
  };

  test('reads the whole store, also while a service uses it', async () => {
    await serviceOn(dataDir);
    expect(await finding()).toMatchObject({
      status: 'ok',
      detail: expect.stringMatching(/every page and index checked/),
    });
  });

  test('says that there is none yet, and makes none', async () => {
    expect(await finding()).toMatchObject({ status: 'ok', detail: expect.stringContaining('none yet') });
    expect(existsSync(file)).toBe(false);
  });

  test.each([
    ['a damaged page', () => truncateSync(file, 8192), /damaged.*gatehouse restore COPY/],
    ['an index without its rows', () => raw(file, UNINDEX), /damaged.*gatehouse restore COPY/],
    ['a row without its parent', () => raw(file, 'PRAGMA foreign_keys = 0; DELETE FROM tasks'), /without their parent/],
    ['an empty file beside mirrors', () => emptyBesideMirrors(), /empty, but .*gatehouse restore COPY/],
  ])('finds %s', async (_what, fault, says) => {
    await fill('a', 'b');
    fault();
    expect(await finding()).toMatchObject({ exit: 3, status: 'bad', detail: expect.stringMatching(says) });
  });
});

function raw(path: string, sql: string): void {
  const other = new SqliteDatabase(path);
  other.unsafeMode(true);
  other.exec(sql);
  other.close();
}

/** The engine is told that the rows of an index are another one's. */
const UNINDEX = `PRAGMA writable_schema = 1;
  UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_repos_1')
  WHERE name = 'sqlite_autoindex_tasks_1';`;

function emptyBesideMirrors(): void {
  truncateSync(file, 0);
  mkdirSync(join(dataDir, 'mirrors', 'app.git'), { recursive: true });
}
