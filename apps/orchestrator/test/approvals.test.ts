import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { RunningService } from '../src/running-service.ts';
import { askFor, type FullProfile, fullProfile, GOOD, registerFull } from './full-profile.ts';
import { ask, atRest, register, type ShownTask, serviceOn, stopService, taskOf, until } from './live-gatehouse.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

let service: RunningService;
let full: FullProfile;
beforeEach(async () => {
  full = await fullProfile(GOOD);
  service = await serviceOn(full.folder);
  await registerFull(service, full);
});
afterEach(() => stopService(service));

const waiting = (id: string): Promise<ShownTask> =>
  until(`${id} waits`, async () => {
    const task = await taskOf(service, id);
    return task.status === 'waiting' && task;
  });
const approve = (id: string, body: unknown = {}) => ask(service, `/tasks/${id}/approve`, { body });
const detail = (response: { json: unknown }) => response.json as { detail: string; next?: string };

describe('an approval', () => {
  test('opens the check that waits for a person, and is kept with who gave it and why', async () => {
    const id = await askFor(service);
    expect((await waiting(id)).reason).toBe('a person has to approve');
    const response = await approve(id, { check: 'check_analysis_approved', note: 'go on' });
    expect([response.status, (response.json as ShownTask).stage]).toEqual([200, 'architecture']);
    const events = await service.context.store.taskEvents(id, { limit: 100 });
    expect(events.filter((event) => event.kind.startsWith('approv'))).toMatchObject([
      { kind: 'approved', actor: 'api-token', body: { check: 'check_analysis_approved', by: 'api-token' } },
      { kind: 'approval-note', actor: 'api-token', body: { note: 'go on' } },
    ]);
    expect((await taskOf(service, id)).checks).toMatchObject([
      { check: 'check_analysis_approved', status: 'pass', reason: 'approved by api-token: go on' },
    ]);
  });

  test('is refused with the next step when no task waits for it, and changes nothing', async () => {
    const id = await askFor(service, { depends_on: [await askFor(service, { key: 'K-0', title: 'first' })] });
    const early = await approve(id);
    expect([early.status, detail(early).detail]).toEqual([409, `${id} does not wait for a person`]);
    expect(detail(early).next).toMatch(/analyst is due; look again/);
    expect((await taskOf(service, id)).stage).toBe('analysis');
    expect((await approve('t-none')).status).toBe(404);
  });

  test('names the very check that waits', async () => {
    const id = await askFor(service);
    await waiting(id);
    expect((await approve(id, { check: 'check_review_approved' })).status).toBe(409);
    expect((await approve(id, { check: 'check_everything' })).status).toBe(404);
    expect((await approve(id, { yes: true })).status).toBe(400);
    expect((await taskOf(service, id)).status).toBe('waiting');
  });

  test('counts once, however often it is given at the same time', async () => {
    const id = await askFor(service);
    await waiting(id);
    const responses = await Promise.all([approve(id), approve(id), approve(id)]);
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    const events = await service.context.store.taskEvents(id, { limit: 100 });
    expect(events.filter((event) => event.kind === 'approved')).toHaveLength(1);
  });
});

describe('a task asked for in words', () => {
  test('gets a branch made of its key and title, which no other task may have', async () => {
    const created = await ask(service, '/tasks', { body: { repo: 'app', title: 'Größe & Maß: 100%!', key: 'ABC-7' } });
    expect(created.json).toMatchObject({ branch: 'feature/ABC-7-grosse-mass-100', profile: 'full', stage: 'analysis' });
    const duplicate = await ask(service, '/tasks', { body: { repo: 'app', title: 'another', key: 'ABC-7' } });
    expect([duplicate.status, detail(duplicate).detail]).toEqual([
      409,
      expect.stringMatching(/the key ABC-7 is in use/),
    ]);
    full.forge.push({ branch: 'feature/ABC-8-taken', from: 'main' }, { x: 'x' });
    const taken = await ask(service, '/tasks', { body: { repo: 'app', title: 'taken', key: 'ABC-8' } });
    expect([taken.status, detail(taken).detail]).toEqual([409, expect.stringMatching(/has a branch .* already/)]);
  });

  test.each([
    [{ repo: 'app', branch: 'feature/x' }, 409],
    [{ repo: 'app', title: '   ' }, 409],
    [{ repo: 'app', title: 'x', key: '../x' }, 400],
    [{ repo: 'app', title: 'x', key: 'x.lock' }, 201],
    [{ repo: 'app', title: 'x', depends_on: ['t-none'] }, 404],
    [{ repo: 'ap', title: 'x' }, 404],
  ])('%j is answered with %d', async (body, status) => {
    expect((await ask(service, '/tasks', { body })).status).toBe(status);
  });

  test('waits for another one, never for itself by a detour', async () => {
    const first = await askFor(service, { key: 'K-1' });
    const second = await askFor(service, { key: 'K-2', depends_on: [first] });
    const depend = (id: string, on: string) => ask(service, `/tasks/${id}/dependencies`, { body: { depends_on: on } });
    for (const [id, on] of [
      [first, second],
      [first, first],
    ] as const) {
      const response = await depend(id, on);
      expect([response.status, detail(response).detail]).toEqual([
        409,
        expect.stringMatching(/neither would ever begin/),
      ]);
    }
    expect((await depend(first, 't-none')).status).toBe(404);
    const third = await askFor(service, { key: 'K-3' });
    expect((await depend(second, third)).status).toBe(200);
    const queue = (await ask(service, '/queue')).json as { tasks: ShownTask[] };
    const reason = queue.tasks.find((task) => task.id === second)?.reason ?? '';
    expect(reason).toMatch(/^waits for t-\w+, t-\w+ to be done or cancelled$/);
    for (const id of [first, third]) expect(reason).toContain(id);
    const jobs = await service.context.store.listJobs({ taskId: second });
    expect(jobs).toMatchObject([{ step: 'analyst', state: 'ready', attempts: 0 }]);

    await ask(service, `/tasks/${third}/stop`, { body: {} });
    await atRest(service, third);
    const warning = `${third}, which it was to wait for, was cancelled: it goes on without it`;
    const shown = (await ask(service, `/tasks/${second}`)).json;
    expect(shown).toMatchObject({ reason: `waits for ${first} to be done or cancelled`, warnings: [warning] });
    expect((await ask(service, '/')).text).toContain(warning);
    const late = await askFor(service, { key: 'K-4' });
    expect((await depend(late, third)).json).toMatchObject({ warnings: [warning] });
    const heard = async (id: string) =>
      (await ask(service, `/tasks/${id}/events`)).json as { kind: string; body: unknown }[];
    const told = { kind: 'dependency-cancelled', body: { depends_on: third } };
    for (const id of [second, late]) expect(await heard(id)).toContainEqual(expect.objectContaining(told));
  });
});

test('a repository is a queue for branches unless it says who its agents are', async () => {
  const forge = await Forge.make(PROJECT, scratchFolder());
  const add = (body: object) => ask(service, '/repos', { body: { path: forge.path, ...body } });
  const bare = await add({ id: 'bare', profile: 'full' });
  expect([bare.status, detail(bare).detail]).toEqual([409, expect.stringMatching(/needs agents/)]);
  expect((await add({ id: 'half', profile: 'half' })).status).toBe(400);
  await register(service, forge.path, 'people');
  expect((await ask(service, '/repos')).json).toMatchObject([{ profile: 'full' }, { profile: 'gates-only' }]);
  const words = await ask(service, '/tasks', { body: { repo: 'people', title: 'words alone' } });
  expect([words.status, detail(words).detail]).toEqual([409, expect.stringMatching(/queue for branches/)]);
});
