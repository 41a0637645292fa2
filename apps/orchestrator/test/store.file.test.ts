import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import SqliteDatabase from 'better-sqlite3';
import { getTableColumns, getTableName } from 'drizzle-orm';
import { getTableConfig } from 'drizzle-orm/sqlite-core';
import * as schema from '../src/schema/index.ts';
import { StoreError } from '../src/store/errors.ts';
import { cellsNamed, NO_ROW } from '../src/store/sql/row-shape.ts';
import { connect } from '../src/store/sqlite/connection.ts';
import { asyncFacade, sqliteDriver } from '../src/store/sqlite/driver.ts';
import { migrate, readMigrations } from '../src/store/sqlite/migrate.ts';
import { openSqliteStore } from '../src/store/sqlite/open.ts';
import { mustOpen, tempFolder } from './store/temp-store.ts';
import { addTask, REPO, T0, withRepo } from './store/world.ts';

let dir: string;
let remove: () => void;
let file: string;
beforeEach(() => {
  ({ dir, remove } = tempFolder());
  file = join(dir, 'gatehouse.sqlite');
});
afterEach(() => remove());

const FILL = fileURLToPath(new URL('./store/fill-disk.ts', import.meta.url));
const refusal = (path: string): { code: string; message: string } => {
  const opened = openSqliteStore(path);
  if (opened.kind === 'opened') throw new Error('expected a refusal');
  return opened.trouble;
};

describe('the file', () => {
  test('is readable and writable by its owner only, its log files too', async () => {
    writeFileSync(file, '', { mode: 0o644 });
    const store = mustOpen(file);
    await withRepo(store);
    const modes = readdirSync(dir).map((name) => (statSync(join(dir, name)).mode & 0o777).toString(8));
    expect(modes).toEqual(['600', '600', '600']);
    await store.close();
  });

  test('is in WAL mode with an fsync per commit and foreign keys enforced', () => {
    const connection = connect(file);
    migrate(connection);
    const { sqlite } = connection;
    const settings = ['journal_mode', 'synchronous', 'foreign_keys'].map((name) =>
      sqlite.pragma(name, { simple: true }),
    );
    expect(settings).toEqual(['wal', 2, 1]);
    sqlite.close();
  });

  test('of a newer version is refused by name and left as it was', () => {
    const raw = new SqliteDatabase(file);
    raw.pragma('user_version = 999');
    raw.close();
    const before = readFileSync(file);
    expect(refusal(file)).toMatchObject({
      code: 'newer-file',
      message: expect.stringContaining('newer Gatehouse (schema 999'),
    });
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('that is no database is refused and left as it was', () => {
    writeFileSync(file, 'not a database, but longer than a header of one would be, to be sure of it'.repeat(9));
    const before = readFileSync(file);
    expect(refusal(file)).toMatchObject({ code: 'corrupt' });
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('in a missing folder, or being a folder, is refused with the path', () => {
    expect(refusal(join(dir, 'no', 'where.sqlite'))).toMatchObject({ code: 'cannot-open' });
    mkdirSync(file);
    expect(refusal(file)).toMatchObject({ code: 'cannot-open', message: expect.stringContaining(file) });
  });

  test('that is a pipe is refused, and not waited for', () => {
    spawnSync('mkfifo', [file]);
    expect(refusal(file)).toMatchObject({ code: 'cannot-open', message: expect.stringContaining('is no file') });
  });

  const asOwner = process.getuid?.() === 0 ? test.skip : test;
  asOwner('in a read-only folder is refused', () => {
    chmodSync(dir, 0o500);
    expect(refusal(file)).toMatchObject({ code: 'read-only' });
    chmodSync(dir, 0o700);
  });

  test('that may not be written rejects each write as read-only and still reads', async () => {
    const connection = connect(file);
    migrate(connection);
    connection.sqlite.pragma('query_only = ON');
    const { change, row } = sqliteDriver(connection);
    const insert = change(NO_ROW, "INSERT INTO workers VALUES ('w', 'h', 1, 'v', 1, 1, '')");
    const count = row(cellsNamed<{ workers: number }>('workers'), 'SELECT count(*) AS workers FROM workers');
    const port = asyncFacade<{ write(): Promise<unknown>; read(): Promise<unknown> }>(connection, {
      write: () => insert({}),
      read: () => count({}),
    });
    await expect(port.write()).rejects.toMatchObject({ code: 'read-only' });
    expect(await port.read()).toEqual({ workers: 0 });
    connection.sqlite.close();
  });
});

describe('a full disk', () => {
  test('rejects as disk-full and takes the whole transaction back', async () => {
    const connection = connect(file);
    migrate(connection);
    const pages = Number(connection.sqlite.pragma('page_count', { simple: true }));
    connection.sqlite.pragma(`max_page_count = ${pages}`);
    const { change, write } = sqliteDriver(connection);
    const insert = change(
      NO_ROW,
      "INSERT INTO inbox (source, dedupe_key, body_hash, body, received_at) VALUES ('s', :key, 'h', :body, 1)",
    );
    const port = asyncFacade<{ fill(): Promise<void> }>(connection, {
      fill: () =>
        write(function* fill() {
          for (let n = 0; n < 100; n += 1) yield* insert({ key: String(n), body: 'x'.repeat(4096) });
        }),
    });
    const refused = await port.fill().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(StoreError);
    expect(refused).toMatchObject({ code: 'disk-full', message: expect.stringContaining('free space') });
    expect(connection.sqlite.prepare('SELECT count(*) FROM inbox').pluck().get()).toBe(0);
    connection.sqlite.close();
  });

  // A real full file system needs a private mount, which not every kernel grants.
  const mountable = spawnSync('unshare', ['-rm', 'true']).status === 0;
  (mountable ? test : test.skip)('of a real file system loses nothing that was acknowledged', () => {
    const script = 'mount -t tmpfs -o size=1m tmpfs "$1" && shift && exec "$@"';
    const node = [process.execPath, '--conditions=gatehouse:src', '--disable-warning=ExperimentalWarning', FILL, file];
    const run = spawnSync('unshare', ['-rm', 'sh', '-c', script, 'sh', dir, ...node], {
      encoding: 'utf8',
      timeout: 30_000,
    });
    expect({ status: run.status, stderr: run.stderr }).toEqual({ status: 0, stderr: '' });
    const answer = JSON.parse(run.stdout) as { acknowledged: number; found: number; code: string };
    expect(answer).toMatchObject({ code: 'disk-full' });
    expect(answer.acknowledged).toBeGreaterThan(0);
    expect(answer.found).toBe(answer.acknowledged);
  });
});

describe('migrations', () => {
  test('make exactly the tables and columns of the Drizzle schema', () => {
    const connection = connect(file);
    migrate(connection);
    const { sqlite } = connection;
    const tables = Object.values(schema);
    const found = sqlite
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      .pluck()
      .all();
    expect(found.sort()).toEqual(tables.map(getTableName).sort());
    for (const table of tables) {
      const name = getTableName(table);
      const columns = sqlite.pragma(`table_info(${name})`) as { name: string; type: string; notnull: number }[];
      const actual = columns.map((column) => [column.name, column.type.toLowerCase(), column.notnull === 1]);
      const stated = Object.values(getTableColumns(table)).map((column) => [
        column.name,
        column.getSQLType(),
        column.notNull,
      ]);
      expect([name, actual]).toEqual([name, stated]);
      const indexes = sqlite
        .prepare("SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL")
        .pluck()
        .all(name);
      expect([name, indexes.sort()]).toEqual([
        name,
        getTableConfig(table)
          .indexes.map((index) => index.config.name)
          .sort(),
      ]);
    }
    sqlite.close();
  });

  test('run again on a filled database change nothing', async () => {
    const first = mustOpen(file);
    await withRepo(first);
    const task = await addTask(first, 't1');
    await first.close();
    const second = mustOpen(file);
    expect(await second.getTask('t1')).toEqual(task);
    await second.close();
  });

  test('that bring the moment of landing take it from the log, and from the last change where the log has none', async () => {
    const store = mustOpen(file);
    await withRepo(store);
    for (const id of ['told', 'untold', 'queued']) await addTask(store, id);
    const answer = { kind: 'landing-answered', answer: { kind: 'landed' }, atMs: T0 + 5 };
    await store.appendEvent({ repoId: REPO, taskId: 'told', kind: answer.kind, body: answer, actor: 'a', at: T0 + 5 });
    await store.close();
    const connection = connect(file);
    const at = readMigrations().findIndex(({ name }) => name === '0012_queue-and-landings');
    const updates = (readMigrations()[at]?.sql ?? '').split(';').filter((text) => /\bUPDATE\b/.test(text));
    expect(updates).toHaveLength(1);
    connection.sqlite.exec("UPDATE tasks SET landed_sha = 'd', updated_at = 99 WHERE id <> 'queued'");
    for (const text of updates) connection.sqlite.exec(text.replace('--> statement-breakpoint', ''));
    const landed = connection.sqlite.prepare('SELECT landed_at FROM tasks ORDER BY id').pluck().all();
    expect(landed).toEqual([null, T0 + 5, 99]);
    connection.sqlite.close();
  });

  const REBUILD = `CREATE TABLE __new_tasks AS SELECT * FROM tasks;--> statement-breakpoint
    DROP TABLE tasks;--> statement-breakpoint
    CREATE TABLE tasks (id text PRIMARY KEY NOT NULL);--> statement-breakpoint
    INSERT INTO tasks SELECT id FROM __new_tasks;--> statement-breakpoint
    DROP TABLE __new_tasks`;

  test('that rebuild a parent table keep its children', async () => {
    const store = mustOpen(file);
    await withRepo(store);
    await addTask(store, 't1');
    await store.close();
    const connection = connect(file);
    migrate(connection, [...readMigrations(), { name: 'rebuild', sql: REBUILD }]);
    expect(connection.sqlite.prepare('SELECT count(*) FROM events').pluck().get()).toBe(1);
    expect(connection.sqlite.pragma('foreign_keys', { simple: true })).toBe(1);
    connection.sqlite.close();
    expect(refusal(file)).toMatchObject({ code: 'newer-file' });
  });

  test('that would leave a child without its parent are taken back as a whole', async () => {
    const store = mustOpen(file);
    await withRepo(store);
    const task = await addTask(store, 't1');
    await store.close();
    const connection = connect(file);
    const losing = [...readMigrations(), { name: 'losing', sql: 'DELETE FROM tasks' }];
    expect(() => migrate(connection, losing)).toThrow(/rows? .* without their parent|row\(s\)/);
    connection.sqlite.close();
    const again = mustOpen(file);
    expect(await again.getTask('t1')).toEqual(task);
    await again.close();
  });
});
