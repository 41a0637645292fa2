import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { createApp } from '../src/http/app.ts';
import type { RunningService } from '../src/running-service.ts';
import { type Asked, ask, ownToken, serviceForAll, until } from './live-gatehouse.ts';
import { type CheckedClient, checkedClient } from './openapi/client.ts';
import type { Document } from './openapi/judge.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

/** What people see in a browser; the document is about the API. */
const PAGES = /^\/(?:|login|logout|board(?:\/.*|\.js|\.css)?|favicon\.svg)$/;

let service: RunningService;
let document: Document;
beforeAll(async () => {
  service = await serviceForAll(join(scratchFolder(), 'data'));
  document = (await ask(service, '/openapi.json')).json as Document;
});

/** A copy: the validator writes into what it is given. */
const asData = (of: Document) => structuredClone(of) as unknown as Record<string, unknown>;

const operations = (): [string, Document['paths'][string][string]][] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]): [string, typeof one] => [`${method.toUpperCase()} ${path}`, one]),
  );

describe('the document', () => {
  test('it is OpenAPI 3.1, by the schema of the specification', async () => {
    const answer = await new Validator().validate(asData(document));
    expect(answer).toMatchObject({ valid: true });
    const wrong = { ...asData(document), paths: { '/x': { get: { responses: { 200: {} } } } } };
    expect(await new Validator().validate(wrong)).toMatchObject({ valid: false });
  });

  test('docs/openapi.json is this document; test/openapi/write.mjs writes it anew', () => {
    const kept = JSON.parse(readFileSync(join(import.meta.dirname, '../../../docs/openapi.json'), 'utf8'));
    expect({ ...document, info: null }).toEqual({ ...kept, info: null });
  });

  test('it has every route of the API and no other', () => {
    const { context, storeFile } = service;
    const parts = { condition: storeFile.condition, cancellations: {} as never, tokens: [], hosts: new Set<string>() };
    const routed = createApp({ service: context, ...parts })
      .routes.filter(({ method, path }) => method !== 'ALL' && !PAGES.test(path))
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
    expect([...new Set(routed)].sort()).toEqual(
      operations()
        .map(([name]) => name)
        .sort(),
    );
    expect(routed.length).toBeGreaterThan(30);
  });

  test('every route names who may ask, each name has its scheme, and the names of the operations are distinct', () => {
    const schemes = Object.keys(document.components.securitySchemes);
    const open = operations().filter(([, { security }]) => security.length === 0);
    expect(open.map(([name]) => name).sort()).toEqual(['GET /healthz', 'GET /readyz']);
    const named = operations().flatMap(([, { security }]) => security.flatMap((one) => Object.keys(one)));
    expect([...new Set(named)].sort()).toEqual(schemes.sort());
    const names = operations().map(([, { operationId }]) => operationId);
    expect([new Set(names).size, names.filter((name) => !/^[a-z]\w+$/.test(name))]).toEqual([names.length, []]);
  });

  test('every route has a status that is no refusal, and each refusal is a problem', () => {
    for (const [name, { responses }] of operations()) {
      const statuses = Object.keys(responses).map(Number);
      expect([name, statuses.filter((status) => status < 300).length > 0]).toEqual([name, true]);
      for (const [status, one] of Object.entries(responses))
        if (Number(status) >= 400)
          expect([name, one]).toEqual([name, { $ref: `#/components/responses/Refused${status}` }]);
    }
  });
});

describe('a client made from the document', () => {
  let client: CheckedClient;
  let stranger: CheckedClient;
  let forge: Forge;
  beforeAll(async () => {
    forge = await Forge.make(PROJECT);
    forge.push({ branch: 'good', from: 'main' }, { 'good.txt': 'good\n' });
    forge.push({ branch: 'red', from: 'main' }, { broken: '' });
    client = checkedClient(service.url, ownToken(service), document);
    stranger = checkedClient(service.url, 'not-a-known-token', document);
  });
  afterAll(() => {
    expect([...client.faults, ...stranger.faults]).toEqual([]);
  });

  const shown = async (id: string) => {
    const { data } = await client.api.GET('/tasks/{id}', { params: { path: { id } } });
    if (data === undefined) throw new Error(`${id} cannot be read`);
    return data;
  };
  const queued = async (branch: string): Promise<string> => {
    const { data } = await client.api.POST('/tasks', { body: { repo: 'app', branch } });
    if (data === undefined) throw new Error(`${branch} is not queued`);
    return data.id;
  };
  const resting = (id: string) =>
    until(`${id} comes to rest`, async () => {
      const task = await shown(id);
      return (task.stage === 'done' || task.stage === 'cancelled' || task.status === 'blocked') && task;
    });

  test('it registers a repository, queues a branch, follows it, and sees it land', async () => {
    const added = await client.api.POST('/repos', { body: { id: 'app', path: forge.path } });
    expect(added.data).toMatchObject({
      id: 'app',
      main: 'main',
      profile: 'gates-only',
      findings: [{ name: 'advisory feed' }],
    });
    const id = await queued('good');
    const task = await resting(id);
    expect(task).toMatchObject({ stage: 'done', landed_sha: forge.head('main') });
    expect(task.checks.map(({ check }) => check)).toContain('check_branch_mergeable');
    const events = await client.api.GET('/tasks/{id}/events', { params: { path: { id }, query: { limit: 5 } } });
    expect(events.data?.map(({ kind }) => kind)).toContain('enqueued');
    expect(events.response.headers.get('x-next-cursor')).not.toBeNull();
    const papers = await client.api.GET('/tasks/{id}/papers', { params: { path: { id } } });
    expect(papers.data).toEqual({ commit: forge.head('good'), papers: [] });
    const job = task.checks.find(({ job: one }) => one !== null)?.job ?? 0;
    const log = await client.api.GET('/jobs/{id}/log', { params: { path: { id: job } }, parseAs: 'text' });
    expect(log.response.status).toBe(200);
    for (const path of ['/queue', '/tasks', '/repos', '/leases', '/coverage', '/notifications', '/sessions'] as const)
      expect([path, (await client.api.GET(path)).response.status]).toEqual([path, 200]);
    // What follows a landing may still change a list between two questions.
    for (const path of ['/queue', '/tasks', '/repos', '/leases'] as const)
      await until(`${path} is as it was`, async () => {
        const { response } = await client.api.GET(path);
        const headers = { 'if-none-match': response.headers.get('etag') ?? '' };
        return (await client.api.GET(path, { headers })).response.status === 304;
      });
    for (const path of ['/repos/{id}/flaky', '/repos/{id}/forge'] as const)
      expect((await client.api.GET(path, { params: { path: { id: 'app' } } })).response.status).toBe(200);
    for (const path of ['/healthz', '/readyz', '/openapi.json'] as const)
      expect((await client.api.GET(path)).response.status).toBe(200);
    expect((await client.api.GET('/metrics', { parseAs: 'text' })).data).toContain('# HELP');
  });

  test('it retries, overrides, pauses and stops', async () => {
    const id = await queued('red');
    const red = await resting(id);
    expect(red).toMatchObject({ status: 'blocked', head_sha: forge.head('red') });
    const params = { path: { id } };
    expect((await client.api.POST('/pause', { body: { repo: 'app' } })).data).toMatchObject([{ paused: true }]);
    expect((await client.api.POST('/tasks/{id}/retry', { params })).data).toMatchObject({ id, status: 'active' });
    const override = { check: 'check_coverage_gate', head_sha: forge.head('red'), reason: 'measured by hand' };
    expect((await client.api.POST('/tasks/{id}/override', { params, body: override })).data).toMatchObject({ id });
    const stopped = await client.api.POST('/tasks/{id}/stop', { params, body: { reason: 'not wanted' } });
    expect(stopped.data).toMatchObject({ outcome: 'cancelled', task: { id, stop: { reason: 'not wanted' } } });
    expect((await client.api.POST('/resume', { body: {} })).data).toMatchObject([{ paused: false }]);
    expect((await client.api.POST('/repos/{id}/thaw', { params: { path: { id: 'app' } } })).data).toMatchObject({
      frozen_reason: null,
    });
    const place = { params: { path: { id: 'app' } }, body: { main: 'main' } };
    expect((await client.api.POST('/repos/{id}/place', place)).data).toMatchObject({ id: 'app', main: 'main' });
  });

  test('it sets a baseline, and lets one task wait for another', async () => {
    const baseline = { repo: 'app', covered: 2, total: 2, reason: 'counted by hand' };
    const { data } = await client.api.POST('/coverage/baseline', { body: baseline });
    expect(data).toMatchObject({ repo: 'app', mark: { covered: 2, total: 2 } });
    await client.api.POST('/pause', { body: {} });
    forge.push({ branch: 'second', from: 'main' }, { 'second.txt': '' });
    forge.push({ branch: 'third', from: 'main' }, { 'third.txt': '' });
    const params = { path: { id: await queued('third') } };
    const body = { depends_on: await queued('second') };
    const waiting = await client.api.POST('/tasks/{id}/dependencies', { params, body });
    expect(waiting.data?.id).toBe(params.path.id);
  });

  test('what is refused comes as a problem with the status that the document has', async () => {
    const id = 't-nobody';
    const params = { path: { id } };
    const { api } = client;
    const refused = [
      await api.GET('/tasks/{id}', { params }),
      await api.GET('/tasks/{id}/events', { params }),
      await api.GET('/tasks/{id}/papers', { params }),
      await api.POST('/tasks/{id}/retry', { params }),
      await api.POST('/tasks/{id}/stop', { params, body: {} }),
      await api.POST('/tasks/{id}/approve', { params, body: {} }),
      await api.POST('/tasks/{id}/budget', { params, body: { attempts: 3 } }),
      await api.POST('/tasks/{id}/dependencies', { params, body: { depends_on: id } }),
      await api.GET('/jobs/{id}/log', { params: { path: { id: 999_999 } }, parseAs: 'text' }),
      await api.POST('/pause', { body: { repo: 'nowhere' } }),
      await api.POST('/notifications/{id}/resend', { params: { path: { id: 1 } } }),
      await api.POST('/sessions/{id}/revoke', { params: { path: { id: 1 } } }),
    ];
    expect(refused.map(({ response }) => response.status)).toEqual(refused.map(() => 404));
    expect(refused.every(({ error }) => error?.detail !== undefined)).toBe(true);
    const conflicts = [
      await api.POST('/repos', { body: { id: 'app', path: forge.path } }),
      await api.POST('/tasks', { body: { repo: 'app', branch: 'main' } }),
      await api.POST('/notifications/test', {}),
    ];
    expect(conflicts.map(({ response }) => response.status)).toEqual([409, 409, 409]);
    const wrong = await api.POST('/tasks', { body: { repo: 'app', branch: 7 as unknown as string } });
    expect([wrong.response.status, wrong.error?.title]).toEqual([400, 'Bad request']);
    const large = await api.POST('/tasks', { body: { repo: 'app', branch: 'x'.repeat(300_000) } });
    expect(large.response.status).toBe(413);
    const text = { headers: { 'content-type': 'text/plain' } };
    expect((await api.POST('/pause', { body: {}, ...text })).response.status).toBe(415);
    expect((await stranger.api.GET('/queue')).response.status).toBe(401);
    expect((await stranger.api.POST('/tasks', { body: { repo: 'app', branch: 'x' } })).response.status).toBe(401);
    const hook = { params: { path: { source: 'gitea' as const } }, body: {} };
    expect((await stranger.api.POST('/webhooks/{source}', hook)).response.status).toBe(404);
  });

  test('every route was asked, and all but these for what they are there for', () => {
    const met = [...client.met, ...stranger.met].map((name) => name.split(' '));
    const names = operations().map(([name]) => name);
    const answered = new Set(met.map(([method, path]) => `${method} ${path}`));
    const done = new Set(met.filter((part) => Number(part[2]) < 300).map(([method, path]) => `${method} ${path}`));
    expect(names.filter((name) => !answered.has(name))).toEqual(['GET /events']);
    expect(names.filter((name) => !done.has(name)).sort()).toEqual([
      'GET /events',
      'POST /notifications/test',
      'POST /notifications/{id}/resend',
      'POST /sessions/{id}/revoke',
      'POST /tasks/{id}/approve',
      'POST /tasks/{id}/budget',
      'POST /webhooks/{source}',
    ]);
  });
});

describe('what the document allows is taken, and what it does not is refused', () => {
  const statusOf = async (path: string, asked: Asked = {}) => (await ask(service, path, asked)).status;
  const post = (path: string, body: unknown) => statusOf(path, { body });

  test('a cursor of the shape that it names is a place in every list, and no other is', async () => {
    for (const path of ['/tasks', '/queue', '/repos', '/leases', '/coverage', '/notifications', '/repos/app/flaky']) {
      for (const cursor of ['n0', 's', 'sYQ.n7', 'n999999999999999.s_-_.sYQ', `s${'a'.repeat(999)}`])
        expect([path, cursor, await statusOf(`${path}?cursor=${cursor}`)]).toEqual([path, cursor, 200]);
      for (const cursor of ['', 'abc', 'n1.', 'n1.n2.n3.n4.n5', 's%C3%A9', 'n\u0661', `s${'a'.repeat(1000)}`])
        expect([path, cursor, await statusOf(`${path}?cursor=${encodeURIComponent(cursor)}`)]).toEqual([
          path,
          cursor,
          400,
        ]);
    }
  });

  test('numbers end where a program loses count, and the document says so', async () => {
    const most = Number.MAX_SAFE_INTEGER;
    for (const path of ['/jobs/N/log', '/sessions/N/revoke', '/notifications/N/resend']) {
      const at = (number: string) => statusOf(path.replace('N', number), path.startsWith('/jobs') ? {} : { body: {} });
      expect([path, await at(`${most}`), await at(`${most + 1}`), await at('0')]).toEqual([path, 404, 400, 400]);
    }
    expect(JSON.stringify(document).match(/"maximum":9007199254740991/g)?.length).toBeGreaterThanOrEqual(6);
  });

  test('a body that has to say something names it, and what cannot be both is a conflict', async () => {
    const { Budget, NewTask, Place } = document.components.schemas;
    expect([Budget?.['minProperties'], Place?.['minProperties']]).toEqual([1, 1]);
    expect(NewTask?.['anyOf']).toEqual([{ required: ['branch'] }, { required: ['title'] }]);
    expect(await post('/repos/app/place', {})).toBe(400);
    expect(await post('/tasks/t-1/budget', {})).toBe(400);
    expect(await post('/tasks', { repo: 'app' })).toBe(400);
    expect(await post('/tasks', { repo: 'app', title: 'words alone' })).toBe(409);
    expect(await post('/coverage/baseline', { repo: 'app', covered: 2, total: 1, reason: 'by hand' })).toBe(409);
  });

  test('every route that asks who comes can say that too many wrong ones came', () => {
    for (const [name, { responses, security }] of operations())
      expect([name, Object.hasOwn(responses, '429')]).toEqual([name, security.length > 0]);
  });
});
