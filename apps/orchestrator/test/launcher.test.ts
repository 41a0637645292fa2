import { spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { processesNaming } from '../src/platform/processes.ts';
import { until } from './live-gatehouse.ts';
import { scratchFolder } from './scratch-forge.ts';

const checkout = fileURLToPath(new URL('../../..', import.meta.url));
/** Those of the processes that `word` names. */
async function pidsOf(word: string, like = /./): Promise<readonly number[]> {
  const rows = (await processesNaming(word)) ?? [];
  return rows.filter((row) => like.test(row.replace(/^\d+ /, ''))).map((row) => Number.parseInt(row, 10));
}

describe('a launcher that is killed leaves nothing of the run', () => {
  test.each([
    ['npm', /^npm run/],
    ['tools/run.mjs', /^node tools\/run\.mjs/],
  ])('%s', async (_, victim) => {
    const sleep = `61.${randomInt(1e8, 1e9)}`;
    const words = ['run', '-s', 'gatehouse', '--', 'run', '--timeout', '60s', '--grace', '1s', '--', 'sleep', sleep];
    const launched = spawn('npm', words, { cwd: checkout, stdio: 'ignore' });
    try {
      await until('the command runs', async () => (await pidsOf(sleep, /^\S*sleep /)).length === 1);
      const [pid = 0] = await pidsOf(sleep, victim);
      expect(process.kill(pid, 'SIGKILL')).toBe(true);
      await until('nothing is left', async () => (await pidsOf(sleep)).length === 0);
    } finally {
      launched.kill('SIGKILL');
      for (const pid of await pidsOf(sleep)) spawnSync('kill', ['-9', String(pid)]);
    }
  });
});

test('the guard of a launcher that has ended ends what still runs, and then removes the folder of the tests', async () => {
  const folder = scratchFolder();
  const writing = `while :; do mkdir -p "$0/again"; touch "$0/again/$(date +%N)"; done`;
  const child = spawn('sh', ['-c', writing, folder], { stdio: 'ignore' });
  const guard = spawn(process.execPath, [join(checkout, 'tools/launch-guard.mjs'), folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const ends = Promise.all([child, guard].map((one) => new Promise((end) => one.on('exit', end))));
  guard.stdin.write(`+ ${child.pid}\n`);
  await until('the child writes', async () => existsSync(join(folder, 'again')));
  guard.stdin.end();
  expect(await ends).toEqual([null, 0]);
  expect(existsSync(folder)).toBe(false);
});

test('nohup protects a run: it goes on after SIGHUP, and its status is its own', async () => {
  const folder = scratchFolder();
  const main = join(checkout, 'apps/orchestrator/dist/main.js');
  const held = 'touch up; while [ ! -e go ]; do sleep 0.05; done; exit 3';
  const line = `nohup "$0" "$1" run --timeout 60s -- sh -c '${held}' > /dev/null 2>&1 & echo $!; wait $!`;
  const shell = spawn('bash', ['-c', line, process.execPath, main], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let said = '';
  shell.stdout.on('data', (bytes) => {
    said += String(bytes);
  });
  const ended = new Promise((resolve) => shell.on('exit', resolve));
  await until('the command runs', async () => existsSync(join(folder, 'up')));
  process.kill(Number(said), 'SIGHUP');
  writeFileSync(join(folder, 'go'), '');
  expect(await ended).toBe(3);
});
