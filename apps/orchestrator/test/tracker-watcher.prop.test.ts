/**
 * Histories of an issue against what may become of its task: statuses that change unseen, late and doubled deliveries, renames,
 * deletions, lost comments, restarts. Never two live tasks, never one more task than the status was entered, none that outlives
 * a stop or its issue. With GATEHOUSE_REQUIRE_TOOLS=1 two hundred of them.
 */

import { Plane, type PlaneItem } from '@gatehouse/doubles';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { silentLog } from '../src/platform/logger.ts';
import type { NewTask, Store, Task } from '../src/store/port/index.ts';
import { openSqliteStore } from '../src/store/sqlite/open.ts';
import { planeClient } from '../src/trackers/plane/client.ts';
import { planeTracker } from '../src/trackers/plane/plane.ts';
import { parseStateNames } from '../src/trackers/plane/states.ts';
import { readIssueAgain, type WatchesTracker, watchTracker } from '../src/worker/tracker-watcher.ts';
import { settingsFrom } from './live-gatehouse.ts';
import { ENGINE, withRepo } from './store/world.ts';
import { isWhole } from './tool-tests.ts';

const NAMES = ['Backlog', 'To Analyse', 'Approved', 'STOP'];
const RUNS = isWhole ? 200 : 20;
const { signal } = new AbortController();

const step = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...NAMES).map((state) => ({ do: 'move', state }) as const) },
  { weight: 5, arbitrary: fc.constant({ do: 'poll' } as const) },
  { weight: 4, arbitrary: fc.constant({ do: 'hint' } as const) },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom('touch', 'end', 'settle', 'restart', 'rename', 'stale', 'lost', 'crash')
      .map((what) => ({ do: what }) as const),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'delete' } as const) },
);

let plane: Plane;
let url: string;
beforeAll(async () => {
  plane = new Plane();
  url = await plane.start();
});
afterAll(() => plane.close());

interface World {
  readonly store: Store;
  readonly item: PlaneItem;
  readonly project: string;
  nowMs: number;
  tasks: number;
  isCrashing: boolean;
}

/** The service's side, opened anew by a restart. */
function opened(world: World): { poll: () => Promise<void>; hint: () => Promise<void> } {
  const { store } = world;
  const now = () => (world.nowMs += 61_000);
  const names = parseStateNames([]) as Exclude<ReturnType<typeof parseStateNames>, string>;
  const client = planeClient({ url, token: plane.token, workspace: plane.workspace, now });
  const identifier = plane.projects.find(({ id }) => id === world.project)?.identifier ?? '';
  const service: WatchesTracker = {
    store: {
      ...store,
      recordIssue: (record) => (world.isCrashing ? Promise.reject(new Error('killed')) : store.recordIssue(record)),
    },
    tracker: planeTracker({
      client,
      projects: new Map([[identifier, 'demo']]),
      names,
      memory: store,
      webhookSecret: 's',
      now,
    }),
    engine: ENGINE,
    log: silentLog,
    now,
    settings: settingsFrom({}),
    wakeup: { notify: () => undefined, wait: async () => undefined },
    admitTask: async ({ repo, key, title }) => {
      world.tasks += 1;
      const task: NewTask = {
        id: `t${world.tasks}`,
        repoId: repo,
        profile: 'full',
        branch: `feature/${key}-${world.tasks}`,
        key,
        title,
        actor: 'tracker',
        atMs: world.nowMs,
      };
      return { kind: 'admitted', task };
    },
  };
  const request = async ({ taskId, reason, actor }: { taskId: string; reason: string; actor: string }) => {
    await store.requestStop({ taskId, reason, actor, atMs: world.nowMs, engine: ENGINE });
    return { kind: 'unknown-task' } as never;
  };
  const turn = { next: 0 };
  const unlessKilled = (work: Promise<void>): Promise<void> =>
    work.catch((thrown: unknown) => {
      if (!world.isCrashing) throw thrown;
    });
  return {
    poll: () => unlessKilled(watchTracker(service, { request }, { signal, turn })),
    hint: () => unlessKilled(readIssueAgain(service, { request }, `${world.project}/${world.item.id}`)),
  };
}

const live = async ({ store }: World): Promise<readonly Task[]> => store.listTasks({ live: true });

test('no history resurrects a task, doubles one, or lets one outlive its stop', async () => {
  let number = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
      number += 1;
      const file = openSqliteStore(':memory:');
      if (file.kind === 'refused') throw file.trouble;
      const project = plane.addProject(`P${number}`, NAMES);
      const item = plane.addItem(project, 'work', { state: 'Backlog' });
      const world: World = {
        store: await withRepo(file.store),
        item,
        project,
        nowMs: 1_000_000,
        tasks: 0,
        isCrashing: false,
      };
      let entered = 0;
      let isGone = false;
      let service = opened(world);
      const observe = async (how: () => Promise<void>): Promise<void> => {
        await how();
        const tasks = await live(world);
        expect(tasks.length).toBeLessThanOrEqual(1);
        const wish = isGone
          ? 'gone'
          : (plane.projects.find(({ id }) => id === project)?.states.findIndex(({ id }) => id === item.state) ?? 0);
        const isQuiet = plane.faults.fired.length === fired;
        fired = plane.faults.fired.length;
        if ((wish === 'gone' || wish === 3) && isQuiet && !world.isCrashing)
          expect(tasks.filter(({ cancelRequestedAt }) => cancelRequestedAt === null)).toEqual([]);
        expect(world.tasks).toBeLessThanOrEqual(entered);
      };
      let fired = plane.faults.fired.length;
      for (const { do: what, ...more } of steps) {
        if (what === 'move' && !isGone) {
          const to = plane.projects.find(({ id }) => id === project)?.states[
            NAMES.indexOf((more as { state: string }).state)
          ];
          if (to === undefined || to.id === item.state) continue;
          plane.move(item, to.name);
          if (to.id === plane.projects.find(({ id }) => id === project)?.states[1]?.id) entered += 1;
        }
        if (what === 'poll') await observe(service.poll);
        if (what === 'hint') await observe(service.hint);
        if (what === 'touch' && !isGone) plane.touch(item);
        if (what === 'delete') {
          plane.items.delete(item.id);
          isGone = true;
        }
        if (what === 'rename') {
          const state = plane.projects.find(({ id }) => id === project)?.states[1];
          // A name that was never found is no status that can be known by its id.
          const known = (await world.store.trackerStates()).some(({ stateId }) => stateId === state?.id);
          if (state !== undefined && known) state.name = `Renamed ${state.name}`.slice(0, 60);
        }
        if (what === 'restart') service = opened(world);
        if (what === 'stale') plane.faults.plan({ kind: 'stale', on: ({ path }) => path.includes(item.id) });
        if (what === 'lost') plane.faults.plan({ kind: 'cut', on: ({ path }) => path.includes('work-items') });
        if (what === 'crash') {
          world.isCrashing = true;
          await observe(service.poll);
          world.isCrashing = false;
          service = opened(world);
        }
        if (what === 'end' || what === 'settle')
          for (const { id, cancelRequestedAt } of await live(world)) {
            if (what === 'settle' && cancelRequestedAt === null) continue;
            if (what === 'end')
              await world.store.requestStop({
                taskId: id,
                reason: 'api',
                actor: 'a',
                atMs: world.nowMs,
                engine: ENGINE,
              });
            const event = { kind: 'stop-settled', verified: true, atMs: world.nowMs } as const;
            await world.store.applyEvent({ taskId: id, event, engine: ENGINE, actor: 'settler' });
            const trackerUpdatedAt = isGone ? undefined : item.updatedAt;
            await world.store.tombstone({
              taskId: id,
              note: '',
              actor: 'a',
              atMs: world.nowMs,
              ...(trackerUpdatedAt === undefined ? {} : { trackerUpdatedAt }),
            });
          }
      }
      plane.faults.clear();
      const index = plane.projects.findIndex(({ id }) => id === project);
      plane.projects.splice(index, 1);
      plane.items.delete(item.id);
      await file.store.close();
    }),
    { numRuns: RUNS },
  );
});

test('an issue that enters the status is worked on once, and again when it comes back after a stop', async () => {
  const file = openSqliteStore(':memory:');
  if (file.kind === 'refused') throw file.trouble;
  const project = plane.addProject('AGAIN', NAMES);
  const item = plane.addItem(project, 'work', { state: 'To Analyse' });
  const world: World = {
    store: await withRepo(file.store),
    item,
    project,
    nowMs: 1_000_000,
    tasks: 0,
    isCrashing: false,
  };
  const service = opened(world);
  await service.poll();
  await service.hint();
  expect((await live(world)).map(({ key, planeIssueId }) => [key, planeIssueId])).toEqual([
    [`AGAIN-${item.number}`, `${project}/${item.id}`],
  ]);
  plane.move(item, 'STOP');
  await service.poll();
  expect(await live(world)).toEqual([]);
  const task = await world.store.latestTaskOfIssue(`${project}/${item.id}`);
  expect(task?.cancelReason).toContain('asks to stop it');
  await world.store.tombstone({
    taskId: task?.id ?? '',
    note: '',
    actor: 'a',
    atMs: world.nowMs,
    trackerUpdatedAt: item.updatedAt,
  });
  await service.poll();
  expect(await live(world)).toEqual([]);
  plane.move(item, 'To Analyse');
  await service.poll();
  await service.poll();
  expect((await live(world)).map(({ generation }) => generation)).toHaveLength(1);
  expect(world.tasks).toBe(2);
  await file.store.close();
});

test('of more issues than a pass asks for one by one none is left out: the deletion of the last one is seen', async () => {
  const file = openSqliteStore(':memory:');
  if (file.kind === 'refused') throw file.trouble;
  const project = plane.addProject('MANY', NAMES);
  const items = Array.from({ length: 25 }, (_, at) => plane.addItem(project, `work ${at}`, { state: 'To Analyse' }));
  const [item] = items;
  if (item === undefined) throw new Error('no item');
  const world: World = {
    store: await withRepo(file.store),
    item,
    project,
    nowMs: 1_000_000,
    tasks: 0,
    isCrashing: false,
  };
  const service = opened(world);
  await service.poll();
  expect(await live(world)).toHaveLength(25);
  for (const one of items) plane.move(one, 'Backlog');
  for (let pass = 0; pass < 3; pass += 1) await service.poll();
  // The oldest task stands last in the list, behind two passes' worth of others that stay.
  plane.items.delete(item.id);
  for (let pass = 0; pass < 3; pass += 1) await service.poll();
  const stopped = await world.store.latestTaskOfIssue(`${project}/${item.id}`);
  expect([(await live(world)).length, stopped?.cancelReason]).toEqual([24, 'its issue was deleted in the tracker']);
  await file.store.close();
});
