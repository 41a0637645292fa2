/** `gatehouse repo set`: a person says where a repository is now, or where branches land. */
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ask, enqueue, ownToken, register, serviceOn, until } from './live-gatehouse.ts';
import { cli } from './recording-terminal.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

test('another place and another main are recorded, known anew, and end a pause that the service made', async () => {
  const folder = scratchFolder();
  const forge = await Forge.make(PROJECT, folder);
  const service = await serviceOn(join(folder, 'data'));
  const { store } = service.context;
  await register(service, forge.path);
  const run = (...words: string[]) =>
    cli(['repo', 'set', ...words, '--url', service.url, '--token', ownToken(service)], folder);
  expect(await run('app')).toMatchObject({ exit: 2, err: expect.stringContaining('--address ADDRESS') });
  expect(await run('none', '--main', 'x')).toMatchObject({
    exit: 2,
    err: expect.stringContaining('gatehouse repo ls'),
  });
  expect(await run('app', '--main', 'x')).toMatchObject({ exit: 2, err: expect.stringContaining('--main') });
  expect(await run('app', '--address', 'https://git.example/org/app.git')).toMatchObject({ exit: 2 });
  await until('main is known', async () => (await store.getRepo('app'))?.mainSha);
  const moved = forge.copy();
  moved.git('branch', '-m', 'main', 'trunk');
  const why = { paused: true, pausedReason: 'what was known is not there' };
  await store.updateRepo('app', { ...why, movedTo: '/nowhere' }, { actor: 'watch', atMs: Date.now() });
  const said = await run('app', '--address', moved.path, '--main', 'trunk');
  expect([said.exit, said.out]).toEqual([0, `app is at ${moved.path}, branches land on trunk\n`]);
  const now = { url: moved.path, main: 'trunk', movedTo: null, paused: false, pausedReason: null };
  expect(await store.getRepo('app')).toMatchObject(now);
  const head = moved.head('trunk');
  await until('its main is known anew', async () => (await store.getRepo('app'))?.mainSha === head);
});

test('nothing is set while work of the repository runs', async () => {
  const folder = scratchFolder();
  const forge = await Forge.make({ ...PROJECT, 'check.sh': 'while :; do sleep 0.1; done\n' }, folder);
  forge.push({ branch: 'one', from: 'main' }, { 'one.txt': 'one' });
  const service = await serviceOn(join(folder, 'data'));
  await register(service, forge.path);
  await enqueue(service, 'one');
  const { store } = service.context;
  await until('it is tested', async () =>
    (await store.listJobs({ live: true })).some(
      ({ step, state }) => step === 'check_branch_mergeable' && state === 'leased',
    ),
  );
  const told = await ask(service, '/repos/app/place', { body: { main: 'one' } });
  expect([told.status, told.text]).toEqual([409, expect.stringContaining('gatehouse pause --repo app')]);
  expect(await store.getRepo('app')).toMatchObject({ main: 'main' });
});
