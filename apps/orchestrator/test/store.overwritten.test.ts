/** A file that is written over in place under its service is told; whatever else touches a sound one is not. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import SqliteDatabase from 'better-sqlite3';
import { connect } from '../src/store/sqlite/connection.ts';
import { inspectStore } from '../src/store/sqlite/inspect.ts';
import { markInUse } from '../src/store/sqlite/mark.ts';
import { openSqliteStore } from '../src/store/sqlite/open.ts';
import { watchOverwrites } from '../src/store/sqlite/overwritten.ts';
import { restore } from '../src/store/sqlite/restore.ts';
import { scratchFolder } from './scratch-forge.ts';
import { withRepo } from './store/world.ts';

let file: string;
let copy: string;
let opened: Extract<ReturnType<typeof openSqliteStore>, { kind: 'opened' }>;
let repos = 0;

beforeEach(() => {
  const folder = scratchFolder();
  file = join(folder, 'gatehouse.db');
  copy = join(folder, 'copy.db');
  const outcome = openSqliteStore(file);
  if (outcome.kind !== 'opened') throw outcome.trouble;
  opened = outcome;
});
afterEach(() => opened.store.close());

const look = () => opened.file.look().fault;
/** Something is acknowledged, and the watch has looked since. */
async function acknowledge(): Promise<void> {
  repos += 1;
  await withRepo(opened.store, `repo-${repos}`);
  look();
}
/** As another process does it: every page of the log is in the file. */
function writeBack(): void {
  const other = new SqliteDatabase(file);
  other.pragma('wal_checkpoint(TRUNCATE)');
  other.close();
}
/** By another process, for what this one closes loses the engine's locks. */
const overwrite = (from: string) => execFileSync('/bin/sh', ['-c', 'cat "$1" > "$2"', 'sh', from, file]);
async function olderCopy(): Promise<void> {
  await acknowledge();
  const other = new SqliteDatabase(file);
  other.exec(`VACUUM INTO '${copy}'`);
  other.close();
  await acknowledge();
  writeBack();
  look();
}

const OVERWRITTEN = { kind: 'overwritten', what: expect.stringMatching(/another process wrote over it$/) };

const onLinux = process.platform === 'linux' ? test : test.skip;
onLinux(
  'a store that was closed has no descriptor of its file any more, so that its disk can be unmounted',
  async () => {
    // Others of this process come and go while they are listed: its status says that one went, the rest is told.
    const descriptors = () => spawnSync('ls', ['-l', `/proc/${process.pid}/fd`], { encoding: 'utf8' }).stdout;
    await acknowledge();
    expect(descriptors()).toContain(file);
    await opened.store.close();
    expect(descriptors()).not.toContain(file);
  },
);

test('an older copy of itself is told at the next look', async () => {
  look();
  await olderCopy();
  overwrite(copy);
  expect(look()).toEqual(OVERWRITTEN);
});

test('the database of another Gatehouse, and a head of garbage, are told', async () => {
  look();
  const other = openSqliteStore(copy);
  if (other.kind !== 'opened') throw other.trouble;
  other.file.look();
  await other.store.close();
  await acknowledge();
  overwrite(copy);
  expect(look()).toEqual(OVERWRITTEN);
  writeFileSync(copy, Buffer.alloc(8192, 0xa5));
  overwrite(copy);
  expect(look()).toEqual(OVERWRITTEN);
});

test('what leaves the bytes alone, a checkpoint, another writer and a copy of what is there are not', async () => {
  for (let round = 0; round < 6; round += 1) {
    await acknowledge();
    utimesSync(file, round, Date.now() / 1_000 + round);
    chmodSync(file, round % 2 === 0 ? 0o640 : 0o600);
    execFileSync('/bin/sh', ['-c', 'cp "$1" "$2"; touch "$1"', 'sh', file, copy]);
    expect(look()).toBeNull();
    if (round % 2 === 0) writeBack();
    const other = new SqliteDatabase(file);
    other.exec("UPDATE repos SET url = url || '/'; VACUUM");
    other.pragma(round % 3 === 0 ? 'wal_checkpoint(TRUNCATE)' : 'wal_checkpoint(PASSIVE)');
    other.close();
    expect([look(), look()]).toEqual([null, null]);
    execFileSync('/bin/sh', ['-c', 'cp "$1" "$2"; cat "$2" > "$1"', 'sh', file, copy]);
    expect(look()).toBeNull();
  }
});

test('two services on one file, as after one that was stopped and taken over from, do not call each other out', async () => {
  const second = watchOverwrites(connect(file));
  const third = new SqliteDatabase(file);
  for (let round = 0; round < 8; round += 1) {
    await acknowledge();
    third.exec("UPDATE repos SET url = url || '/'");
    expect([look(), second(), look(), second(), second()]).toEqual([null, false, null, false, false]);
    if (round % 2 === 0) writeBack();
    expect([second(), look(), second()]).toEqual([false, null, false]);
  }
  third.close();
});

test('what a killed service left in the log is its own, whichever page of it comes into the file', async () => {
  for (let time = 0; time < 3; time += 1) {
    await acknowledge();
    execFileSync('/bin/sh', ['-c', 'cp "$1" "$2"; cp "$1-wal" "$2-wal"', 'sh', file, copy]);
    const again = openSqliteStore(copy);
    if (again.kind !== 'opened') throw again.trouble;
    expect([again.file.look().fault, again.file.look().fault]).toEqual([null, null]);
    await again.store.close();
  }
});

test('no start goes on with a file that was written over, before a person has put one back', async () => {
  look();
  await olderCopy();
  const safe = `${copy}.safe`;
  copyFileSync(copy, safe);
  overwrite(copy);
  expect(look()).toEqual(OVERWRITTEN);
  markInUse(file, () => 0).condemn('it was written over');
  await opened.store.close();
  const words = /^it was written over$/;
  expect(openSqliteStore(file)).toMatchObject({ kind: 'refused', trouble: { message: expect.stringMatching(words) } });
  expect(inspectStore(file, [])).toMatchObject({ kind: 'faulty', problem: expect.stringMatching(words) });
  expect(restore(file, safe)).toMatchObject({ kind: 'restored' });
  const again = openSqliteStore(file);
  if (again.kind !== 'opened') throw again.trouble;
  opened = again;
  expect(await opened.store.listRepos()).toHaveLength(1);
});

test('a store in memory tells nothing', () => {
  const memory = connect(':memory:');
  expect(watchOverwrites(memory)()).toBe(false);
  memory.sqlite.close();
});
