/** What looks for planted credentials finds each that is there: a search that cannot find says nothing when it finds none. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { until } from './live-gatehouse.ts';
import { placesOf, watchCommandLines } from './lives/planted.ts';

const SECRET = ['planted/2f8c', '41d7=e5a9'].join('+');
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-planted-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const basic = (user: string): string => Buffer.from(`${user}:${SECRET}`).toString('base64');

test.each([
  ['as it is', `fetching with ${SECRET} now`],
  ['in an Authorization header, whatever is in front of it', ['a', 'ab', 'abc'].map(basic).join('\n')],
  ['in an address', `https://x:${encodeURIComponent(SECRET)}@git.example/owner/app`],
])('a credential is found in a file %s', (name, text) => {
  const file = join(folder, name.replace(/\W+/g, '-'), 'deep', 'file');
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
  expect(placesOf([SECRET], { folders: [join(file, '..', '..')], texts: {} })).toEqual([file]);
});

test.each(['a', 'ab', 'abc'])('behind %s it is found in base64 alone', (user) => {
  expect(placesOf([SECRET], { folders: [], texts: { header: [basic(user)] } })).toEqual(['header']);
});

test('a credential is found in a row of a database that is open', () => {
  const rows = join(folder, 'rows');
  mkdirSync(rows);
  const database = new Database(join(rows, 'store.db'));
  database.pragma('journal_mode = WAL');
  database.exec('CREATE TABLE events (words TEXT)');
  database.prepare('INSERT INTO events VALUES (?)').run(`refused: ${SECRET}`);
  expect(placesOf([SECRET], { folders: [rows], texts: {} })).toEqual([join(rows, 'store.db-wal')]);
  database.close();
});

test('a credential is found in what people read, and its place is told without it', () => {
  const texts = { comments: ['fine', `no: ${SECRET}`], alerts: ['fine'] };
  expect(placesOf([SECRET], { folders: [], texts })).toEqual(['comments']);
});

test('nothing is found where none is', () => {
  writeFileSync(join(folder, 'clean'), SECRET.slice(1));
  expect(placesOf([SECRET], { folders: [], texts: { log: [SECRET.slice(0, -1)] } })).toEqual([]);
});

test('a credential on a command line is seen while the process is there', async () => {
  const lines = watchCommandLines();
  const child = spawn('/bin/sh', ['-c', 'read -r end', SECRET], { stdio: ['pipe', 'ignore', 'ignore'] });
  try {
    const seen = (): boolean => placesOf([SECRET], { folders: [], texts: { lines: [...lines.seen] } }).length > 0;
    await until('it is seen', async () => seen());
  } finally {
    lines.end();
    child.stdin.end();
  }
});
