/** What every answer carries, over every route of the document, the pages of the board and its files. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import type { RunningService } from '../src/running-service.ts';
import { type Asked, ask, serviceForAll, type Told } from './live-gatehouse.ts';
import type { Document } from './openapi/judge.ts';
import { rawConnection } from './raw-socket.ts';
import { scratchFolder } from './scratch-forge.ts';

let service: RunningService;
let document: Document;
beforeAll(async () => {
  service = await serviceForAll(join(scratchFolder(), 'data'));
  document = (await ask(service, '/openapi.json')).json as Document;
});

const PAGES = [
  '/',
  '/login',
  '/logout',
  '/board/work',
  '/board/tasks',
  '/board/tasks/t-1',
  '/board/repos',
  '/board/repos/app',
  '/board/workers',
  '/board/audit',
  '/board/alerts',
  '/board/sessions',
  '/nothing-is-here',
  '/board.css',
  '/board.js',
  '/favicon.svg',
];
const HTML = { accept: 'text/html' };

/** Why it may be kept is said by its address alone. */
function expectGuarded(what: string, { headers }: Pick<Told, 'headers'>): void {
  expect([what, headers['x-content-type-options'], headers['cache-control']]).toEqual([what, 'nosniff', 'no-store']);
}

/** The parameters of the address as something that is nowhere. */
const addressOf = (path: string): string => path.replace('{source}', 'github').replaceAll(/\{\w+\}/g, '1');

test('every route of the API says nosniff and no-store, whoever asks and whatever it answers', async () => {
  const met = new Set<number>();
  for (const [path, methods] of Object.entries(document.paths))
    for (const method of Object.keys(methods)) {
      const body = method === 'post' ? { body: {} } : {};
      const askers: Asked[] = [{ token: null }, { token: 'not-a-known-token' }, {}];
      for (const asker of path === '/events' ? askers.slice(0, 2) : askers) {
        const told = await ask(service, addressOf(path), { ...body, ...asker });
        expectGuarded(`${method} ${path} ${told.status}`, told);
        met.add(told.status);
      }
      const form = await ask(service, addressOf(path), {
        method: 'POST',
        body: 'a=b',
        headers: { 'content-type': 'a/b' },
      });
      expectGuarded(`${method} ${path} ${form.status}`, form);
      met.add(form.status);
    }
  expect([200, 400, 401, 404, 415, 429].filter((status) => !met.has(status))).toEqual([]);
});

test('a stream of events says so, too', async () => {
  const stream = await rawConnection(service.url);
  const token = readFileSync(join(service.context.dataDir, 'api-token'), 'utf8').trim();
  stream.send(`GET /events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`);
  await stream.came(/retry:/);
  stream.socket.destroy();
  expect(stream.text()).toMatch(/^x-content-type-options: nosniff\r$/im);
  expect(stream.text()).toMatch(/^cache-control: no-store\r$/im);
});

test('an answer that has not changed is not sent again, and nothing on the way may keep it', async () => {
  for (const path of ['/queue', '/', '/board.css']) {
    let again: Told;
    do {
      const { headers } = await ask(service, path);
      again = await ask(service, path, { headers: { 'if-none-match': String(headers['etag']) } });
      // The service itself writes now and then, a heartbeat for one.
    } while (again.status !== 304);
    expectGuarded(`${path} 304`, again);
  }
});

test('every page of the board says so, with a session and without, and so does what is no page', async () => {
  for (const path of PAGES)
    for (const asker of [
      { token: null },
      { token: null, headers: HTML },
      { headers: HTML },
      { method: 'HEAD' },
    ] as Asked[]) {
      const told = await ask(service, path, asker);
      expectGuarded(`${path} ${told.status}`, told);
    }
});

test('a file of the board at the address of its very content may be kept, and nothing else', async () => {
  const page = (await ask(service, '/', { headers: HTML })).text;
  const addresses = [...page.matchAll(/"(\/[\w.-]+\?v=\w+)"/g)].map(([, address]) => address ?? '');
  expect(new Set(addresses).size).toBe(3);
  for (const address of addresses) {
    const { headers } = await ask(service, address, { token: null });
    expect([address, headers['cache-control'], headers['x-content-type-options']]).toEqual([
      address,
      'public, max-age=31536000, immutable',
      'nosniff',
    ]);
    expectGuarded('another version', await ask(service, `${address}0`, { token: null }));
  }
});
