/** A task that stands still although nothing explains it is told: in its warnings, and by one alert. */
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { composeService } from '../src/compose.ts';
import { showTask, standstills } from '../src/http/shown-tasks.ts';
import { describeStandstill, mayStandStill, type Standing } from '../src/http/standstill.ts';
import { jsonLog } from '../src/platform/logger.ts';
import type { Job, Task } from '../src/store/port/index.ts';
import { tellStandstills } from '../src/worker/standstill-watcher.ts';
import { settingsFrom } from './live-gatehouse.ts';
import { scratchFolder } from './scratch-forge.ts';
import { addTask, withRepo } from './store/world.ts';

describe('what counts as standing still', () => {
  const HOUR = 3_600_000;
  const task = (more: Partial<Task> = {}) =>
    ({ stage: 'development', status: 'active', updatedAt: 0, timerDueAt: null, ...more }) as Task;
  const job = (more: Partial<Job>) =>
    ({ id: 7, step: 'check_ci_green', state: 'ready', availableAt: 0, ...more }) as Job;
  const seen = (more: Partial<Standing> = {}): Standing => ({
    nowMs: HOUR,
    afterMs: 900_000,
    job: undefined,
    reason: null,
    ...more,
  });

  test.each<[string, Task, Standing, RegExp | null]>([
    [
      'a job nobody claims',
      task(),
      seen({ job: job({}) }),
      /nothing holds job 7 \(check_ci_green\) back.*1970-01-01T00:00/,
    ],
    ['a job that became due a moment ago', task(), seen({ job: job({ availableAt: HOUR - 1 }) }), null],
    ['a job that is held back by a rule', task(), seen({ job: job({}), reason: 'app is paused' }), null],
    ['a worker that went silent', task(), seen({ job: job({ state: 'leased', leaseUntil: 1 }) }), /job 7.*is silent/],
    ['a worker at work', task(), seen({ job: job({ state: 'leased', leaseUntil: HOUR }) }), null],
    ['a timer nobody answers', task({ timerDueAt: 1 }), seen({ reason: 'main is red' }), /its timer is due/],
    ['a timer of tomorrow', task({ timerDueAt: HOUR * 24 }), seen(), null],
    ['nothing that could move it', task(), seen(), /no job, no timer and nothing/],
    ['a person it waits for', task(), seen({ reason: 'waits for an approval' }), null],
    ['a stop that is not over', task({ status: 'stopping', cancelRequestedAt: 1 }), seen(), /asked to stop/],
    ['a task that is blocked', task({ status: 'blocked' }), seen(), null],
    ['a task that is done', task({ stage: 'done' }), seen(), null],
  ])('%s', (_title, about, standing, words) => {
    const told = describeStandstill(about, standing);
    // What its own row rules out is never told: such tasks are not looked at any further.
    const waiting = standing.reason === null ? null : { reason: standing.reason };
    if (!mayStandStill({ ...about, state: { waiting } } as Task, standing)) expect(words).toBeNull();
    if (words === null) expect(told).toBeNull();
    else expect(told).toMatch(words);
  });
});

test('in a service it is a warning of the task and one alert, once two passes saw it', async () => {
  const lines: string[] = [];
  const log = jsonLog((line) => lines.push(line));
  const opened = await composeService(settingsFrom({ ORCH_DATA_DIR: join(scratchFolder(), 'data') }), log);
  if (opened.kind !== 'open') throw new Error(opened.problem);
  const service = opened.context;
  const { store } = service;
  try {
    await withRepo(store);
    const task = await addTask(store, 'mine', { atMs: service.now() });
    expect(await standstills(service)).toEqual([]);
    const later = { ...service, now: () => service.now() + 3_600_000 };
    const raised = () => lines.filter((line) => line.includes('a task stands still')).length;
    let seen = await tellStandstills(later, await standstills(later), new Set());
    await log.settled();
    expect([raised(), seen.size]).toEqual([0, 1]);
    for (const _ of [1, 2]) seen = await tellStandstills(later, await standstills(later), seen);
    await log.settled();
    expect(raised()).toBe(1);
    const mail = await store.claimOutbox({ nowMs: later.now(), leaseMs: 1000, limit: 10 });
    expect(mail.filter(({ kind }) => kind === 'alert')).toEqual([expect.objectContaining({ taskId: task.id })]);
    expect((await showTask(later, task)).warnings.join()).toContain('no worker claims it');
    const text = await service.metrics.text(await store.queueCounts(later.now()));
    expect(text).toMatch(/^gatehouse_tasks_standing_still 1$/m);
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
    const lockWaits = { count: 3, totalMs: 1500 };
    const watched = { condition: 'failing', lockWaits, foreign: ['app'], streams: 3 } as const;
    const failing = await service.metrics.text(await store.queueCounts(later.now()), watched);
    expect(failing).toMatch(/^gatehouse_store_sound 0$/m);
    expect(failing).toMatch(/^gatehouse_store_lock_waits 3\n[\s\S]*^gatehouse_store_lock_wait_seconds 1.5$/m);
    expect(failing).toContain('gatehouse_forge_foreign{repo="app"} 1');
    expect(failing).toContain('gatehouse_event_streams 3');
  } finally {
    await opened.close();
  }
});
