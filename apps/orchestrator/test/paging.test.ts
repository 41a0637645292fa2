/** Every list comes in pages, and following them shows everything once: nothing stops in silence. */
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { apiClient } from '../src/cli/api-client.ts';
import { queue, taskList } from '../src/cli/remote-commands.ts';
import { repoList } from '../src/cli/repo-commands.ts';
import type { RunningService } from '../src/running-service.ts';
import { everyTask } from '../src/store/every-task.ts';
import { ask, ownToken, register, serviceOn, settingsFrom } from './live-gatehouse.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';
import { mustOpen } from './store/temp-store.ts';
import { addTask, ENGINE, REPO, withRepo } from './store/world.ts';

const TASKS = 120;

interface Queue {
  readonly total: number;
  readonly cursor: string | null;
  readonly tasks: readonly { readonly id: string }[];
  readonly jobs: { readonly total: number; readonly live: readonly { readonly id: number }[] };
}

describe('a service with more tasks than a page holds', () => {
  let service: RunningService;
  const add = (id: string, atMs: number) => addTask(service.context.store, id, { repoId: 'a', atMs });

  beforeEach(async () => {
    const forge = await Forge.make(PROJECT);
    service = await serviceOn(join(scratchFolder(), 'data'));
    for (const id of ['a', 'b', 'c']) await register(service, forge.path, id);
    await ask(service, '/pause', { body: {} });
    // Many of them were added within one millisecond.
    for (let at = 0; at < TASKS; at += 1) await add(`t${at}`, 1_000 + Math.floor(at / 7));
    await service.context.store.addProbe({ repoId: 'b', step: 'probe-test', delayMs: 0, atMs: 1 });
  });

  async function queuePages(limit: string): Promise<readonly Queue[]> {
    const pages: Queue[] = [];
    for (let cursor = ''; ; ) {
      const page = (await ask(service, `/queue?${limit}${cursor}`)).json as Queue;
      pages.push(page);
      if (page.cursor === null) return pages;
      cursor = `&cursor=${page.cursor}`;
      await add(`new-${pages.length}-${limit}`, 9_000);
    }
  }

  test('the queue has every task and job once, whatever the size of a page and whatever is added meanwhile', async () => {
    let before = 0;
    for (const [limit, size] of [
      ['', 50],
      ['limit=17', 17],
    ] as const) {
      const pages = await queuePages(limit);
      expect(pages[0]?.tasks).toHaveLength(size);
      expect(pages[0]).toMatchObject({ total: TASKS + before, jobs: { total: TASKS + before + 1 } });
      const tasks = pages.flatMap((page) => page.tasks.map(({ id }) => id));
      const jobs = pages.flatMap((page) => page.jobs.live.map(({ id }) => id));
      expect([tasks.length, new Set(tasks).size]).toEqual([TASKS + before, TASKS + before]);
      expect([jobs.length, new Set(jobs).size]).toEqual([TASKS + before + 1, TASKS + before + 1]);
      before += pages.length - 1;
    }
  });

  test('every other list keeps its shape and says beside it how many there are and where it goes on', async () => {
    const { store } = service.context;
    await store.appendEvent({ repoId: 'a', taskId: 't1', kind: 'noted', body: {}, actor: 'test', at: 1 });
    for (const [path, total] of [
      ['/tasks', TASKS],
      ['/repos', 3],
      ['/leases', 3],
      ['/tasks/t1/events', 2],
    ] as const) {
      const rows: unknown[] = [];
      for (let next: string | undefined = `${path}?limit=2`; next !== undefined; ) {
        const told = await ask(service, next);
        expect([path, told.status, told.headers['x-total-count']]).toEqual([path, 200, String(total)]);
        rows.push(...(told.json as unknown[]));
        next = /^<(.*)>; rel="next"$/.exec(String(told.headers['link'] ?? ''))?.[1];
        expect(next?.includes(`cursor=${String(told.headers['x-next-cursor'])}`) ?? true).toBe(true);
      }
      expect([path, rows.length, new Set(rows.map((row) => JSON.stringify(row))).size]).toEqual([path, total, total]);
    }
    for (const path of [
      '/queue?limit=0',
      '/queue?limit=1001',
      '/tasks?cursor=abc',
      '/repos?cursor=',
      '/leases?limit=x',
    ]) {
      const { status, json } = await ask(service, path);
      expect([status, (json as { detail: string }).detail]).toEqual([400, expect.stringMatching(/^(limit|cursor): /)]);
    }
  });

  test('the commands follow the pages, and the board says what it leaves out', async () => {
    const api = await apiClient(settingsFrom({}), { url: service.url, token: ownToken(service) });
    const small = { ...api, get: (path: string) => api.get(path.replace('limit=1000', 'limit=40')) };
    const count = async (answer: ReturnType<typeof queue>, name: string) =>
      ((await answer).json as Record<string, unknown[]>)[name]?.length;
    expect(await count(queue(small), 'tasks')).toBe(TASKS);
    expect(await count(taskList(small), 'tasks')).toBe(TASKS);
    expect(await count(repoList(small), 'repos')).toBe(3);
    const board = (await ask(service, '/board/tasks')).text;
    expect(board).toContain(`50 of ${TASKS}`);
    const older = /href="(\/board\/tasks\?cursor=[^"]+)"/.exec(board)?.[1] ?? '';
    expect((await ask(service, older)).text).toContain('t69');
    expect(board).not.toContain('>t69<');
  });
});

test('every task of a repository is visited once, also behind a page and while the visitor changes them', async () => {
  const store = mustOpen(':memory:');
  await withRepo(store);
  for (let at = 0; at < 1_203; at += 1) await addTask(store, `t${at}`, { atMs: Math.floor(at / 9) });
  const seen: string[] = [];
  for await (const { id } of everyTask(store, { repoId: REPO, live: true })) {
    seen.push(id);
    await store.applyEvent({ taskId: id, event: { kind: 'branch-gone', atMs: 1 }, engine: ENGINE });
  }
  expect([seen.length, new Set(seen).size]).toEqual([1_203, 1_203]);
  await store.close();
});
