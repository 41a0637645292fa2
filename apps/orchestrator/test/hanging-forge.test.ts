import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { silentLog } from '../src/platform/logger.ts';
import { processesNaming } from '../src/platform/processes.ts';
import { ask, register, serviceOn, stopService, until } from './live-gatehouse.ts';
import { Room } from './recording-terminal.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

/** A forge of its own whose disk does not answer: git waits for ever to open one of its files. */
async function forgeThatCanHang(): Promise<{ readonly forge: Forge; readonly hang: () => void }> {
  const forge = await Forge.make(PROJECT);
  forge.push({ branch: 'topic', from: 'main' }, { 'a.txt': 'a' });
  const hang = (): void => {
    forge.git('pack-refs', '--all');
    execFileSync('rm', [join(forge.path, 'packed-refs')]);
    execFileSync('mkfifo', [join(forge.path, 'packed-refs')]);
  };
  return { forge, hang };
}

const hangs = (what: string, forge: Forge): Promise<unknown> =>
  until(`${what} hangs`, async () => (await processesNaming(forge.path))?.some((row) => row.includes(what)));

test('a service that is stopped does not wait for a forge that hangs, and leaves no fetch behind', async () => {
  const { forge, hang } = await forgeThatCanHang();
  const warned: string[] = [];
  const service = await serviceOn(
    join(scratchFolder(), 'data'),
    {},
    { ...silentLog, warn: (text) => warned.push(text) },
  );
  // What a start says of switches.
  warned.splice(0);
  await register(service, forge.path);
  hang();
  await hangs('upload-pack', forge);
  const asked = ask(service, '/tasks', { body: { repo: 'app', branch: 'topic' } }).catch(() => 'cut off');
  // Answered behind the other one, which waits for the forge by now.
  expect((await ask(service, '/healthz')).status).toBe(200);
  await stopService(service);
  expect(await processesNaming(forge.path)).toEqual([]);
  expect(await asked).toBe('cut off');
  expect(warned).toEqual([]);
});

test('a gate whose repository hangs ends with all its processes at a signal', async () => {
  const { forge, hang } = await forgeThatCanHang();
  hang();
  const room = new Room(scratchFolder());
  const gate = room.run(['gate', 'merge', '--repo', forge.path, '--branch', 'topic', '--json']);
  await hangs(`git --git-dir=${forge.path}`, forge);
  process.kill(room.pid ?? 0, 'SIGTERM');
  expect((await gate).exit).toBe(3);
  expect(await processesNaming(forge.path)).toEqual([]);
  expect(room.listing()).toEqual([]);
});
