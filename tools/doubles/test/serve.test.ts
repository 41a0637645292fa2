/** The server and its faults, over a double that counts. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Hono } from 'hono';
import { type FaultKind, Faults, type Served, serve } from '../src/index.ts';
import { answerByApi } from '../src/serve.ts';

let done: number;
let faults: Faults;
let served: Served;
beforeEach(async () => {
  done = 0;
  faults = new Faults();
  const api = new Hono();
  api.get('/count', (c) => c.json({ done }));
  api.post('/count', async (c) => {
    done += Number(await c.req.text());
    return c.json({ done });
  });
  served = await serve({ faults, answer: (received) => answerByApi(api, received) });
});
afterEach(() => served.close());

const post = (signal?: AbortSignal): Promise<Response> =>
  fetch(`${served.url}/count`, { method: 'POST', body: '2', ...(signal === undefined ? {} : { signal }) });
const plan = (kind: FaultKind, method = 'POST'): void => faults.plan({ kind, on: (call) => call.method === method });

test('answers what the API answers', async () => {
  expect(await (await post()).json()).toEqual({ done: 2 });
  expect(faults.fired).toEqual([]);
});

test.each([
  ['fails-before', 500, 0],
  ['fails-after', 500, 2],
  ['limited', 429, 0],
  ['forbidden', 403, 0],
] as const)('%s is answered %i once, with %i done', async (kind, status, count) => {
  plan(kind);
  expect((await post()).status).toBe(status);
  expect(done).toBe(count);
  expect((await post()).status).toBe(200);
  expect(faults.fired).toEqual([{ kind, call: 'POST /count' }]);
});

test('cut is done, and its answer cannot be read', async () => {
  plan('cut');
  await expect(post().then((response) => response.text())).rejects.toThrow();
  expect(done).toBe(2);
});

test('hangs until the caller gives up, with nothing done', async () => {
  plan('hangs');
  const giveUp = new AbortController();
  const asked = post(giveUp.signal);
  while (faults.fired.length === 0) await new Promise((turn) => setTimeout(turn, 2));
  giveUp.abort();
  await expect(asked).rejects.toThrow();
  expect(done).toBe(0);
});

test('stale answers what the same reading got last time', async () => {
  const read = async (): Promise<unknown> => (await fetch(`${served.url}/count`)).json();
  await read();
  await post();
  plan('stale', 'GET');
  expect(await read()).toEqual({ done: 0 });
  expect(await read()).toEqual({ done: 2 });
});
