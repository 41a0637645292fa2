import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { silentLog } from '../src/platform/logger.ts';
import { type RunningService, startService } from '../src/running-service.ts';
import {
  type Asked,
  ask,
  atRest,
  enqueue,
  ownToken,
  register,
  serviceOn,
  settingsFrom,
  stopService,
} from './live-gatehouse.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

/** Every route there is, with a body its schema accepts. */
const ROUTES: readonly { path: string; body?: unknown; scope: 'read' | 'operate' | 'admin' }[] = [
  { path: '/', scope: 'read' },
  { path: '/queue', scope: 'read' },
  { path: '/tasks', scope: 'read' },
  { path: '/tasks/t-1', scope: 'read' },
  { path: '/tasks/t-1/events', scope: 'read' },
  { path: '/repos', scope: 'read' },
  { path: '/repos/x/flaky', scope: 'read' },
  { path: '/openapi.json', scope: 'read' },
  { path: '/metrics', scope: 'read' },
  { path: '/leases', scope: 'read' },
  { path: '/coverage', scope: 'read' },
  { path: '/jobs/1/log', scope: 'read' },
  { path: '/nothing-is-here', scope: 'read' },
  { path: '/tasks', body: { repo: 'nowhere', branch: 'x' }, scope: 'operate' },
  { path: '/tasks/t-1/retry', body: {}, scope: 'operate' },
  {
    path: '/tasks/t-1/override',
    body: { check: 'check_coverage_gate', head_sha: 'a'.repeat(40), reason: 'because' },
    scope: 'admin',
  },
  { path: '/pause', body: { repo: 'nowhere' }, scope: 'operate' },
  { path: '/resume', body: { repo: 'nowhere' }, scope: 'operate' },
  { path: '/coverage/baseline', body: { repo: 'nowhere', covered: 1, total: 2, reason: 'because' }, scope: 'admin' },
  { path: '/repos', body: { id: 'x', path: '/nowhere' }, scope: 'admin' },
  { path: '/repos/x/thaw', body: {}, scope: 'admin' },
  { path: '/repos/x/place', body: { main: 'trunk' }, scope: 'admin' },
];
const SCOPES = ['read', 'operate', 'admin'] as const;
const withBody = (body: unknown): Asked => (body === undefined ? {} : { body });

describe('before a request reaches a route', () => {
  let service: RunningService;
  const tokens = { read: 'reads-reads-reads', operate: 'operates-operates', admin: 'administrates-all' };

  beforeEach(async () => {
    const folder = scratchFolder();
    const file = join(folder, 'tokens');
    const rows = SCOPES.map(
      (scope) => `${scope}er ${scope} ${createHash('sha256').update(tokens[scope]).digest('hex')}`,
    );
    writeFileSync(file, `# name scope sha256\n\n${rows.join('\n')}\n`);
    service = await serviceOn(join(folder, 'data'), { ORCH_API_TOKENS_FILE: file, ORCH_HOST_NAMES: 'Queue.example' });
  });

  test('only /healthz and /readyz answer without a token; everything else is 401 with a problem and a next step', async () => {
    const health = await ask(service, '/healthz', { token: null });
    expect([health.status, health.json]).toEqual([200, { status: 'ok', since: expect.any(String) }]);
    const ready = await ask(service, '/readyz', { token: null });
    expect([ready.status, ready.json]).toEqual([200, { status: 'ready' }]);
    for (const { path, body } of ROUTES) {
      const response = await ask(service, path, { token: null, ...withBody(body) });
      expect([path, response.status, response.headers['content-type']]).toEqual([
        path,
        401,
        'application/problem+json',
      ]);
      expect(response.json).toMatchObject({
        type: 'about:blank',
        status: 401,
        next: expect.stringContaining('Bearer'),
      });
    }
  });

  test('a token that was never given out opens no route, and after five of them its address is told to wait', async () => {
    const statuses: number[] = [];
    for (const { path, body } of ROUTES)
      for (const token of ['not-a-known-token', '', 'é']) {
        const told = await ask(service, path, { token, ...withBody(body) });
        expect([path, told.headers['content-type']]).toEqual([path, 'application/problem+json']);
        if (told.status === 429)
          expect([Number(told.headers['retry-after']) > 0, told.json]).toEqual([
            true,
            expect.objectContaining({ detail: expect.stringContaining('not known'), next: expect.any(String) }),
          ]);
        if (token !== '') statuses.push(told.status);
        else expect([path, told.status]).toEqual([path, 401]);
      }
    expect(statuses.slice(0, 5)).toEqual([401, 401, 401, 401, 401]);
    expect(statuses.filter((status) => status !== 401 && status !== 429)).toEqual([]);
    expect(statuses).toContain(429);
  });

  test('a token of a smaller scope is 403, one of the scope or a greater is let through', async () => {
    for (const { path, body, scope } of ROUTES)
      for (const held of SCOPES) {
        const response = await ask(service, path, { token: tokens[held], ...withBody(body) });
        const enough = SCOPES.indexOf(held) >= SCOPES.indexOf(scope);
        expect([path, held, response.status === 403]).toEqual([path, held, !enough]);
        expect(response.status).not.toBe(401);
        expect(response.status).toBeLessThan(500);
      }
  });

  test('a host name that is not ours is 421, however it is written', async () => {
    const port = new URL(service.url).port;
    const token = null;
    for (const host of ['evil.example', `evil.example:${port}`, `127.0.0.1.evil.example:${port}`])
      expect([host, (await ask(service, '/healthz', { token, headers: { host } })).status]).toEqual([host, 421]);
    for (const host of [
      `localhost:${port}`,
      `LOCALHOST:${port}`,
      `[::1]:${port}`,
      'queue.example',
      'QUEUE.example:443',
    ])
      expect((await ask(service, '/healthz', { token, headers: { host } })).status).toBe(200);
  });

  test('a page of another site cannot make a request count', async () => {
    const post = (headers: Record<string, string>) =>
      ask(service, '/tasks', { token: tokens.admin, body: '{"repo":"a","branch":"b"}', headers });
    expect((await post({ 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    const others = ['application/jsonp', 'application/json-x', 'application/json.x', 'application/json, text/plain'];
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', ...others])
      expect([type, (await post({ 'content-type': type })).status]).toEqual([type, 415]);
    // What takes a body is told what it is, even where the body may say nothing: without a word all would be paused.
    for (const path of ['/pause', '/resume', '/tasks/t-1/stop'])
      expect([path, (await ask(service, path, { token: tokens.admin, method: 'POST' })).status]).toEqual([path, 415]);
    for (const path of ['/tasks/t-1/retry', '/repos/x/thaw', '/sessions/7/revoke'])
      expect([path, (await ask(service, path, { token: tokens.admin, method: 'POST' })).status]).toEqual([path, 404]);
    const typed = { method: 'POST', token: tokens.admin, headers: { 'content-type': 'text/plain' } };
    expect((await ask(service, '/tasks/t-1/retry', typed)).status).toBe(415);
    const cookie = await ask(service, '/tasks', {
      token: null,
      body: { repo: 'a', branch: 'b' },
      headers: { cookie: `gatehouse_token=${tokens.admin}; gatehouse_session=${tokens.admin}` },
    });
    expect(cookie.status).toBe(401);
  });

  test('a body over the limit is 413, with or without a length', async () => {
    const piece = 'x'.repeat(64 * 1024);
    const whole = JSON.stringify({ repo: 'a', branch: piece.repeat(5) });
    expect((await ask(service, '/tasks', { token: tokens.admin, body: whole })).status).toBe(413);
    const pieces = ['{"repo":"a","branch":"', ...Array.from({ length: 6 }, () => piece), '"}'];
    const chunked = await ask(service, '/tasks', { token: tokens.admin, body: pieces });
    expect([chunked.status, chunked.headers['content-type']]).toEqual([413, 'application/problem+json']);
  });

  test('a body that is not JSON, or not the JSON of the route, is 400 and the problem names the place', async () => {
    const wrong: readonly (readonly [unknown, RegExp])[] = [
      ['{"repo":', /JSON/],
      ['', /JSON|repo/],
      ['[]', /object/],
      [{ repo: 'a' }, /branch/],
      [{ repo: 'a', branch: 'b', title: 7 }, /title/],
      [{ repo: 'a', branch: 'b', brunch: 'c' }, /brunch/],
      [{ repo: 'a', branch: 'b', priority: 1e9 }, /priority/],
      ['{"repo":"a","branch":"b","__proto__":{}}', /__proto__/],
      ['{"repo":"a","branch":"b","constructor":{}}', /constructor/],
      ['['.repeat(100_000), /JSON/],
    ];
    for (const [body, says] of wrong) {
      const response = await ask(service, '/tasks', { token: tokens.admin, body });
      expect([body, response.status, response.headers['content-type']]).toEqual([
        body,
        400,
        'application/problem+json',
      ]);
      expect((response.json as { detail: string }).detail).toMatch(says);
    }
  });
});

describe('the routes', () => {
  let service: RunningService;
  let forge: Forge;

  beforeEach(async () => {
    const folder = scratchFolder();
    forge = await Forge.make(PROJECT, folder);
    forge.push({ branch: 'feature/X-1-red', from: 'main' }, { broken: '' });
    service = await serviceOn(join(folder, 'data'));
  });
  afterEach(() => stopService(service));

  test('an unknown repository, branch or task is 404 and names the nearest one', async () => {
    const add = (body: unknown) => ask(service, '/tasks', { body });
    expect((await add({ repo: 'app', branch: 'x' })).json).toMatchObject({
      status: 404,
      detail: expect.stringContaining('gatehouse repo add'),
    });
    await register(service, forge.path);
    expect((await add({ repo: 'ap', branch: 'x' })).json).toMatchObject({
      status: 404,
      detail: expect.stringContaining('did you mean app?'),
    });
    expect((await add({ repo: 'app', branch: 'feature/X-1-rde' })).json).toMatchObject({
      status: 404,
      detail: expect.stringContaining('did you mean feature/X-1-red?'),
    });
    for (const path of ['/tasks/t-nobody', '/tasks/t-nobody/events'])
      expect((await ask(service, path)).json).toMatchObject({
        status: 404,
        detail: expect.stringContaining('t-nobody'),
      });
    expect((await ask(service, '/tasks/t-nobody/retry', { body: {} })).status).toBe(404);
    expect((await ask(service, '/repos/nobody/thaw', { body: {} })).status).toBe(404);
  });

  test('a branch name that git or a shell could take for something else is refused', async () => {
    await register(service, forge.path);
    for (const branch of [
      '--upload-pack=sh',
      'a..b',
      'a b',
      'a\u0000b',
      'refs/heads/../main',
      'x.lock',
      '@{-1}',
      'main',
    ])
      expect([branch, (await ask(service, '/tasks', { body: { repo: 'app', branch } })).status]).toEqual([branch, 409]);
  });

  test('a repository that cannot be used is refused with the next step, and so is a second one of the same name', async () => {
    const add = (body: unknown) => ask(service, '/repos', { body });
    expect((await add({ id: 'app', path: 'relative/path' })).status).toBe(409);
    expect((await add({ id: '../app', path: forge.path })).status).toBe(400);
    expect((await add({ id: 'app', path: '/nowhere/at/all' })).json).toMatchObject({
      status: 409,
      next: expect.any(String),
    });
    expect((await add({ id: 'app', path: forge.path, main: 'trunk' })).json).toMatchObject({
      status: 409,
      next: expect.stringContaining('--main'),
    });
    expect((await add({ id: 'app', path: forge.path })).status).toBe(201);
    expect((await add({ id: 'app', path: forge.path })).status).toBe(409);
  });

  test('a branch that has a task already is 409 and says which, and that it stands still', async () => {
    await register(service, forge.path);
    const id = await enqueue(service, 'feature/X-1-red');
    await atRest(service, id);
    const again = await ask(service, '/tasks', { body: { repo: 'app', branch: 'feature/X-1-red' } });
    expect(again.json).toMatchObject({
      status: 409,
      detail: `feature/X-1-red is task ${id} already, which stands still: push a mended commit, or POST /tasks/${id}/retry`,
      next: `GET /tasks/${id}`,
    });
  });

  test('GET /queue has its blocks and says why a task rests', async () => {
    await register(service, forge.path);
    const id = await enqueue(service, 'feature/X-1-red');
    await atRest(service, id);
    const { json } = await ask(service, '/queue');
    expect(json).toMatchObject({
      since: expect.any(String),
      jobs: { live: [], counts: expect.any(Array) },
      tasks: [{ id, repo: 'app', status: 'blocked', reason: expect.stringContaining('check_branch_mergeable') }],
      merge_gate: { enabled: true, scope: ['*'], leases: [], tickets: [] },
      coverage: { enabled: true, scope: ['*'] },
      security: { enabled: true, scope: ['*'], feed: null },
      stop: { enabled: true, requested: 0, deferred: 0, settled: 0, unverified: 0, left_behind: 0, unsettled: [] },
    });
    const events = await ask(service, `/tasks/${id}/events`);
    expect((events.json as { kind: string }[]).map((event) => event.kind)).toContain('check-answered');
  });

  test('the board escapes what a branch brought and lets no script run', async () => {
    await register(service, forge.path);
    const title = '<script>alert(1)</script>&"\u202e';
    const body = { repo: 'app', branch: 'feature/X-1-red', title };
    expect(await ask(service, '/tasks', { body })).toMatchObject({ status: 201 });
    const board = await ask(service, '/');
    expect(board.status).toBe(200);
    expect(board.headers['content-security-policy']).toContain("default-src 'none'");
    expect(board.headers['x-content-type-options']).toBe('nosniff');
    expect(board.text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&amp;');
    expect(board.text.match(/<script[^>]*>/g)).toEqual([
      expect.stringMatching(/^<script src="\/board.js\?v=[0-9a-f]{16}" defer="">$/),
    ]);
    expect(board.text).not.toMatch(/\u202e|<script>/);
  });

  test('openapi.json describes every route that tools use', async () => {
    const { status, json } = await ask(service, '/openapi.json');
    expect(status).toBe(200);
    const document = json as { openapi: string; paths: Record<string, Record<string, unknown>> };
    expect(document.openapi).toBe('3.1.0');
    for (const { path } of ROUTES.filter((route) => /^\/(queue|tasks|repos)/.test(route.path)))
      expect(Object.keys(document.paths)).toContain(
        path.replace(/t-1|\/x(?=\/)/, (part) => (part === 't-1' ? '{id}' : '/{id}')),
      );
  });
});

describe("the service's own token", () => {
  test('it is made once, for its owner only, and stays the same over restarts', async () => {
    const data = join(scratchFolder(), 'data');
    const first = await serviceOn(data);
    const token = ownToken(first);
    expect(token).toMatch(/^[0-9a-f]{48}$/);
    expect(first.tokenPath).toBe(join(data, 'api-token'));
    expect(statSync(join(data, 'api-token')).mode & 0o777).toBe(0o600);
    expect(statSync(join(data, 'gatehouse.db')).mode & 0o777).toBe(0o600);
    await stopService(first);
    const second = await serviceOn(data);
    expect((await ask(second, '/queue', { token })).status).toBe(200);
  });

  test('a token file that a full disk left empty is made anew, and what is in it then is the token', async () => {
    const data = scratchFolder();
    writeFileSync(join(data, 'api-token'), '');
    const service = await serviceOn(data);
    expect(readFileSync(join(data, 'api-token'), 'utf8')).toMatch(/^[0-9a-f]{48}\n$/);
    expect((await ask(service, '/queue')).status).toBe(200);
  });

  test('a token that can be guessed, a tokens file that cannot be read and a broken row are refused by name', async () => {
    const data = scratchFolder();
    const broken = join(data, 'tokens');
    writeFileSync(broken, 'somebody root abc\n');
    const refused: readonly (readonly [Record<string, string>, RegExp])[] = [
      [{ ORCH_API_TOKEN: 'short' }, /shorter than 16/],
      [{ ORCH_API_TOKENS_FILE: join(data, 'nowhere') }, /no such file/],
      [{ ORCH_API_TOKENS_FILE: broken }, /tokens:1: expected `name scope sha256`/],
    ];
    for (const [environment, says] of refused) {
      const settings = settingsFrom({ ORCH_DATA_DIR: data, ORCH_PORT: '0', ...environment });
      expect(await startService(settings, silentLog)).toMatchObject({
        kind: 'not-started',
        problem: expect.stringMatching(says),
      });
    }
  });
});
