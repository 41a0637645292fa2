/** A person names a task as it is called: by its id, its key or its branch; also one that is over. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type RunningService, startService } from '../src/running-service.ts';
import { ask, atRest, ownToken, register, type ShownTask, settingsFrom, until } from './live-gatehouse.ts';
import { cli } from './recording-terminal.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

let service: RunningService;
beforeAll(async () => {
  const folder = scratchFolder();
  const forge = await Forge.make(PROJECT, folder);
  for (const name of ['one', 'two', 'three', '100%_a'])
    forge.push({ branch: `fix/${name}`, from: 'main' }, { 'a.txt': name });
  const settings = settingsFrom({ ORCH_DATA_DIR: join(folder, 'data'), ORCH_PORT: '0', ORCH_POLL_S: '0.3' });
  const started = await startService(settings, { info: () => {}, warn: () => {}, error: () => {} });
  if (started.kind !== 'running') throw new Error(started.problem);
  service = started;
  for (const id of ['app', 'other']) await register(service, forge.path, id);
  expect((await ask(service, '/pause', { body: {} })).status).toBe(200);
});
afterAll(async () => service.stop());

const type = (...words: string[]) => cli([...words, '--url', service.url, '--token', ownToken(service)]);
async function add(branch: string, body: object = {}): Promise<string> {
  const added = await ask(service, '/tasks', { body: { repo: 'app', branch, ...body } });
  if (added.status !== 201) throw new Error(added.text);
  return (added.json as ShownTask).id;
}

test.each(['show', 'approve', 'retry', 'stop', 'budget', 'override', 'depend'])('task %s', async (command) => {
  const options: { readonly [command: string]: readonly string[] } = {
    budget: ['time=2h'],
    override: ['--check', 'check_ci_green', '--reason', 'because'],
    depend: ['--on', 'fix/nothing'],
  };
  const said = await type('task', command, 'fix/nothing', ...(options[command] ?? []));
  expect(said).toMatchObject({ exit: 2, out: '' });
  expect(said.err).toContain('no task is called "fix/nothing"');
  expect(said.err).toContain('next: gatehouse task ls');
});

test('by key and by branch, live before ended, and a name of two is asked about', async () => {
  const first = await add('fix/one', { key: 'ABC-1' });
  for (const name of [first, 'ABC-1', 'fix/one']) expect((await type('task', 'show', name)).out).toMatch(first);
  const waits = await add('fix/two', { key: 'ABC-2' });
  const depends = await type('task', 'depend', 'ABC-2', '--on', 'ABC-1');
  expect(depends).toMatchObject({ exit: 0, out: `${waits} waits for ${first}\n` });
  const added = await type('task', 'add', '--repo', 'app', '--branch', 'fix/three', '--depends-on', 'ABC-1', 'fix/two');
  expect(added).toMatchObject({ exit: 0, err: '' });
  const [three] = (await ask(service, '/tasks?called=fix%2Fthree')).json as ShownTask[];
  const needed = await service.context.store.dependenciesOf(three?.id ?? '');
  expect(new Set(needed.map(({ id }) => id))).toEqual(new Set([first, waits]));
  const elsewhere = await add('fix/one', { repo: 'other', key: 'ABC-1' });
  const asked = await type('task', 'stop', 'ABC-1');
  expect(asked).toMatchObject({ exit: 2, out: '' });
  expect(asked.err).toContain(`2 tasks are called "ABC-1": ${elsewhere} (other), ${first} (app); name one by its id`);
  expect((await type('task', 'stop', elsewhere)).exit).toBe(0);
  expect((await type('task', 'show', 'ABC-1')).out).toContain(`${first} `);
});

test('one that was stopped keeps its names, and so do their odd characters', async () => {
  const id = await add('fix/100%_a', { key: 'odd.key_-1' });
  expect((await type('task', 'stop', 'fix/100%_a')).exit).toBe(0);
  await until('its names are free', async () => (await atRest(service, id)).settled_at !== null);
  for (const name of ['fix/100%_a', 'odd.key_-1'])
    expect((await type('task', 'show', name)).out).toMatch(new RegExp(`^${id} .* cancelled`));
  const next = await add('fix/100%_a', { key: 'odd.key_-1' });
  for (const name of ['fix/100%_a', 'odd.key_-1']) expect((await type('task', 'show', name)).out).toMatch(next);
});

test('its log is that of its newest job; before there is one, that is said', async () => {
  const early = await add('fix/two', { repo: 'other' });
  const said = await type('logs', early);
  expect(said).toMatchObject({ exit: 2, out: '' });
  expect(said.err).toMatch(new RegExp(`nothing of ${early} has run yet[\\s\\S]*next: gatehouse task show ${early}`));
  expect((await ask(service, '/resume', { body: {} })).status).toBe(200);
  const landed = (await ask(service, '/tasks?called=fix%2Fone')).json as ShownTask[];
  await atRest(service, landed.at(-1)?.id ?? '');
  const { job } = (await ask(service, `/tasks/${landed.at(-1)?.id}`)).json as { job: number };
  expect((await type('logs', 'ABC-1')).out).toBe((await type('logs', String(job))).out);
});
