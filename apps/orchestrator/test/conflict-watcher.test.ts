import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { watchConflicts } from '../src/worker/conflict-watcher.ts';
import { createForeseenConflicts } from '../src/workspace/foreseen-conflicts.ts';
import { ask, enqueue, register, serviceOn, until } from './live-gatehouse.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

interface Shown {
  readonly id: string;
  readonly status: string;
  readonly reason: string | null;
  readonly warnings: readonly string[];
}

test('a waiting task is told early that main is in its way, once, is not held up by it, and is told when it is gone', async () => {
  const folder = scratchFolder();
  const forge = await Forge.make(PROJECT, folder);
  forge.push({ branch: 'mine', from: 'main' }, { 'README.md': 'mine\n' });
  forge.push({ branch: 'other', from: 'main' }, { 'o.txt': 'o' });
  const service = await serviceOn(join(folder, 'data'));
  await register(service, forge.path);
  await ask(service, '/pause', { body: {} });
  const mine = await enqueue(service, 'mine');
  const { store, mirrors } = service.context;
  const repo = await store.getRepo('app');
  if (repo === null) throw new Error('the repository is not there');
  const shown = async () => (await ask(service, `/tasks/${mine}`)).json as Shown;
  const heard = async () =>
    (await store.taskEvents(mine))
      .map(({ kind, body }) => ({ kind, body }))
      .filter(({ kind }) => /conflict/.test(kind));
  expect(await shown()).toMatchObject({ warnings: [], reason: 'app is paused' });

  const main = forge.push({ branch: 'main' }, { 'README.md': 'main\n' });
  await mirrors.refresh(repo);
  const told = await until('the task is told', async () => {
    const task = await shown();
    return task.warnings.length > 0 && task;
  });
  const text = `conflicts with main in 1 path: README.md (main is at ${main.slice(0, 12)}); it keeps its place and is tried all the same`;
  expect(told).toMatchObject({ status: 'active', reason: 'app is paused', warnings: [text] });
  const board = (await ask(service, '/')).text;
  expect(board).toContain(text);
  const event = {
    kind: 'main-conflict',
    body: expect.objectContaining({ base: main, count: 1, paths: ['README.md'] }),
  };
  expect(await heard()).toEqual([event]);

  // A later process remembers nothing, and does not tell it again.
  const later = { ...service.context, foreseenConflicts: createForeseenConflicts() };
  await watchConflicts(later, repo, new AbortController().signal);
  expect(later.foreseenConflicts.last((await store.getTask(mine)) as never)).toMatchObject({ count: 1 });
  expect(await heard()).toEqual([event]);

  forge.push({ branch: 'main' }, { 'README.md': 'a project\n' });
  await mirrors.refresh(repo);
  await until('the task is told', async () => (await shown()).warnings.length === 0);
  expect(await heard()).toEqual([event, { kind: 'main-conflict-gone', body: expect.any(Object) }]);
  expect(await store.listLeases()).toEqual([]);
  expect((await store.getTask(mine))?.state.counts).toEqual({});
});

test('a pass that finds what the one before found changes nothing that readers see', () => {
  let changes = 0;
  const known = createForeseenConflicts(() => {
    changes += 1;
  });
  const one = { base: 'a', head: 'b', count: 0, paths: [] };
  for (const compared of [[], [['t', one]], [['t', one]], [['t', { ...one, base: 'c' }]], []] as const)
    known.keep('app', new Map(compared));
  expect(changes).toBe(4);
});

test('one pass compares so many branches, the longest waiting first, and the next pass goes on', async () => {
  const folder = scratchFolder();
  const forge = await Forge.make(PROJECT, folder);
  const service = await serviceOn(join(folder, 'data'));
  await register(service, forge.path);
  const repo = await service.context.store.getRepo('app');
  if (repo === null) throw new Error('the repository is not there');
  const tasks = Array.from({ length: 70 }, (_, at) => ({
    id: `t${at}`,
    repoId: 'app',
    branch: `b${at}`,
    stage: 'deploy-staging',
    status: 'waiting',
    criticalToken: null,
    state: { landed: false },
    headSha: 'h',
  }));
  const compared: string[] = [];
  const context = {
    now: () => 0,
    foreseenConflicts: createForeseenConflicts(),
    store: {
      ...service.context.store,
      listTasks: async () => [...tasks].reverse() as never,
      taskEvents: async () => [],
    },
    mirrors: {
      ...service.context.mirrors,
      heads: () => Object.fromEntries([['main', 'm'], ...tasks.map(({ branch }) => [branch, `head of ${branch}`])]),
      foresee: async (_repo: string, { head }: { readonly head: string }) => {
        compared.push(head);
        return { kind: 'clean', tree: 't' } as const;
      },
    },
  };
  const { signal } = new AbortController();
  await watchConflicts(context, repo, signal);
  expect([compared.length, compared[0], compared[49]]).toEqual([50, 'head of b0', 'head of b49']);
  await watchConflicts(context, repo, signal);
  await watchConflicts(context, repo, signal);
  expect(compared).toEqual(tasks.map(({ branch }) => `head of ${branch}`));
});
