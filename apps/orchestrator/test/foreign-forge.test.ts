/** What answers at the path of a forge may be another repository than the one that was known there. */
import { execFileSync } from 'node:child_process';
import { cpSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { forgeChooser } from '../src/forges/choose.ts';
import type { RunningService } from '../src/running-service.ts';
import { mirrorsIn } from '../src/workspace/mirrors.ts';
import { ask, atRest, enqueue, register, serviceOn, taskOf, until } from './live-gatehouse.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';
import { testWhole } from './tool-tests.ts';

const LOG = { info: () => {}, error: () => {} };

interface Scene {
  readonly folder: string;
  readonly forge: Forge;
  readonly service: RunningService;
  readonly tasks: readonly string[];
  /** Texts of the alerts that were delivered. */
  readonly alerts: readonly string[];
  /** Lets the tests of the branches end. */
  readonly goOn: () => void;
}

/** Two branches whose tests run until they may go on, and a copy of the forge from before they and main's last commit. */
async function scene(): Promise<Scene> {
  const folder = scratchFolder();
  const gate = join(folder, 'go-on');
  const waits = { 'check.sh': `until [ -e ${gate} ]; do sleep 0.1; done\n` };
  const forge = await Forge.make({ ...PROJECT, ...waits }, folder);
  cpSync(forge.path, join(folder, 'backup.git'), { recursive: true });
  forge.push({ branch: 'main' }, { 'later.txt': 'later' });
  for (const branch of ['one', 'two']) forge.push({ branch, from: 'main' }, { [`${branch}.txt`]: branch });
  const alerts: string[] = [];
  // Between one repository and the other there is none at the path, which may be told as well.
  const warn = (message: string, fields: object = {}) => {
    const text = JSON.stringify(fields);
    if (message === 'ALERT' && text.includes('foreign-forge')) alerts.push(text);
  };
  const service = await serviceOn(join(folder, 'data'), {}, { ...LOG, warn });
  await register(service, forge.path);
  const tasks = [await enqueue(service, 'one'), await enqueue(service, 'two')];
  await until('main is known', async () => (await service.context.store.getRepo('app'))?.mainSha ?? null);
  return { folder, forge, service, tasks, alerts, goOn: () => writeFileSync(gate, '') };
}

interface Shown {
  readonly paused: boolean;
  readonly paused_reason: string | null;
}

const repoOf = async (service: RunningService): Promise<Shown> =>
  ((await ask(service, '/repos')).json as Shown[])[0] as Shown;

/** Another repository stands at the path until the answer is called. */
function replaceBy(forge: Forge, other: string): () => void {
  renameSync(forge.path, `${forge.path}.away`);
  cpSync(other, forge.path, { recursive: true });
  return () => {
    rmSync(forge.path, { recursive: true });
    renameSync(`${forge.path}.away`, forge.path);
  };
}

async function strangers(folder: string): Promise<readonly (readonly [why: RegExp, path: string])[]> {
  const unrelated = await Forge.make(PROJECT, join(folder, 'unrelated'));
  const empty = join(folder, 'empty.git');
  execFileSync('git', ['init', '-q', '--bare', '-b', 'main', empty]);
  const rewritten = join(folder, 'rewritten.git');
  cpSync(join(folder, 'backup.git'), rewritten, { recursive: true });
  Forge.at(rewritten).push({ branch: 'main' }, { 'other.txt': 'other' });
  return [
    [/has no commit in common|does not contain/, unrelated.path],
    [/has no branch main/, empty],
    [/was set back/, join(folder, 'backup.git')],
    [/was rewritten/, rewritten],
  ];
}

test('another repository at the path pauses, is told once, ends no task, and is over when the right one is back', async () => {
  const { folder, forge, service, tasks, alerts, goOn } = await scene();
  for (const [at, [why, path]] of (await strangers(folder)).entries()) {
    const putBack = replaceBy(forge, path);
    const paused = await until('the repository is paused', async () => {
      const repo = await repoOf(service);
      return repo.paused && repo;
    });
    expect(paused.paused_reason).toMatch(why);
    await until('a person is told', async () => alerts.length > at);
    for (const id of tasks) expect(await taskOf(service, id)).toMatchObject({ stage: 'deploy-staging' });
    putBack();
    await until('it goes on by itself', async () => !(await repoOf(service)).paused);
    expect(alerts).toHaveLength(at + 1);
    expect(alerts[at]).toMatch(why);
  }
  renameSync(forge.path, `${forge.path}.away`);
  const { mirrors, store } = service.context;
  const repo = await store.getRepo('app');
  expect(repo && (await mirrors.refresh(repo))).toMatchObject({ kind: 'unreachable' });
  renameSync(`${forge.path}.away`, forge.path);
  goOn();
  for (const id of tasks) expect(await atRest(service, id)).toMatchObject({ stage: 'done' });
  expect((await repoOf(service)).paused).toBe(false);
});

test('whoever resumes it by name accepts what is there, and a task that ended for it is brought back', async () => {
  const { folder, forge, service, tasks, goOn } = await scene();
  goOn();
  await ask(service, '/pause', { body: {} });
  const putBack = replaceBy(forge, join(folder, 'backup.git'));
  await ask(service, '/resume', { body: {} });
  await until('the repository is paused', async () => (await repoOf(service)).paused_reason);
  await ask(service, '/resume', { body: {} });
  expect((await repoOf(service)).paused).toBe(true);
  await ask(service, '/resume', { body: { repo: 'app' } });
  for (const id of tasks)
    expect(await atRest(service, id)).toMatchObject({ stage: 'cancelled', reason: 'branch-gone' });
  const [first = ''] = tasks;
  await until('it is cleaned up', async () => (await taskOf(service, first)).settled_at);
  expect((await ask(service, `/tasks/${first}/retry`, { body: {} })).status).toBe(409);
  putBack();
  const back = await until('it is queued again', async () => {
    const told = await ask(service, `/tasks/${first}/retry`, { body: {} });
    return told.status === 200 && (told.json as { id: string; branch: string; generation: number });
  });
  expect(back).toMatchObject({ branch: 'one', generation: 2 });
  expect(await atRest(service, back.id)).toMatchObject({ stage: 'done' });
});

testWhole('a main that is rewritten or set back on purpose pauses nothing where the queued branches stay', async () => {
  const { forge, service, tasks, alerts, goOn } = await scene();
  const mainOf = async () => (await service.context.store.getRepo('app'))?.mainSha;
  const [newer, older] = [forge.head('main'), forge.git('rev-parse', 'main~1')];
  forge.push({ branch: 'rewritten', from: older }, { 'rewritten.txt': 'rewritten' });
  for (const main of [forge.head('rewritten'), newer, older]) {
    forge.git('update-ref', 'refs/heads/main', main);
    await until('where main is now is known', async () => (await mainOf()) === main);
  }
  goOn();
  for (const id of tasks) expect(await atRest(service, id)).toMatchObject({ stage: 'done' });
  expect(alerts).toEqual([]);
});

test('a store that fails while a fetch is judged spoils that fetch alone', async () => {
  const folder = scratchFolder();
  const forge = await Forge.make(PROJECT, folder);
  let isFull = true;
  const mirrors = mirrorsIn(join(folder, 'mirrors'), forgeChooser(new Map()), {
    recognise: async () => {
      if (isFull) throw new Error('the disk of the database is full');
      return { kind: 'known' };
    },
  });
  const repo = { id: 'app', url: forge.path, forge: 'local', main: 'main' } as const;
  expect(await mirrors.refresh(repo)).toEqual({ kind: 'unreachable', reason: 'the disk of the database is full' });
  isFull = false;
  expect(await mirrors.refresh(repo)).toMatchObject({ kind: 'fresh' });
  await mirrors.close();
});
