import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ask, atRest, enqueue, register, serviceOn, taskOf, until } from './live-gatehouse.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';
import { testWhole } from './tool-tests.ts';

/** Takes an object of the forge away, as a torn disk does; the answer puts it back. */
function lose(forge: Forge, oid: string): () => void {
  const file = join(forge.path, 'objects', oid.slice(0, 2), oid.slice(2));
  unpack(forge);
  const bytes = readFileSync(file);
  rmSync(file);
  return () => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  };
}

/** Every object in a file of its own, as after a small push. */
function unpack(forge: Forge): void {
  const [packs, away] = [join(forge.path, 'objects', 'pack'), join(forge.path, 'away')];
  renameSync(packs, away);
  mkdirSync(packs);
  for (const name of readdirSync(away).filter((one) => one.endsWith('.pack')))
    execFileSync('git', ['unpack-objects', '-q'], { cwd: forge.path, input: readFileSync(join(away, name)) });
}

testWhole(
  'a branch whose objects the forge has lost is waited for, not taken for gone, and lands when they are back',
  async () => {
    const folder = scratchFolder();
    const forge = await Forge.make(PROJECT, folder);
    forge.push({ branch: 'sound', from: 'main' }, { 'b.txt': 'b' });
    const head = forge.push({ branch: 'torn', from: 'main' }, { 'a.txt': 'a' });
    const putBack = lose(forge, forge.git('rev-parse', `${head}:a.txt`));
    const service = await serviceOn(join(folder, 'data'));
    await register(service, forge.path);
    const torn = await enqueue(service, 'torn');
    const shown = await until('the queue says so', async () => {
      const queue = (await ask(service, '/queue')).json as { tasks: { id: string; reason: string | null }[] };
      const task = queue.tasks.find(({ id }) => id === torn);
      return task?.reason?.includes('lost objects') === true && task;
    });
    expect(shown).toMatchObject({ status: 'active', reason: 'the forge has lost objects of torn; push it again' });
    expect(await atRest(service, await enqueue(service, 'sound'))).toMatchObject({ stage: 'done' });
    expect(await taskOf(service, torn)).toMatchObject({ stage: 'deploy-staging', status: 'active' });
    expect((await service.context.store.getTask(torn))?.state.counts).toEqual({});
    putBack();
    expect(await atRest(service, torn)).toMatchObject({ stage: 'done' });
  },
);

test('a main whose objects the forge has lost stops every task: nothing is judged on the old one, no attempt is counted', async () => {
  const folder = scratchFolder();
  const forge = await Forge.make(PROJECT, folder);
  forge.push({ branch: 'sound', from: 'main' }, { 'b.txt': 'b' });
  const service = await serviceOn(join(folder, 'data'));
  await register(service, forge.path);
  await ask(service, '/pause', { body: {} });
  const task = await enqueue(service, 'sound');
  const main = forge.push({ branch: 'main' }, { 'a.txt': 'a' });
  lose(forge, forge.git('rev-parse', `${main}:a.txt`));
  await ask(service, '/resume', { body: {} });
  const { store } = service.context;
  const breaker = await until('a breaker opens', async () => (await store.listBreakers('app'))[0]);
  expect(breaker).toMatchObject({ cause: 'forge-network', state: 'open', taskId: task });
  expect((await store.getTask(task))?.state.counts).toEqual({});
  expect(forge.head('main')).toBe(main);
});
