import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { shownText } from '../src/cli/answer.ts';
import { queue as printQueue } from '../src/cli/remote-commands.ts';
import type { RunningService } from '../src/running-service.ts';
import { ask, atRest, enqueue, hurryProbe, register, serviceOn, stopService, taskOf, until } from './live-gatehouse.ts';
import { type Change, Forge, PROJECT, scratchFolder } from './scratch-forge.ts';
import { testWhole } from './tool-tests.ts';

interface Shown {
  readonly breakers: readonly { readonly cause: string; readonly state: string; readonly probe_at: string | null }[];
  readonly tasks: readonly { readonly id: string; readonly reason: string | null }[];
}
const queueOf = async (service: RunningService): Promise<Shown> => (await ask(service, '/queue')).json as Shown;
const openCauses = async (service: RunningService): Promise<string[]> =>
  (await queueOf(service)).breakers.filter(({ state }) => state === 'open').map(({ cause }) => cause);
const infraVerdicts = async (service: RunningService, id: string): Promise<number> =>
  (await taskOf(service, id)).checks.filter(
    ({ check, status }) => check === 'check_branch_mergeable' && status === 'defer',
  ).length;
const countsOf = async ({ context }: RunningService, id: string) =>
  (await context.store.getTask(id))?.state.counts ?? {};

/** A project whose tests stop at what a file outside of it says: the state of the machine, for all to meet. */
const machine = (folder: string): Change => ({
  ...PROJECT,
  'check.sh': `[ -e hang ] && sleep 60\nif [ -e "${folder}/full" ]; then echo "No space left on device" >&2; exit 1; fi\nif [ -e "${folder}/slow" ]; then sleep 60; fi\n${PROJECT['check.sh']}`,
  'gatehouse.yaml': 'version: 1\ntest: { command: sh check.sh, timeout: 4s }\n',
});
const runsOf = async ({ context }: RunningService, purpose: string) =>
  (await context.store.commandRuns({ repoId: 'app' })).filter((run) => run.purpose === purpose);

async function started(folder: string, branches: Readonly<Record<string, Change>>, env = {}) {
  const forge = await Forge.make(machine(folder), folder);
  for (const [branch, change] of Object.entries(branches)) forge.push({ branch, from: 'main' }, change);
  const service = await serviceOn(join(folder, 'data'), env);
  await register(service, forge.path);
  return { forge, service };
}

describe('a machine whose faults stop every task', () => {
  test('a full disk opens a breaker at once: the task waits unharmed, main is probed, and it lands when main runs', async () => {
    const folder = scratchFolder();
    writeFileSync(join(folder, 'full'), '');
    const { service } = await started(folder, { one: { 'a.txt': 'a' }, two: { 'b.txt': 'b' } });
    const [one, two] = [await enqueue(service, 'one'), await enqueue(service, 'two')];
    await until('the probe met it, too', async () => (await runsOf(service, 'probe')).length === 1);
    const shown = await until('the probe was put off', async () => {
      const queue = await queueOf(service);
      return queue.breakers.some(({ state, probe_at }) => state === 'open' && probe_at !== null) && queue;
    });
    expect(shown.breakers).toMatchObject([
      { cause: 'test-disk', state: 'open', repo: 'app', host: service.context.host },
    ]);
    for (const id of [one, two])
      expect(shown.tasks.find((task) => task.id === id)?.reason).toMatch(/until main itself runs again: test-disk/);
    for (const id of [one, two]) expect(await countsOf(service, id)).toEqual({});
    expect((await infraVerdicts(service, one)) + (await infraVerdicts(service, two))).toBe(1);
    expect(await service.context.store.currentLease('app')).toBeNull();
    const printed = await printQueue({ get: async () => ({ kind: 'ok', body: shown }), post: () => Promise.reject() });
    expect(shownText(printed, {})).toMatch(
      /^OPEN app: test-disk on .+; its gates wait until main itself runs \(next look .+Z\)\n/,
    );
    rmSync(join(folder, 'full'));
    await hurryProbe(service);
    for (const id of [one, two]) expect(await atRest(service, id)).toMatchObject({ stage: 'done' });
    expect((await queueOf(service)).breakers).toEqual([]);
  });

  testWhole(
    'deadlines that two tasks meet in a row open one; a service that starts anew still waits, and still probes',
    async () => {
      const folder = scratchFolder();
      writeFileSync(join(folder, 'slow'), '');
      const { service: first } = await started(folder, { one: { 'a.txt': 'a' }, two: { 'b.txt': 'b' } });
      const ids = [await enqueue(first, 'one'), await enqueue(first, 'two')];
      await until('it opens', async () => (await openCauses(first)).includes('test-timeout'));
      await stopService(first);
      const service = await serviceOn(join(folder, 'data'));
      expect(await openCauses(service)).toEqual(['test-timeout']);
      rmSync(join(folder, 'slow'));
      await hurryProbe(service);
      for (const id of ids) expect(await atRest(service, id)).toMatchObject({ stage: 'done' });
    },
  );

  testWhole(
    'coverage that cannot be measured lets tasks pass, and keeps the next ones waiting until main can be measured',
    async () => {
      const folder = scratchFolder();
      writeFileSync(join(folder, 'slow'), '');
      const forge = await Forge.make(
        {
          ...PROJECT,
          'cover.sh': `if [ -e "${folder}/slow" ]; then sleep 60; fi\n${PROJECT['cover.sh']}`,
          'gatehouse.yaml': `${PROJECT['gatehouse.yaml']}`.replace(/(coverage:.*)timeout: 60s/, '$1timeout: 4s'),
        },
        folder,
      );
      for (const branch of ['one', 'two']) forge.push({ branch, from: 'main' }, { [branch]: branch });
      const service = await serviceOn(join(folder, 'data'));
      await register(service, forge.path);
      const ids = [await enqueue(service, 'one'), await enqueue(service, 'two')];
      await until('it opens', async () => (await openCauses(service)).includes('coverage-timeout'));
      await until('main was measured in vain', async () => (await runsOf(service, 'probe coverage')).length > 0);
      rmSync(join(folder, 'slow'));
      await hurryProbe(service);
      for (const id of ids) expect(await atRest(service, id)).toMatchObject({ stage: 'done' });
      const [last] = await runsOf(service, 'probe coverage');
      expect(last).toMatchObject({ outcome: 'green', taskId: null });
    },
  );

  test('a forge that is unreachable costs no task an attempt, whichever task asks', async () => {
    const folder = scratchFolder();
    const { forge, service } = await started(folder, { one: { 'a.txt': 'a' } });
    await ask(service, '/pause', { body: {} });
    const id = await enqueue(service, 'one');
    renameSync(forge.path, `${forge.path}.away`);
    await ask(service, '/resume', { body: {} });
    await until('it opens', async () => (await openCauses(service)).includes('forge-network'));
    expect(await countsOf(service, id)).toEqual({});
    renameSync(`${forge.path}.away`, forge.path);
    await hurryProbe(service);
    expect(await atRest(service, id)).toMatchObject({ stage: 'done' });
  });
});

describe('a branch that is in its own way', () => {
  testWhole('one that hangs on purpose opens nothing, whatever it is tried, and is blocked alone', async () => {
    const { service } = await started(scratchFolder(), { hangs: { hang: '' }, good: { 'a.txt': 'a' } });
    const hangs = await enqueue(service, 'hangs');
    expect(await atRest(service, hangs)).toMatchObject({
      status: 'blocked',
      reason: expect.stringMatching(/4 times infra/),
    });
    expect(await runsOf(service, 'probe')).toEqual([]);
    expect(await atRest(service, await enqueue(service, 'good'))).toMatchObject({ stage: 'done' });
    // The good run reset the streak.
    expect((await queueOf(service)).breakers).toEqual([]);
  });

  testWhole('two of one author cost one probe, and are then blocked while others land', async () => {
    const { service } = await started(scratchFolder(), {
      'hangs-1': { hang: '' },
      'hangs-2': { hang: '2' },
      good: { 'a.txt': 'a' },
    });
    const hanging = [await enqueue(service, 'hangs-1'), await enqueue(service, 'hangs-2')];
    for (const id of hanging) expect(await atRest(service, id)).toMatchObject({ status: 'blocked' });
    expect(await runsOf(service, 'probe')).toMatchObject([{ outcome: 'green' }]);
    expect(await atRest(service, await enqueue(service, 'good'))).toMatchObject({ stage: 'done' });
  });

  testWhole(
    'one that speaks of a full disk each time costs one probe, and its further attempts are its own',
    async () => {
      const lies = { 'check.sh': 'echo "No space left on device" >&2; exit 1\n' };
      const { service } = await started(scratchFolder(), { liar: lies, good: { 'a.txt': 'a' } });
      const liar = await enqueue(service, 'liar');
      const task = await atRest(service, liar);
      expect(task).toMatchObject({ status: 'blocked', reason: expect.stringMatching(/4 times infra/) });
      // One attempt was postponed, four were its own.
      expect(await infraVerdicts(service, liar)).toBe(5);
      expect(await runsOf(service, 'probe')).toMatchObject([{ outcome: 'green' }]);
      expect(await atRest(service, await enqueue(service, 'good'))).toMatchObject({ stage: 'done' });
    },
  );

  testWhole(
    'a main that is red itself keeps no breaker open: what ends by itself shows that the machine works',
    async () => {
      const folder = scratchFolder();
      writeFileSync(join(folder, 'full'), '');
      const { forge, service } = await started(folder, { one: { 'a.txt': 'a' } });
      forge.push({ branch: 'main' }, { broken: '' });
      forge.push({ branch: 'heals', from: 'main' }, { broken: null });
      const heals = await enqueue(service, 'heals');
      await until('it opens', async () => (await openCauses(service)).length > 0);
      rmSync(join(folder, 'full'));
      await hurryProbe(service);
      expect(await atRest(service, heals)).toMatchObject({ stage: 'done' });
    },
  );
});
