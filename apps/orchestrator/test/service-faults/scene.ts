/** One row while it is played: what the service reports, how it ends, and what must hold then. */
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { namesIn } from '../../src/platform/files.ts';
import { processesNaming } from '../../src/platform/processes.ts';
import type { RunningService } from '../../src/running-service.ts';
import { reap } from '../../src/worker/reaper.ts';
import { ask, hurryProbe, type ShownTask, taskOf, until } from '../live-gatehouse.ts';
import type { Forge } from '../scratch-forge.ts';
import type { Place, Row } from './rows.ts';
import type { SmallWorld } from './small-world.ts';

export interface Scene {
  readonly row: Pick<Row, 'end' | 'thaw'>;
  readonly world: SmallWorld;
  readonly service: RunningService;
  readonly repo: string;
  readonly forge: Forge;
  /** Where main was. */
  readonly before: string;
  /** Where the log stood. */
  readonly since: number;
}

/** Everything that is said there of the task, since the row began. */
export async function heard(place: Place, { world, service, since }: Scene, id: string): Promise<string> {
  const log = world.lines.slice(since);
  switch (place) {
    case 'alert':
      return log.filter((line) => line.includes('ALERT')).join('\n');
    case 'log':
      return log.join('\n');
    case 'queue': {
      const { tasks } = (await ask(service, '/queue')).json as { tasks: { id: string; reason: string | null }[] };
      return tasks.find((task) => task.id === id)?.reason ?? '';
    }
    case 'task':
      return `${JSON.stringify(await taskOf(service, id))}\n${(await ask(service, `/tasks/${id}/events`)).text}`;
    case 'runs':
      return JSON.stringify(await service.context.store.commandRuns({ taskId: id }));
    case 'answer':
      return '';
  }
}

/** What only time would do is done at once: probes come, and claims that no worker has any more expire. */
export async function atEnd({ row, repo, service }: Scene, id: string): Promise<ShownTask> {
  if (row.thaw === true) {
    await until('it is blocked', async () => (await taskOf(service, id)).status === 'blocked');
    await ask(service, `/repos/${repo}/thaw`, { body: {} });
    await ask(service, `/tasks/${id}/retry`, { body: {} });
  }
  return until(`${id} is over`, async () => {
    const task = await taskOf(service, id);
    if (task.stage === 'done' || task.stage === 'cancelled') return task;
    if (task.status === 'blocked') throw new Error(`blocked: ${task.reason}`);
    await hurryProbe(service);
    await runOut(service);
    await reap(service.context);
    return false;
  });
}

/** A claim that no worker has any more expires, as a minute would do it. */
export async function runOut({ context }: RunningService): Promise<void> {
  const { store, activeClaims, workerId } = context;
  const leased = (await store.listJobs({ live: true })).filter(({ state }) => state === 'leased');
  if (leased.length === 0 || leased.some(({ taskId }) => activeClaims.of(taskId).length > 0)) return;
  const nowMs = Date.now() + 120_000;
  await store.reapExpired({ nowMs, workerId, leaseMs: 1, maxAttempts: 99, maxRunningMs: 9_999_999 });
}

export async function expectNothingLost(scene: Scene, task: ShownTask): Promise<void> {
  const { row, repo, forge, before, world, service } = scene;
  const { end, thaw = false } = row;
  const { store, dataDir } = service.context;
  expect(task.stage).toBe(end ?? 'done');
  expect(task.checks.filter(({ status }) => status === 'fail')).toEqual([]);
  expect((await store.listJobs({ taskId: task.id })).filter(({ kind }) => kind === 'agent')).toEqual([]);
  const events = (await ask(service, `/tasks/${task.id}/events`)).text;
  expect(events).not.toMatch(/"removed"/);
  const landings = [...events.matchAll(/"kind":"landed"/g)].length;
  expect(landings).toBe(end === 'cancelled' ? 0 : 1);
  // Main only went forward, and each of our own moves is there once.
  const moves = forge.mainMoves();
  expect(moves[0]).toBe(before);
  if (!thaw)
    for (const [at, to] of moves.entries())
      if (at > 0) expect(forge.git('merge-base', moves[at - 1] ?? '', to)).toBe(moves[at - 1]);
  expect(moves.filter((to) => to === task.landed_sha)).toHaveLength(end === 'cancelled' ? 0 : thaw ? 2 : 1);
  if (end !== 'cancelled') expect(forge.git('show', 'main:a.txt')).toMatch(/^the change/);
  expect(await store.currentLease(repo)).toBeNull();
  expect((await store.listBreakers(repo)).filter(({ state }) => state === 'open')).toEqual([]);
  await until('no process is left', async () => (await processesNaming(world.desk))?.length === 0);
  await until('its slot is gone', async () => (await namesIn(join(dataDir, 'slots', repo))).length === 0);
}
