/** One bounded request, over real HTTP that is spoilt on purpose. */
import { type Call, type FaultKind, Faults, type Served, serve } from '@gatehouse/doubles';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { request } from '../src/platform/request.ts';

let asked: string[];
let faults: Faults;
let served: Served;
beforeEach(async () => {
  asked = [];
  faults = new Faults();
  served = await serve({
    faults,
    answer: async ({ method, path, body, headers }) => {
      asked.push(`${method} ${path} ${body.toString()}`);
      if (path === '/moved') return { status: 302, headers: { location: '/elsewhere' }, body: Buffer.alloc(0) };
      const text = path === '/long' ? 'x'.repeat(2000) : `you said ${headers['authorization'] ?? 'nothing'}`;
      return { status: 200, headers: {}, body: Buffer.from(text) };
    },
  });
});
afterEach(() => served.close());
const everyCall = (_: Call): boolean => true;
const plan = (kind: FaultKind): void => faults.plan({ kind, on: everyCall });

test.each(['POST', 'PUT', 'PATCH', 'DELETE'] as const)('%s carries its body and its answer', async (method) => {
  const answer = await request({ url: `${served.url}/it`, method, body: '{"a":1}' });
  expect(answer).toMatchObject({ kind: 'answered', status: 200, text: 'you said nothing' });
  expect(asked).toEqual([`${method} /it {"a":1}`]);
});

test('an answer is read up to its limit and not beyond', async () => {
  const url = `${served.url}/long`;
  expect(await request({ url, method: 'GET', limitBytes: 2000 })).toMatchObject({ kind: 'answered' });
  expect(await request({ url, method: 'GET', limitBytes: 1999 })).toEqual({
    kind: 'unreachable',
    reason: 'the answer is larger than 1999 bytes',
    isTooLarge: true,
  });
});

test('a redirect is not followed: it could carry the credential to another host', async () => {
  expect((await request({ url: `${served.url}/moved`, method: 'GET' })).kind).toBe('unreachable');
  expect(asked).toEqual(['GET /moved ']);
});

test('a secret is in no answer and in no reason', async () => {
  const secrets = ['', 'hush-hush'];
  const headers = { authorization: 'token hush-hush' };
  expect(await request({ url: `${served.url}/it`, method: 'GET', headers, secrets })).toMatchObject({
    text: 'you said token ***',
  });
  expect(await request({ url: 'no url hush-hush', method: 'GET', secrets })).toEqual({
    kind: 'unreachable',
    reason: 'no url *** is not a URL',
  });
});

test('half an answer, a silent server and a caller who left are no answer, in words', async () => {
  const url = `${served.url}/it`;
  plan('cut');
  expect(await request({ url, method: 'GET' })).toMatchObject({
    kind: 'unreachable',
    reason: expect.stringMatching(/\S/),
  });
  plan('hangs');
  expect(await request({ url, method: 'GET', timeoutMs: 50 })).toMatchObject({ kind: 'unreachable', isLate: true });
  // On a busy machine that one may not have come to the server.
  const before = faults.fired.length;
  plan('hangs');
  const left = new AbortController();
  const waiting = request({ url, method: 'GET', signal: left.signal });
  while (faults.fired.length === before) await new Promise((turn) => setTimeout(turn, 5));
  left.abort('no error at all');
  expect(await waiting).toEqual({ kind: 'unreachable', reason: 'nobody waits for the answer any more' });
});
