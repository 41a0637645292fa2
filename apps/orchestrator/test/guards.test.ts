/** What a request passes before its route: guards in one layer, and a router that remembers. */
import { expect, test } from '@jest/globals';
import { Hono } from 'hono';
import { TrieRouter } from 'hono/router/trie-router';
import { type Guard, guardedBy } from '../src/http/guard.ts';
import { LONGEST, REMEMBERED, rememberingRouter } from '../src/http/remembering-router.ts';

/** A guard that notes that it was asked, and refuses a path that names it. */
const asked: string[] = [];
const guard =
  (name: string, isLate: boolean): Guard =>
  (c) => {
    asked.push(name);
    const told = c.req.path === `/${name}` ? c.text(`not past ${name}`, 403) : null;
    return isLate ? Promise.resolve(told) : told;
  };
const broken: Guard = (c) => {
  if (c.req.path === '/broken') throw new Error('no guard');
  return null;
};

test('guards are asked in their order, and the first that refuses answers; whether it answers at once makes no difference', async () => {
  const app = new Hono();
  app.onError((thrown, c) => c.text(thrown.message, 503));
  app.use(guardedBy(guard('one', false), guard('two', true), broken, guard('three', false), guard('four', true)));
  app.get('*', (c) => c.text('let through'));
  const told: [string, number, string, string][] = [];
  for (const path of ['/one', '/two', '/three', '/four', '/broken', '/else']) {
    asked.length = 0;
    const answer = await app.request(path);
    told.push([path, answer.status, await answer.text(), asked.join(' ')]);
  }
  expect(told).toEqual([
    ['/one', 403, 'not past one', 'one'],
    ['/two', 403, 'not past two', 'one two'],
    ['/three', 403, 'not past three', 'one two three'],
    ['/four', 403, 'not past four', 'one two three four'],
    ['/broken', 503, 'no guard', 'one two'],
    ['/else', 200, 'let through', 'one two three four'],
  ]);
});

const ROUTES = [
  ['ALL', '*', 'all'],
  ['GET', '/tasks', 'list'],
  ['GET', '/tasks/:id', 'one'],
  ['POST', '/tasks/:id/stop', 'stop'],
  ['POST', '/notes/test', 'try'],
  ['POST', '/notes/:id/again', 'again'],
] as const;

test('a path has the handlers that it had, by its method and with its own parameters, however many were asked for since', () => {
  const [remembering, plain] = [rememberingRouter<string>(), new TrieRouter<string>()];
  for (const [method, path, handler] of ROUTES)
    for (const router of [remembering, plain]) router.add(method, path, handler);
  const paths = ['/', '/tasks', '/tasks/a', '/tasks/b', '/tasks/b/stop', '/notes/test', '/notes/7/again', '/notes', ''];
  const many = Array.from({ length: 1200 }, (_, at) => `/tasks/t-${at}`);
  const long = ['x', 'y'].map((end) => `/tasks/${'t'.repeat(300)}${end}`);
  for (const path of [...paths, ...many, ...long, ...paths])
    for (const method of ['GET', 'POST', 'ALL'])
      for (const time of ['new', 'known'])
        expect([time, remembering.match(method, path)]).toEqual([time, plain.match(method, path)]);
});

test('a route that is added later is found at a path that was asked for before', () => {
  const router = rememberingRouter<string>();
  router.add('GET', '/tasks', 'list');
  expect(router.match('GET', '/leases')[0]).toEqual([]);
  router.add('GET', '/leases', 'leases');
  expect(router.match('GET', '/leases')[0].map(([handler]) => handler)).toEqual(['leases']);
});

test('only so many paths are remembered, and none that is long: those who ask choose them', () => {
  let searches = 0;
  const plain = new TrieRouter<string>();
  const match = (method: string, path: string) => {
    searches += 1;
    return plain.match(method, path);
  };
  const router = rememberingRouter<string>({ name: 'counted', add: plain.add.bind(plain), match });
  router.add('GET', '/:id', 'one');
  const searchesFor = (...paths: readonly string[]): number => {
    const before = searches;
    for (const path of paths) router.match('GET', path);
    return searches - before;
  };
  const many = Array.from({ length: REMEMBERED }, (_, at) => `/${at}`);
  expect(searchesFor('/a', '/a', '/a')).toBe(1);
  expect(searchesFor(...many.slice(1), '/a')).toBe(REMEMBERED - 1);
  expect(searchesFor('/b', '/a')).toBe(2);
  expect(searchesFor('/b', '/a')).toBe(0);
  const long = `/${'x'.repeat(LONGEST)}`;
  expect(searchesFor(long, long)).toBe(2);
});
