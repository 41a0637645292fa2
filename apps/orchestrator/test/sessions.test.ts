/** The way into the board, and everything that must not lead in. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { RunningService } from '../src/running-service.ts';
import { ask, serviceOn, stopService, type Told, until } from './live-gatehouse.ts';
import { scratchFolder } from './scratch-forge.ts';

const SCOPES = ['read', 'operate', 'admin'] as const;
const TOKENS = { read: 'reads-reads-reads', operate: 'operates-operates', admin: 'administrates-all' };
const FORM = {
  'content-type': 'application/x-www-form-urlencoded',
  accept: 'text/html',
  'sec-fetch-site': 'same-origin',
};

let folder: string;
let service: RunningService;

function writeTokens(tokens: Readonly<Record<string, readonly [scope: string, token: string]>>): string {
  const file = join(folder, 'tokens');
  const rows = Object.entries(tokens).map(
    ([name, [scope, token]]) => `${name} ${scope} ${createHash('sha256').update(token).digest('hex')}`,
  );
  writeFileSync(file, `${rows.join('\n')}\n`);
  return file;
}
const asEver = {
  reader: ['read', TOKENS.read],
  operator: ['operate', TOKENS.operate],
  chief: ['admin', TOKENS.admin],
} as const;

beforeEach(async () => {
  folder = scratchFolder();
  service = await serviceOn(join(folder, 'data'), { ORCH_API_TOKENS_FILE: writeTokens(asEver) });
});

const cookieOf = (told: Told): string => (told.headers['set-cookie'] as string[] | undefined)?.[0]?.split(';')[0] ?? '';

const post = (path: string, fields: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = {}) =>
  ask(service, path, { token: null, body: new URLSearchParams(fields).toString(), headers: { ...FORM, ...headers } });

const read = (path: string, cookie: string, headers: Readonly<Record<string, string>> = {}) =>
  ask(service, path, { token: null, headers: { accept: 'text/html', cookie, ...headers } });

async function logIn(token: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const told = await post('/login', { token }, headers);
  expect([told.status, told.headers['location']]).toEqual([303, '/']);
  return cookieOf(told);
}

const formTokenIn = (page: Told): string => /name="form" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
const isLogin = (page: Told): boolean => page.text.includes('<h1 id="door">Log in</h1>');

describe('the way in', () => {
  test('a browser without a session sees a form on every page, a program a problem', async () => {
    for (const path of ['/', '/board/work', '/board/sessions', '/tasks', '/queue']) {
      const page = await read(path, '');
      expect([path, page.status, isLogin(page)]).toEqual([path, 200, true]);
      const program = await ask(service, path, { token: null });
      expect([path, program.status, program.headers['content-type']]).toEqual([path, 401, 'application/problem+json']);
    }
  });

  test('the cookie of a session is random, for this site and for no script, and holds nothing of the token', async () => {
    const told = await post('/login', { token: ` ${TOKENS.admin}\n`, next: '/board/sessions' });
    expect([told.status, told.headers['location']]).toEqual([303, '/board/sessions']);
    const [cookie = ''] = told.headers['set-cookie'] as string[];
    expect(cookie).toMatch(/^gatehouse_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(JSON.stringify(told.headers)).not.toContain(TOKENS.admin);
    expect(cookieOf(await post('/login', { token: TOKENS.admin }))).not.toBe(cookieOf(told));
    const secure = await post('/login', { token: TOKENS.admin }, { 'x-forwarded-proto': 'https' });
    expect((secure.headers['set-cookie'] as string[])[0]).toMatch(/^__Host-gatehouse_session=.*; Secure$/);
  });

  test('a token in the address lets nobody in and leaves the address', async () => {
    const told = await read(`/?token=${TOKENS.admin}`, '');
    expect([told.status, told.headers['location'], told.headers['set-cookie']]).toEqual([
      303,
      '/login?from=address',
      undefined,
    ]);
    expect((await read('/login?from=address', '')).text).toContain('history of the browser');
  });

  test('a login leads to a path of this service and nowhere else', async () => {
    for (const next of [
      '//evil.example/',
      '/\\evil.example',
      'https://evil.example',
      'javascript:alert(1)',
      '/\tevil',
      '',
    ])
      expect([next, (await post('/login', { token: TOKENS.read, next })).headers['location']]).toEqual([next, '/']);
    const page = await read('/board/audit?q=%22%3E%3Cscript%3E', '');
    expect(page.text).not.toContain('<script>');
  });

  test('wrong tokens are answered with the form, and after five of them their address waits; the right one is let in', async () => {
    for (let count = 0; count < 5; count++) {
      const wrong = await post('/login', { token: `wrong-${count}` });
      expect([wrong.status, isLogin(wrong), wrong.headers['set-cookie']]).toEqual([401, true, undefined]);
    }
    // On a slow machine the wait may be over each time, until it is long.
    let refused = await post('/login', { token: 'wrong-6' });
    while (refused.status === 401) refused = await post('/login', { token: 'wrong-7' });
    const wait = Number(refused.headers['retry-after']);
    expect([refused.status, wait > 0, isLogin(refused)]).toEqual([429, true, true]);
    expect(refused.text).toContain(`try another one in ${wait} s`);
    await logIn(TOKENS.admin);
    expect((await ask(service, '/queue', { token: TOKENS.read })).status).toBe(200);
  });
});

describe('a session', () => {
  test('a login makes a new one whatever the browser presents, and ends the one it had', async () => {
    const planted = `gatehouse_session=${'A'.repeat(43)}`;
    const first = await logIn(TOKENS.admin, { cookie: planted });
    expect(first).not.toBe(planted);
    expect(isLogin(await read('/', planted))).toBe(true);
    const second = await logIn(TOKENS.read, { cookie: first });
    expect(isLogin(await read('/', first))).toBe(true);
    expect(isLogin(await read('/', second))).toBe(false);
  });

  test('a stolen cookie opens nothing after a logout, nor after somebody revoked it', async () => {
    const [thief, mine] = [await logIn(TOKENS.operate), await logIn(TOKENS.admin)];
    const listed = (await ask(service, '/sessions', { token: TOKENS.admin })).json as { id: number; token: string }[];
    expect(listed.map(({ token }) => token)).toEqual(['chief', 'operator']);
    const page = await read('/board/sessions', mine);
    const id = listed.find(({ token }) => token === 'operator')?.id;
    const form = formTokenIn(page);
    expect((await post(`/board/sessions/${id}/revoke`, { form }, { cookie: mine })).status).toBe(303);
    expect(isLogin(await read('/', thief))).toBe(true);
    expect((await post('/logout', { form }, { cookie: mine })).status).toBe(303);
    expect(isLogin(await read('/', mine))).toBe(true);
    expect((await ask(service, '/sessions', { token: TOKENS.admin })).json).toEqual([]);
  });

  test('those who are no admin see and end the sessions of their own token', async () => {
    const chief = await logIn(TOKENS.admin);
    await logIn(TOKENS.read);
    const [own] = (await ask(service, '/sessions', { token: TOKENS.read })).json as { id: number }[];
    const all = (await ask(service, '/sessions', { token: TOKENS.admin })).json as { id: number; token: string }[];
    const chiefs = all.find(({ token }) => token === 'chief')?.id;
    const revoke = (id: number | undefined) => ask(service, `/sessions/${id}/revoke`, { token: TOKENS.read, body: {} });
    expect((await revoke(chiefs)).status).toBe(404);
    expect(isLogin(await read('/', chief))).toBe(false);
    expect((await revoke(own?.id)).status).toBe(200);
  });

  test('another token, or another scope, under its name ends it when the service starts again', async () => {
    const [reader, operator, chief] = [
      await logIn(TOKENS.read),
      await logIn(TOKENS.operate),
      await logIn(TOKENS.admin),
    ];
    await stopService(service);
    const tokens = { ...asEver, reader: ['read', 'another-token-now'], operator: ['read', TOKENS.operate] } as const;
    service = await serviceOn(join(folder, 'data'), { ORCH_API_TOKENS_FILE: writeTokens(tokens) });
    expect(isLogin(await read('/', reader))).toBe(true);
    expect(isLogin(await read('/', operator))).toBe(true);
    expect(isLogin(await read('/', chief))).toBe(false);
  });

  test('it ends after a day without use and after seven days, and reading keeps it alive', async () => {
    const cookie = await logIn(TOKENS.read);
    const { store } = service.context;
    const [session] = await store.listSessions(Date.now());
    if (session === undefined) throw new Error('there is no session');
    expect(session.expiresAt - session.createdAt).toBe(24 * 3_600_000);
    const used = { atMs: session.createdAt - 120_000, expiresAt: session.createdAt + 1 };
    await store.touchSession(session.id, { ...used, expiresAt: Date.now() + 60_000 });
    expect(isLogin(await read('/', cookie))).toBe(false);
    const [touched] = await store.listSessions(Date.now());
    expect(touched?.expiresAt).toBeGreaterThan(Date.now() + 23 * 3_600_000);
    await store.touchSession(session.id, used);
    expect(isLogin(await read('/', cookie))).toBe(true);
    expect(await store.findSession(session.idHash)).toBeNull();
  });
});

describe('a form of the board', () => {
  const STOP = '/board/tasks/t-1/stop';

  test('counts only with the token of its session, from this origin, and as a form', async () => {
    const [cookie, other] = [await logIn(TOKENS.admin), await logIn(TOKENS.admin)];
    const form = formTokenIn(await read('/', cookie));
    expect(form).toMatch(/^[\w-]{43}$/);
    const refused: readonly (readonly [
      string,
      number,
      Readonly<Record<string, string>>,
      Readonly<Record<string, string>>,
    ])[] = [
      ['no form token', 403, {}, { cookie }],
      ['a wrong one', 403, { form: form.replace(/.$/, '-') }, { cookie }],
      ["another session's", 403, { form: formTokenIn(await read('/', other)) }, { cookie }],
      ['from another site', 403, { form }, { cookie, 'sec-fetch-site': 'cross-site' }],
      ['from another host of this site', 403, { form }, { cookie, 'sec-fetch-site': 'same-site' }],
      ['as JSON', 415, { form }, { cookie, 'content-type': 'application/json' }],
      ['with a bearer token', 403, { form }, { authorization: `Bearer ${TOKENS.admin}` }],
      ['with all of it', 404, { form }, { cookie }],
    ];
    for (const [what, status, fields, headers] of refused)
      expect([what, (await post(STOP, fields, headers)).status]).toEqual([what, status]);
    const plain = { ...FORM, cookie } as Record<string, string>;
    delete plain['sec-fetch-site'];
    const byOrigin = (origin: string) =>
      ask(service, STOP, { token: null, body: `form=${form}`, headers: { ...plain, origin } });
    for (const origin of ['http://evil.example', 'null']) expect((await byOrigin(origin)).status).toBe(403);
    expect((await byOrigin(service.url)).status).toBe(404);
    expect((await post('/login', { token: TOKENS.admin }, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  });

  test('needs the scope that the route behind it needs, and is not shown to those without', async () => {
    const acts = {
      'tasks/t-1/stop': 'operate',
      'tasks/t-1/override': 'admin',
      'repos/x/pause': 'operate',
      'repos/x/thaw': 'admin',
    } as const;
    for (const held of SCOPES) {
      const cookie = await logIn(TOKENS[held]);
      const form = formTokenIn(await read('/', cookie));
      for (const [path, needed] of Object.entries(acts)) {
        const fields = { form, check: 'check_coverage_gate', head_sha: 'a'.repeat(40), reason: 'because' };
        const told = await post(`/board/${path}`, fields, { cookie });
        const isEnough = SCOPES.indexOf(held) >= SCOPES.indexOf(needed);
        expect([held, path, told.status]).toEqual([held, path, isEnough ? 404 : 403]);
        expect(told.headers['content-type']).toContain('text/html');
      }
    }
  });

  test('a session writes through the forms alone: the API wants a bearer token', async () => {
    const cookie = await logIn(TOKENS.admin);
    const headers = { cookie, 'sec-fetch-site': 'same-origin' };
    for (const path of ['/tasks', '/tasks/t-1/stop', '/pause', '/repos', '/sessions/1/revoke'])
      expect([path, (await ask(service, path, { token: null, body: {}, headers })).status]).toEqual([path, 401]);
    expect((await ask(service, '/queue', { token: null, headers })).status).toBe(200);
  });
});

describe('the stream of events', () => {
  /** Never reads on by itself; `hasEnded` is seen while it is read. */
  function listen(headers: Readonly<Record<string, string>>) {
    const state = { bytes: 0, isOpen: false, hasEnded: false, resume: (): void => undefined };
    const sent = request(`${service.url}/events`, { headers }, (response) => {
      state.isOpen = true;
      state.resume = () => {
        response.on('data', (piece: Buffer) => {
          state.bytes += piece.length;
        });
      };
      for (const end of ['end', 'error', 'close'])
        response.on(end, () => {
          state.hasEnded = true;
        });
    });
    sent.on('error', () => undefined);
    sent.end();
    return state;
  }
  const streams = async () =>
    Number(
      /^gatehouse_event_streams (\d+)$/m.exec((await ask(service, '/metrics', { token: TOKENS.read })).text)?.[1] ?? -1,
    );

  test('ends with the session that opened it', async () => {
    const cookie = await logIn(TOKENS.read);
    const stream = listen({ cookie });
    await until('it is open', async () => stream.isOpen && (await streams()) === 1);
    stream.resume();
    const [session] = await service.context.store.listSessions(Date.now());
    await service.context.store.endSession(session?.id ?? 0);
    await until('it ends', async () => stream.hasEnded);
    expect(await streams()).toBe(0);
  });

  test('is cut where a client takes nothing, and costs the service no memory', async () => {
    const stream = listen({ authorization: `Bearer ${TOKENS.read}` });
    await until('it is open', async () => stream.isOpen && (await streams()) === 1);
    const body = { text: 'x'.repeat(2 ** 20) };
    let told = 0;
    await until('the buffers of the machine are full and it is dropped', async () => {
      told += body.text.length;
      await service.context.store.appendEvent({ repoId: null, taskId: null, kind: 'x', body, actor: 'a', at: 1 });
      return (await streams()) === 0;
    });
    stream.resume();
    await until('the connection is closed', async () => stream.hasEnded);
    expect(stream.bytes).toBeLessThan(told);
  });
});
