import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import SqliteDatabase from 'better-sqlite3';
import { mustOpen, tempStore } from './store/temp-store.ts';
import { type StoreUnderTest, withRepo } from './store/world.ts';
import { isWhole } from './tool-tests.ts';

const WRITER = fileURLToPath(new URL('./store/write-loop.ts', import.meta.url));
const KILLS = isWhole ? 5 : 2;
const LINES_BEFORE_KILL = 60;

let subject: StoreUnderTest & { file: string };
beforeEach(async () => {
  subject = await tempStore();
  await withRepo(subject.store);
});
afterEach(() => subject.dispose());

function startWriter(name: string): ChildProcess {
  const args = ['--conditions=gatehouse:src', '--disable-warning=ExperimentalWarning', WRITER, subject.file, name];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Kills the writer with SIGKILL once it has acknowledged enough, and answers everything it said. */
async function killedMidway(writer: ChildProcess): Promise<string[]> {
  let said = '';
  writer.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (said.split('\n').length > LINES_BEFORE_KILL) writer.kill('SIGKILL');
  });
  const [code, signal] = await once(writer, 'close');
  expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' });
  return said.slice(0, said.lastIndexOf('\n')).split('\n');
}

const numbersAfter = (lines: readonly string[], word: string): number[] =>
  lines.filter((line) => line.startsWith(`${word} `)).map((line) => Number(line.split(' ')[1]));

test('what was acknowledged before a SIGKILL is there afterwards, and the file is whole', async () => {
  for (let round = 0; round < KILLS; round += 1) {
    const lines = await killedMidway(startWriter(`r${round}`));
    const store = mustOpen(subject.file);
    for (const line of lines.filter((each) => each.startsWith('task ')))
      expect(await store.getTask(line.slice('task '.length))).toMatchObject({ stage: 'deploy-staging' });
    for (const id of numbersAfter(lines, 'done')) expect(await store.getJob(id)).toMatchObject({ state: 'done' });
    await store.close();
  }
  const raw = new SqliteDatabase(subject.file, { readonly: true });
  expect(raw.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(raw.pragma('foreign_key_check')).toEqual([]);
  raw.close();
});

test('no claim is handed out twice by processes that write at the same time', async () => {
  const said = await Promise.all(['a', 'b', 'c'].map((name) => killedMidway(startWriter(name))));
  const claims = said.flat().filter((line) => line.startsWith('claim '));
  expect(claims.length).toBeGreaterThan(LINES_BEFORE_KILL / 2);
  expect(new Set(claims).size).toBe(claims.length);
  expect(new Set(numbersAfter(said.flat(), 'done')).size).toBe(numbersAfter(said.flat(), 'done').length);
});
