/**
 * Every stage against everything that its agent can do wrong: where the task rests, what a person reads, what the developer is told, and
 * that a retry with a mended agent goes on. A part of the table is played everywhere, all of it with GATEHOUSE_REQUIRE_TOOLS=1.
 */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { processesNaming } from '../src/platform/processes.ts';
import type { RunningService } from '../src/running-service.ts';
import { CELLS, type Cell, FAULTS, type Fault, type Stage } from './agent-stages/cells.ts';
import { Desk } from './agent-stages/desk.ts';
import { askFor, registerFull } from './full-profile.ts';
import { ask, ownToken, type ShownTask, serviceForAll, taskOf, until } from './live-gatehouse.ts';
import { cli } from './recording-terminal.ts';
import { scratchFolder } from './scratch-forge.ts';
import { serviceProcess } from './service-faults/service-process.ts';
import { isWhole, testWhole } from './tool-tests.ts';

const STAGES = Object.keys(CELLS) as Stage[];
const PART: readonly `${Stage} ${Fault}`[] = ['development no change', 'review wrong value', 'testing old attempt'];

let desk: Desk;
let service: RunningService;
let count = 0;
beforeAll(async () => {
  desk = await Desk.make();
  service = await serviceForAll(desk.full.folder, {
    ORCH_POLL_S: '0.3',
    ORCH_MERGE_INFRA_RETRY_MAX: '0',
    ORCH_MAX_DEVELOPER_RETRIES: '1',
  });
  await registerFull(service, desk.full);
});

const isOver = ({ stage, status }: ShownTask): boolean =>
  stage === 'done' || stage === 'cancelled' || status === 'blocked';

/** Goes on until it rests, with a person who says yes to every analysis but that of a cell about it. */
const atRest = (id: string, stage: Stage): Promise<ShownTask> =>
  until(`${id} rests`, async () => {
    const task = await taskOf(service, id);
    if (isOver(task) || (stage === 'analysis' && task.status === 'waiting')) return task;
    if (task.status === 'waiting' && task.stage === 'analysis')
      await ask(service, `/tasks/${id}/approve`, { body: {} });
    return null;
  });

async function begin(stage: Stage, code: string): Promise<{ id: string; key: string }> {
  count += 1;
  const key = `S-${count}`;
  desk.arm(key, stage, code);
  return { id: await askFor(service, { key, title: `${stage} of ${key}` }), key };
}

async function stopWhenItHangs(id: string, key: string): Promise<void> {
  await until('the agent hangs', async () => {
    const task = await taskOf(service, id);
    if (task.status === 'waiting') await ask(service, `/tasks/${id}/approve`, { body: {} });
    return desk.hangs(key);
  });
  expect((await ask(service, `/tasks/${id}/stop`, { body: { reason: 'not wanted' } })).text).toMatch(
    /"outcome":"(?:stopping|deferred)"/,
  );
}

/** A person who mends the agent and types the retry sees the task go on; a stopped or refused one stays as it is. */
async function mended(id: string, { key, stage }: { key: string; stage: Stage }): Promise<void> {
  desk.calm(key, stage);
  const before = await taskOf(service, id);
  if (before.status !== 'blocked') return;
  const typed = await cli(['task', 'retry', id, '--url', service.url, '--token', ownToken(service)]);
  expect([typed.exit, typed.err]).toEqual([0, '']);
  await until(`${id} is past ${stage}`, async () => {
    const task = await taskOf(service, id);
    if (task.status === 'blocked') throw new Error(`blocked: ${task.reason}`);
    return (
      task.status === 'waiting' || task.stage === 'done' || STAGES.indexOf(task.stage as Stage) > STAGES.indexOf(stage)
    );
  });
  await ask(service, `/tasks/${id}/stop`, { body: {} });
}

async function play(stage: Stage, fault: Fault, { code, rests, says, brief }: Cell): Promise<void> {
  const { id, key } = await begin(stage, code);
  if (fault === 'stopped') await stopWhenItHangs(id, key);
  const task = await atRest(id, stage);
  expect([task.stage, task.status]).toEqual(rests);
  expect(task.reason).toMatch(says);
  const shown = await cli(['task', 'show', id, '--url', service.url, '--token', ownToken(service)]);
  expect(shown.out.split('\n')[0]).toContain((task.reason ?? '').split('\n')[0]);
  const again = desk.prompt(key, 'development', 2);
  if (brief === undefined) expect(again).toBeNull();
  else expect(again).toMatch(brief);
  expect(await processesNaming(`${key}.hangs`)).toEqual([]);
  const isDevelopers = stage === 'development' && brief !== undefined;
  if (!isDevelopers) await mended(id, { key, stage });
  else await ask(service, `/tasks/${id}/stop`, { body: {} });
}

describe.each(STAGES)('%s:', (stage) => {
  for (const fault of FAULTS) {
    const isPlayed = isWhole || PART.includes(`${stage} ${fault}`);
    const title = isPlayed ? fault : `${fault} [skipped: GATEHOUSE_REQUIRE_TOOLS=1 runs it]`;
    (isPlayed ? test : test.skip)(title, () => play(stage, fault, CELLS[stage][fault]));
  }
});

testWhole('a service that is killed in any stage goes on with it', async () => {
  const own = await Desk.make({ timeout: '60s' });
  const world = { path: process.env['PATH'] ?? '', desk: scratchFolder() };
  const more = { ORCH_MAX_CONCURRENCY: String(STAGES.length) };
  const first = await serviceProcess(world, own.full.folder, more);
  await registerFull(first, own.full);
  const keys = STAGES.map((stage) => `D-${stage}`);
  for (const [at, stage] of STAGES.entries())
    own.arm(
      keys[at] ?? '',
      stage,
      `[ -e "$DESK/$GATEHOUSE_TASK_NAME.hangs" ] && { usual; return; }; : > "$DESK/$GATEHOUSE_TASK_NAME.hangs"; sleep 600`,
    );
  const ids: string[] = [];
  for (const key of keys) ids.push(await askFor(first, { key, title: 'Go on' }));
  const approveAll = async (door: Parameters<typeof ask>[0]) => {
    for (const id of ids)
      if ((await taskOf(door, id)).status === 'waiting') await ask(door, `/tasks/${id}/approve`, { body: {} });
  };
  await until('all of them hang', async () => {
    await approveAll(first);
    return keys.every((key) => own.hangs(key));
  });
  first.kill();
  await until('it is gone', async () => first.endedBy() === 'SIGKILL');
  const again = await serviceProcess(world, own.full.folder, more);
  await until('all are done', async () => {
    await approveAll(again);
    const tasks = await Promise.all(ids.map((id) => taskOf(again, id)));
    const blocked = tasks.find(({ status }) => status === 'blocked');
    if (blocked !== undefined) throw new Error(`blocked: ${blocked.reason}`);
    return tasks.every(({ stage }) => stage === 'done');
  });
  for (const key of keys) expect(own.full.forge.git('show', `main:${key}.txt`)).toMatch(new RegExp(`^${key} `));
  again.kill();
  await until('the second is gone', async () => again.endedBy() === 'SIGKILL');
});
