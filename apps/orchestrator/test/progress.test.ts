import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from '@jest/globals';
import { durationsIn } from '../src/cli/durations.ts';
import { clock, progressAt } from '../src/cli/progress.ts';
import { columnsOf } from '../src/cli/table.ts';
import { until } from './live-gatehouse.ts';
import { cli } from './recording-terminal.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';
import { describeWith } from './tool-tests.ts';

const CLEAR = '\r\u001b[K';
const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** A place whose clock a test moves; `seconds` passes them one by one, as the timer would. */
function place(columns: number | null) {
  const said: string[] = [];
  let now = 0;
  let tick = (): void => {};
  let stopped = 0;
  const progress = progressAt({
    write: (text) => void said.push(text),
    columns,
    now: () => now,
    every: (_, given) => {
      tick = given;
      return {
        stop: () => {
          stopped += 1;
        },
      };
    },
  });
  const seconds = (count: number): void => {
    for (let at = 0; at < count; at += 1) {
      now += 1000;
      tick();
    }
  };
  return { progress, said, seconds, stops: () => stopped };
}

test('on a terminal nothing is said for two seconds, then one line lives: step, elapsed, expected', () => {
  const { progress, said, seconds, stops } = place(60);
  progress.step({ what: 'check_branch_mergeable on 3077d3fc95af', expectedMs: 65_000 });
  seconds(1);
  expect(said).toEqual([]);
  seconds(2);
  expect(said).toEqual([
    'gatehouse: check_branch_mergeable on 3077d3fc95af … 2 s of…',
    '\r\u001b[Kgatehouse: check_branch_mergeable on 3077d3fc95af … 3 s of…',
  ]);
  progress.done();
  expect(said.at(-1)).toBe('\r\u001b[K');
  expect(stops()).toBe(1);
});

test('the live line makes room for what is written, comes back, and never wraps or steers the terminal', () => {
  const { progress, said, seconds } = place(40);
  progress.step({ what: 'fetching a\u001b[2Jb', expectedMs: 4000 });
  seconds(2);
  expect(said).toEqual(['gatehouse: fetching a\\u{1b}[2Jb … 2 s …']);
  progress.clear();
  progress.clear();
  expect(said.slice(1)).toEqual(['\r\u001b[K']);
  seconds(1);
  expect(said.at(-1)).toMatch(/^gatehouse: /);
  for (const line of said) expect(columnsOf(line.replace('\r\u001b[K', ''))).toBeLessThan(40);
});

test('without a terminal a step is a plain line at once, and again every half a minute', () => {
  const { progress, said, seconds } = place(null);
  progress.step({ what: 'fetching it' });
  seconds(65);
  expect(said).toEqual([
    'gatehouse: fetching it …\n',
    'gatehouse: fetching it … 30 s\n',
    'gatehouse: fetching it … 1 m 00 s\n',
  ]);
});

test('a step that is not announced is told only when it takes long, and after silence nothing is', () => {
  const { progress, said, seconds } = place(null);
  progress.step({ what: 'waiting', announced: false });
  seconds(29);
  expect(said).toEqual([]);
  seconds(1);
  expect(said).toEqual(['gatehouse: waiting … 30 s\n']);
  progress.note('so it is');
  expect(said.splice(1)).toEqual(['gatehouse: so it is\n']);
  progress.silence();
  progress.note('unheard');
  progress.step({ what: 'more' });
  seconds(90);
  expect(said).toHaveLength(1);
});

test.each([
  [999, '0 s'],
  [59_999, '59 s'],
  [185_000, '3 m 05 s'],
  [3_720_000, '1 h 02 m'],
])('%i ms are %s', (ms, words) => expect(clock(ms)).toBe(words));

test('a gate tells its steps on stderr only, and --quiet does not', async () => {
  const forge = await Forge.make(PROJECT);
  forge.push({ branch: 'good', from: 'main' }, { 'a.txt': 'a' });
  const folder = scratchFolder();
  const words = ['gate', 'security', '--repo', forge.path, '--branch', 'good'];
  const said = await cli(words, folder);
  expect(said.err).toMatch(/^gatehouse: good at [0-9a-f]{12} .*\ngatehouse: check_security_gate on [0-9a-f]{12} …\n/);
  expect(said.out).not.toContain('…');
  expect(await cli([...words, '--quiet'], folder)).toMatchObject({ exit: 0, err: '' });
});

test('what a check took is known the next time, of this repository only, and a broken record is none', async () => {
  const folder = join(scratchFolder(), 'cache');
  const durations = durationsIn(folder, '/srv/app.git');
  expect(await durations.last('check_security_gate')).toBeNull();
  await durations.record('check_security_gate', 1234.6);
  await durations.record('check_branch_mergeable', 60_000);
  expect(await durations.last('check_security_gate')).toBe(1235);
  expect(await durationsIn(folder, '/srv/other.git').last('check_security_gate')).toBeNull();
  writeFileSync(join(folder, 'durations.json'), '[');
  expect(await durations.last('check_security_gate')).toBeNull();
  await durations.record('check_security_gate', 7);
  expect(await durations.last('check_security_gate')).toBe(7);
  expect(await durationsIn(null, '/srv/app.git').last('check_security_gate')).toBeNull();
});

describeWith('script')('on a terminal', () => {
  test('a gate that takes its time shows a live line, and takes it away', async () => {
    const home = scratchFolder();
    const suite = `while [ ! -e ${home}/go ]; do sleep 0.05; done; sh check.sh`;
    const forge = await Forge.make({ ...PROJECT, 'gatehouse.yaml': `version: 1\ntest: { command: "${suite}" }\n` });
    forge.push({ branch: 'good', from: 'main' }, { 'a.txt': 'a' });
    const line = `"${process.execPath}" "${MAIN}" gate merge --repo "${forge.path}" --branch good`;
    const env = { PATH: process.env['PATH'] ?? '', TERM: 'xterm', HOME: home, TMPDIR: scratchFolder() };
    const gate = spawn('script', ['-qec', line, '/dev/null'], { env, stdio: ['ignore', 'pipe', 'ignore'] });
    let said = '';
    gate.stdout.on('data', (bytes) => {
      said += String(bytes);
    });
    const ended = new Promise((resolve) => gate.once('close', resolve));
    await until('the line lives', async () => /check_branch_mergeable on [0-9a-f]{12} … \d+ s\r/.test(said));
    writeFileSync(join(home, 'go'), '');
    expect(await ended).toBe(0);
    const stays = said.split('\n').map((drawn) => stripVTControlCharacters(drawn.split(CLEAR).at(-1) ?? ''));
    expect(stays.slice(0, 3)).toEqual([
      expect.stringMatching(/^gatehouse: good at /),
      expect.stringMatching(/^gatehouse: branch run: green after /),
      expect.stringMatching(/^PASS {2}check_branch_mergeable/),
    ]);
    expect(readFileSync(join(home, '.cache/gatehouse/durations.json'), 'utf8')).toContain('check_branch_mergeable');
  });
});
