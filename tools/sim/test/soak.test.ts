import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from '@jest/globals';

interface Round {
  readonly kind: string;
  readonly number: number;
  readonly seed: number;
  readonly tookMs: number;
  readonly done: Readonly<Record<string, number>>;
  readonly found: readonly string[];
}
interface State {
  readonly openState: (file: string) => Round[];
  readonly keepRound: (file: string, round: Round) => void;
  readonly totalOf: (rounds: readonly Round[], kind: string) => { done: Record<string, number>; found: string[] };
  readonly nextNumber: (rounds: readonly Round[], kind: string, running?: Iterable<number>) => number;
  readonly firstSeed: (rounds: readonly Round[], kind: string, fresh: number) => number;
}

const soak = fileURLToPath(new URL('../../soak/', import.meta.url));
const { openState, keepRound, totalOf, nextNumber, firstSeed } = (await import(`${soak}state.mjs`)) as State;
const { nextWorlds } = (await import(`${soak}lifetimes.mjs`)) as {
  nextWorlds: (rounds: readonly Round[], fresh: number) => { seed: number; number: number; first: number };
};

const desk = mkdtempSync(join(tmpdir(), 'gatehouse-soak-test-'));
afterAll(() => rmSync(desk, { recursive: true, force: true }));

const round = (kind: string, number: number, more: Partial<Round> = {}): Round => ({
  kind,
  number,
  seed: 40 + number,
  tookMs: 5,
  done: { kills: 2 },
  found: [],
  ...more,
});

test('a state that was cut at any byte keeps its whole rounds, and takes the next one', () => {
  const file = join(desk, 'cut.jsonl');
  const rounds = [round('kills', 0), round('kills', 1, { found: ['ä task is lost'] }), round('kills', 2)];
  for (const one of rounds) keepRound(file, one);
  const bytes = readFileSync(file);
  const ends = [...bytes.entries()].filter(([, byte]) => byte === 10).map(([at]) => at + 1);
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    writeFileSync(file, bytes.subarray(0, cut));
    const whole = rounds.slice(0, ends.filter((end) => end <= cut).length);
    expect(openState(file)).toEqual(whole);
    keepRound(file, round('kills', 9));
    expect(openState(file)).toEqual([...whole, round('kills', 9)]);
  }
});

test('a file that is no state is refused with the place, and is not touched', () => {
  const file = join(desk, 'foreign.jsonl');
  keepRound(file, round('kills', 0));
  for (const line of ['not JSON', '{"kind":"kills"}', 'null', '[]']) {
    const before = `${JSON.stringify(round('kills', 0))}\n${line}\nhalf a line`;
    writeFileSync(file, before);
    expect(() => openState(file)).toThrow(`${file}:2 is no round of a soak`);
    expect(readFileSync(file, 'utf8')).toBe(before);
  }
  expect(openState(join(desk, 'absent.jsonl'))).toEqual([]);
});

test('a round that was cut is done again under its own seed, and none is done twice', () => {
  const rounds = [round('kills', 0), round('kills', 2), round('holders', 1)];
  expect(nextNumber(rounds, 'kills')).toBe(1);
  expect(nextNumber(rounds, 'kills', [1])).toBe(3);
  expect(nextNumber(rounds, 'holders')).toBe(0);
  expect(firstSeed(rounds, 'kills', 7)).toBe(40);
  expect(firstSeed([round('kills', 2)], 'kills', 7)).toBe(40);
  expect(firstSeed(rounds, 'lifetimes', 7)).toBe(7);
});

test('a hundred thousand lifetimes of one seed are followed by the next seed', () => {
  const lived = (seed: number, lifetimes: number) =>
    round('lifetimes', seed - 7, { seed, done: { worlds: 100, lifetimes } });
  expect(nextWorlds([], 7)).toEqual({ seed: 7, number: 0, first: 0 });
  expect(nextWorlds([lived(7, 99_000)], 1)).toEqual({ seed: 7, number: 0, first: 100 });
  expect(nextWorlds([lived(7, 99_000), lived(7, 1_000)], 1)).toEqual({ seed: 8, number: 1, first: 0 });
  expect(nextWorlds([lived(7, 99_000), lived(7, 1_000), lived(8, 5)], 1)).toEqual({ seed: 8, number: 1, first: 100 });
});

test('the total adds up what was done, and names the seed of what was found', () => {
  const total = totalOf([round('kills', 0), round('kills', 1, { found: ['lost'] }), round('holders', 0)], 'kills');
  expect(total.done).toEqual({ kills: 4 });
  expect(total.found).toEqual(['kills 1 (seed 41): lost']);
});

const run = (...args: string[]) => [join(soak, 'run.mjs'), ...args];

const isWhole = process.env['GATEHOUSE_REQUIRE_TOOLS'] === '1';

(isWhole ? test : test.skip)('a soak that is killed goes on where it was, as if it had never been cut', async () => {
  const words = ['--worlds', '1', '--threads', '1', '--seed', '3', '--lifetimes', '25', '--state'];
  const whole = join(desk, 'whole.jsonl');
  expect(spawnSync(process.execPath, run(...words, whole)).status).toBe(0);
  const cut = join(desk, 'killed.jsonl');
  const killed = spawn(process.execPath, run(...words, cut), { stdio: 'ignore' });
  const gone = new Promise((resolve) => killed.on('exit', resolve));
  while (killed.exitCode === null && !(existsSync(cut) && readFileSync(cut).includes('\n'))) await pause(5);
  killed.kill('SIGKILL');
  await gone;
  appendFileSync(cut, '{"kind":"lifet');
  expect(spawnSync(process.execPath, run(...words, cut)).status).toBe(0);
  const lived = (file: string) => openState(file).map(({ seed, done, found }) => ({ seed, done, found }));
  expect(lived(whole).length).toBeGreaterThan(1);
  expect(lived(cut)).toEqual(lived(whole));
});

test('the summary says what is missing and what was found, and its status says it too', () => {
  const file = join(desk, 'summary.jsonl');
  const summarize = () =>
    spawnSync(process.execPath, run('--state', file, '--summary', '--kills', '4'), { encoding: 'utf8' });
  keepRound(file, round('kills', 0));
  expect(summarize()).toMatchObject({ status: 3, stdout: expect.stringContaining('kills: 2 of 4') });
  keepRound(file, round('kills', 1));
  expect(summarize()).toMatchObject({ status: 0, stdout: expect.stringContaining('0 found') });
  keepRound(file, round('kills', 2, { found: ['a task is lost'] }));
  expect(summarize()).toMatchObject({
    status: 1,
    stdout: expect.stringContaining('kills 2 (seed 42): a task is lost'),
  });
  expect(spawnSync(process.execPath, run('--kills', 'many')).status).toBe(2);
});
