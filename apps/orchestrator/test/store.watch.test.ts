/** Whatever happens to the file under the service: it is said, the service ends or heals, and nothing acknowledged is lost. */
import {
  closeSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import SqliteDatabase from 'better-sqlite3';
import { errorOf } from '../src/platform/errors.ts';
import type { LogFields, Logger } from '../src/platform/logger.ts';
import { type RunningService, startService } from '../src/running-service.ts';
import { StoreError } from '../src/store/errors.ts';
import { ask, serviceOn, settingsFrom, stopService, until } from './live-gatehouse.ts';
import { cli } from './recording-terminal.ts';
import { scratchFolder } from './scratch-forge.ts';

let folder: string;
let dataDir: string;
let file: string;
let lines: string[];
beforeEach(() => {
  folder = scratchFolder();
  dataDir = join(folder, 'data');
  file = join(dataDir, 'gatehouse.db');
  lines = [];
});

afterEach(() => {
  for (const name of ['ORCH_DATA_DIR', 'ORCH_PORT']) delete process.env[name];
});

const write =
  (level: string) =>
  (message: string, fields: LogFields = {}) =>
    void lines.push(`${level}: ${message} ${JSON.stringify(fields)}`);
const log: Logger = { info: write('info'), warn: write('warn'), error: write('error') };
const alerts = () => lines.filter((line) => line.startsWith('warn: ALERT'));
const start = () => serviceOn(dataDir, {}, log);
const refusal = async (): Promise<string> => {
  const started = await startService(settingsFrom({ ORCH_DATA_DIR: dataDir, ORCH_PORT: '0' }), log);
  if (started.kind === 'running') throw new Error('it started');
  return started.problem;
};

/** A write that is acknowledged, so it must be there whatever comes. */
let written = 0;
async function acknowledge({ context }: RunningService): Promise<string> {
  written += 1;
  const id = `repo-${written}`;
  const repo = { id, url: 'file:///nowhere', forge: 'local', main: 'main', profile: 'gates-only' } as const;
  await context.store.addRepo({ ...repo, atMs: 1 });
  return id;
}
const reposOf = async ({ context }: RunningService) => (await context.store.listRepos()).map(({ id }) => id);

/** The fault is said everywhere, and no call is acknowledged any more; gives the line for the operator. */
async function lineOf(service: RunningService, code: 'gone' | 'corrupt'): Promise<string> {
  const line = await service.lost;
  expect(alerts()).toEqual([expect.stringContaining(line.slice(0, 40))]);
  const ready = await ask(service, '/readyz', { token: null });
  expect([ready.status, ready.text]).toEqual([503, expect.stringContaining(`the store is lost (${code})`)]);
  expect((await ask(service, '/queue')).status).toBe(503);
  expect(await errorOf(acknowledge(service))).toBeInstanceOf(StoreError);
  await stopService(service);
  return line;
}

/** The service that was lost is this very process; a real one has ended with it. */
function forgetProcess(): void {
  const raw = new SqliteDatabase(file);
  raw.exec('DELETE FROM workers');
  raw.close();
}

function replace(path: string): void {
  writeFileSync(`${path}.new`, 'not ours');
  renameSync(`${path}.new`, path);
}

function replaceByFolder(path: string): void {
  rmSync(path);
  mkdirSync(path);
}

function moveBehindLink(): void {
  mkdirSync(join(folder, 'elsewhere'));
  renameSync(file, join(folder, 'elsewhere/store.db'));
  symlinkSync(join(folder, 'elsewhere/store.db'), file);
}

/** Of the same length. */
function writeGarbage(path: string, from: number, to: number): void {
  const bytes = readFileSync(path);
  bytes.fill(0xa5, from, to);
  const descriptor = openSync(path, 'r+');
  writeSync(descriptor, bytes);
  closeSync(descriptor);
}

/** Every page of the log is in the file. */
function writeBack(path: string): void {
  const other = new SqliteDatabase(path);
  other.pragma('wal_checkpoint(TRUNCATE)');
  other.close();
}

/** Everything behind the first page. */
const damagePages = (path: string): void => writeGarbage(path, 4_096, statSync(path).size);

describe('under a running service', () => {
  const taken: readonly [what: string, fault: () => void, says: RegExp][] = [
    ['the file deleted', () => rmSync(file), /gatehouse\.db was deleted/],
    ['all of its files deleted', () => ['', '-wal', '-shm'].map((end) => rmSync(`${file}${end}`)), /was deleted/],
    ['the file replaced by another one', () => replace(file), /gatehouse\.db was replaced/],
    ['its log deleted', () => rmSync(`${file}-wal`), /gatehouse\.db-wal was deleted/],
    ['its log replaced', () => replace(`${file}-wal`), /gatehouse\.db-wal was replaced/],
    ['its index deleted', () => rmSync(`${file}-shm`), /gatehouse\.db-shm was deleted/],
    ['its index a folder', () => replaceByFolder(`${file}-shm`), /gatehouse\.db-shm was replaced/],
    ['the file moved behind a link', () => moveBehindLink(), /gatehouse\.db was replaced/],
  ];
  test.each(taken)('%s: all that was acknowledged is at its name again', async (_what, fault, says) => {
    const service = await start();
    const before = await acknowledge(service);
    fault();
    const after = await acknowledge(service);
    const line = await lineOf(service, 'gone');
    expect(line).toMatch(says);
    expect(line).toMatch(/all that was acknowledged is in .*gatehouse\.db again.*: start the service again$/);
    forgetProcess();
    expect(await reposOf(await start())).toEqual(expect.arrayContaining([before, after]));
  });

  test('what was put at its name is set aside under a name that the line tells', async () => {
    const service = await start();
    replace(file);
    const line = await lineOf(service, 'gone');
    const aside = readdirSync(dataDir).find((name) => /^gatehouse\.db\.set-aside-.*Z$/.test(name)) ?? 'none';
    expect(line).toContain(join(dataDir, aside));
    expect(readFileSync(join(dataDir, aside), 'utf8')).toBe('not ours');
  });

  test('another directory at its place: nothing in it is touched, and the copy beside it is named', async () => {
    const service = await start();
    await acknowledge(service);
    renameSync(dataDir, join(folder, 'moved'));
    mkdirSync(dataDir);
    for (const end of ['', '-wal', '-shm']) writeFileSync(`${file}${end}`, `theirs${end}`);
    copyFileSync(join(folder, 'moved/api-token'), join(dataDir, 'api-token'));
    const line = await lineOf(service, 'gone');
    const copy = / is in (\S+): look which one is right, then gatehouse restore FILE/.exec(line)?.[1] ?? 'none';
    expect(existsSync(copy)).toBe(true);
    expect(['', '-wal', '-shm'].map((end) => readFileSync(`${file}${end}`, 'utf8'))).toEqual([
      'theirs',
      'theirs-wal',
      'theirs-shm',
    ]);
  });

  test('the file cut off: it is not written anew, and a copy is asked for', async () => {
    const service = await start();
    await acknowledge(service);
    truncateSync(file, 0);
    expect(await lineOf(service, 'corrupt')).toMatch(/(cut off to 0 bytes|damaged).*gatehouse restore COPY/);
  });

  test('its log cut off: what was acknowledged since is told as lost, and no start goes on without it', async () => {
    const service = await start();
    await acknowledge(service);
    const mark = () => readFileSync(`${file}-in-use`, 'utf8');
    await until('the log is marked', async () => / [1-9]/.test(mark()));
    truncateSync(`${file}-wal`, 0);
    await acknowledge(service);
    expect(await lineOf(service, 'corrupt')).toMatch(
      /(db-wal was cut off to \d+ bytes|\d+ of \d+ frames of its log).*gatehouse restore COPY/,
    );
    expect(await refusal()).toMatch(/gatehouse restore COPY/);
  });

  test('its log written over in place is found by the check beside the service, whatever is acknowledged on top', async () => {
    const service = await start();
    await acknowledge(service);
    const { signal } = new AbortController();
    expect(await service.storeFile.checkPages(signal)).toEqual({ kind: 'whole' });
    writeGarbage(`${file}-wal`, 0, statSync(`${file}-wal`).size);
    await acknowledge(service);
    const damage = expect.stringMatching(/0 of \d+ frames of its log|not a database|malformed/);
    expect(await service.storeFile.checkPages(signal)).toEqual({ kind: 'damaged', damage });
  });

  test('serve ends with status 3, and its last lines say what happened and what to type', async () => {
    Object.assign(process.env, { ORCH_DATA_DIR: dataDir, ORCH_PORT: '0' });
    const said = cli(['serve']);
    await until('it runs', async () => existsSync(`${file}-in-use`));
    rmSync(file);
    const { exit, err } = await said;
    const [last, next] = err.trimEnd().split('\n').slice(-2);
    expect([exit, next, last]).toEqual([
      3,
      '  next: gatehouse serve',
      expect.stringMatching(
        /^gatehouse: .*gatehouse\.db was deleted while the service ran; .*: start the service again$/,
      ),
    ]);
  });

  test('a page damaged on disk is found by the check beside the service', async () => {
    const service = await start();
    await acknowledge(service);
    const { storeFile } = service;
    const { signal } = new AbortController();
    expect(await storeFile.checkPages(signal)).toEqual({ kind: 'whole' });
    writeBack(file);
    damagePages(file);
    expect(await storeFile.checkPages(signal)).toMatchObject({ kind: 'damaged' });
    expect(await storeFile.checkPages(AbortSignal.abort())).toMatchObject({ kind: 'unchecked' });
  });

  test('a call that meets damage ends the service', async () => {
    const service = await start();
    writeBack(file);
    damagePages(file);
    // What the service has read before is read again once somebody else has written.
    const other = new SqliteDatabase(file);
    other.pragma(`user_version = ${other.pragma('user_version', { simple: true })}`);
    other.close();
    await until('a damaged page is met', async () => {
      await errorOf(service.context.store.listTasks({}));
      return service.storeFile.condition.current().kind === 'lost';
    });
    expect(await lineOf(service, 'corrupt')).toMatch(/damaged.*gatehouse restore COPY/);
  });

  test('a file that becomes shorter is looked through at once', async () => {
    const service = await start();
    writeBack(file);
    truncateSync(file, 20_480);
    expect(await lineOf(service, 'corrupt')).toMatch(/damaged.*gatehouse restore COPY/);
  });
});

describe('at the start', () => {
  const stopped = async (): Promise<string> => {
    const service = await start();
    const id = await acknowledge(service);
    mkdirSync(join(dataDir, 'mirrors', 'app.git'), { recursive: true });
    await stopService(service);
    return id;
  };

  test.each([
    ['missing', () => rmSync(file)],
    ['empty', () => truncateSync(file, 0)],
  ])('a file that is %s beside mirrors is a loss, and stays as it is', async (what, fault) => {
    await stopped();
    fault();
    const was = existsSync(file);
    expect(await refusal()).toMatch(
      new RegExp(`gatehouse\\.db is ${what}, but .*mirrors is not.*gatehouse restore COPY`),
    );
    expect(existsSync(file)).toBe(was);
    rmSync(join(dataDir, 'mirrors'), { recursive: true });
    expect(await reposOf(await start())).toEqual([]);
  });

  test('a file of something else is told as that, also where the log holds the first page', async () => {
    const id = await killed();
    const head = new SqliteDatabase(file);
    head.pragma('application_id = 77');
    cpSync(dataDir, join(folder, 'with-log'), { recursive: true, preserveTimestamps: true });
    head.close();
    for (const [end, bytes] of [['', 'not ours'.repeat(999)]] as const) writeFileSync(`${file}${end}`, bytes);
    for (const end of ['-wal', '-in-use']) cpSync(join(folder, 'with-log', `gatehouse.db${end}`), `${file}${end}`);
    expect(await refusal()).toMatch(/not a Gatehouse database.*gatehouse restore COPY/);
    expect(readFileSync(file, 'utf8')).toBe('not ours'.repeat(999));
    expect(id).toMatch(/^repo-/);
  });

  test.each([
    [
      'of another program',
      'CREATE TABLE bookmarks (url); PRAGMA user_version = 99',
      /not a Gatehouse database.*gatehouse restore COPY/,
    ],
    ['without anything in it', 'VACUUM', /is empty, but .*mirrors is not.*gatehouse restore COPY/],
  ])('a database %s is not taken for a first start, and stays as it is', async (_what, sql, says) => {
    await stopped();
    rmSync(file);
    const other = new SqliteDatabase(file);
    other.exec(sql);
    other.close();
    const was = readFileSync(file);
    expect(await refusal()).toMatch(says);
    expect(readFileSync(file).equals(was)).toBe(true);
  });

  test('a file that was cut off, or has a damaged page, is told with the next step', async () => {
    await stopped();
    const whole = readFileSync(file);
    truncateSync(file, 20_480);
    expect(await refusal()).toMatch(/damaged.*gatehouse restore COPY/);
    writeFileSync(file, whole);
    damagePages(file);
    expect(await refusal()).toMatch(/damaged.*gatehouse restore COPY/);
    writeFileSync(file, whole);
    expect(await reposOf(await start())).toHaveLength(1);
  });

  /** What a SIGKILL leaves of a running service. */
  const killed = async (): Promise<string> => {
    const service = await start();
    const id = await acknowledge(service);
    const left = join(folder, 'left');
    // A copy rounds times, so that two of one instant may change places.
    const timeOf = (end: string): number => Math.floor(statSync(`${file}${end}`).mtimeMs);
    await until('the mark is newer than the file', async () => timeOf('-in-use') > timeOf(''));
    await service.context.store.removeWorker(service.context.workerId);
    cpSync(dataDir, left, { recursive: true, preserveTimestamps: true });
    await stopService(service);
    rmSync(dataDir, { recursive: true });
    renameSync(left, dataDir);
    return id;
  };

  test('a killed service left its log: nothing is missing; without it the start is refused', async () => {
    const id = await killed();
    const log = readFileSync(`${file}-wal`);
    rmSync(`${file}-wal`);
    expect(await refusal()).toMatch(/its log .*-wal\) is gone.*put the log back.*gatehouse restore/);
    writeFileSync(`${file}-wal`, log);
    expect(await reposOf(await start())).toEqual([id]);
  });

  test.each([
    ['its head', () => writeGarbage(`${file}-wal`, 0, 4)],
    ['a page in it', () => writeGarbage(`${file}-wal`, 100, 101)],
    ['its end', () => truncateSync(`${file}-wal`, 4_000)],
    ['all of it', () => replaceByFolder(`${file}-wal`)],
  ])(
    'a killed service left its log, and %s is damaged: the start is refused, for the engine would forget it',
    async (_what, fault) => {
      const id = await killed();
      const log = readFileSync(`${file}-wal`);
      fault();
      expect(await refusal()).toMatch(
        /its log .*-wal\) is damaged \(\d+ of \d+ frames.*put the log back.*gatehouse restore/,
      );
      rmSync(`${file}-wal`, { recursive: true });
      writeFileSync(`${file}-wal`, log);
      expect(await reposOf(await start())).toEqual([id]);
    },
  );

  test('a file that lies elsewhere behind a link has its log there too', async () => {
    const id = await killed();
    const elsewhere = join(folder, 'elsewhere');
    mkdirSync(elsewhere);
    for (const end of ['', '-wal', '-shm', '-in-use']) {
      cpSync(`${file}${end}`, join(elsewhere, `gatehouse.db${end}`), { preserveTimestamps: true });
      rmSync(`${file}${end}`);
    }
    symlinkSync(join(elsewhere, 'gatehouse.db'), file);
    const service = await start();
    expect(await reposOf(service)).toEqual([id]);
    rmSync(join(elsewhere, 'gatehouse.db-wal'));
    expect(await lineOf(service, 'gone')).toMatch(/elsewhere\/gatehouse\.db-wal was deleted/);
  });

  test('a log that somebody wrote back after a kill is no loss', async () => {
    const id = await killed();
    new SqliteDatabase(file).close();
    const other = new SqliteDatabase(file);
    other.pragma('wal_checkpoint(TRUNCATE)');
    other.close();
    expect(existsSync(`${file}-wal`)).toBe(false);
    expect(await reposOf(await start())).toEqual([id]);
  });
});
