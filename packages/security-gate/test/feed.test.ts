import type { IncomingMessage, ServerResponse } from 'node:http';
import { npmBulkFeed } from '@gatehouse/security-gate';
import { afterEach, describe, expect, test } from '@jest/globals';
import { hostile } from './hostile.ts';
import { type Answer, serveLoopback } from './loopback.ts';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function serve(answer: Answer): Promise<string> {
  const server = await serveLoopback(answer);
  open.push(() => server.close());
  return `${server.url}/bulk`;
}
const json = (value: unknown) => (_request: IncomingMessage, _body: string, response: ServerResponse) => {
  response.setHeader('content-type', 'application/json').end(typeof value === 'string' ? value : JSON.stringify(value));
};
const advisory = (more: object = {}) => ({
  id: 1,
  url: 'https://advisories.example/GHSA-aaaa-bbbb-cccc',
  title: 'bad',
  severity: 'high',
  vulnerable_versions: '<2.0.0',
  ...more,
});
const ask = (url: string, options: object = {}) =>
  npmBulkFeed({ url, timeoutMs: 5000, ...options }).query(
    [{ name: 'bad', versions: ['1.0.0'] }],
    new AbortController().signal,
  );

test('asks by POST for names and versions and reads advisories', async () => {
  const asked: unknown[] = [];
  const url = await serve((request, body, response) => {
    asked.push([request.method, request.headers['content-type'], JSON.parse(body)]);
    response.end(JSON.stringify({ bad: [advisory()] }));
  });
  expect(await ask(url)).toMatchObject({
    kind: 'ok',
    advisories: [
      { id: '1', aliases: ['GHSA-aaaa-bbbb-cccc'], package: 'bad', severity: 'high', vulnerableVersions: '<2.0.0' },
    ],
  });
  expect(asked).toEqual([['POST', 'application/json', { bad: ['1.0.0'] }]]);
});

test('asks in parts for many packages', async () => {
  let requests = 0;
  const url = await serve((_request, _body, response) => {
    requests += 1;
    response.end('{}');
  });
  const many = Array.from({ length: 4500 }, (_, n) => ({ name: `p${n}`, versions: ['1.0.0'] }));
  expect((await npmBulkFeed({ url }).query(many, new AbortController().signal)).kind).toBe('ok');
  expect(requests).toBe(3);
});

describe('an answer that is not the expected shape is malformed:', () => {
  test.each<[string, unknown]>([
    ['HTML', '<html>maintenance</html>'],
    ['nothing', ''],
    ['a cut answer', '{"bad": [{'],
    ['a list', []],
    ['null', 'null'],
    ['an entry that is no list', { bad: {} }],
    ['an advisory without versions', { bad: [{ id: 1 }] }],
    ['an advisory with a range that is none', { bad: [advisory({ vulnerable_versions: 'sometimes' })] }],
    ['an advisory without id', { bad: [advisory({ id: undefined })] }],
  ])('%s', async (_name, value) => {
    expect((await ask(await serve(json(value)))).kind).toBe('malformed');
  });

  test('a redirect, which is not followed', async () => {
    let followed = false;
    const target = await serve((_request, _body, response) => {
      followed = true;
      response.end('{}');
    });
    const url = await serve((_request, _body, response) => response.writeHead(307, { location: target }).end());
    expect((await ask(url)).kind).toBe('malformed');
    expect(followed).toBe(false);
  });

  test('more bytes than the limit', async () => {
    const url = await serve(json(`{"x":"${'y'.repeat(5000)}"}`));
    expect((await ask(url, { limitBytes: 1000 })).kind).toBe('malformed');
  });

  test('a canary that does not come back vulnerable, {} included', async () => {
    const canary = { name: 'canary', version: '1.0.0' };
    expect((await ask(await serve(json({})), { canary })).kind).toBe('malformed');
    expect(
      (await ask(await serve(json({ canary: [advisory({ vulnerable_versions: '<0.1.0' })] })), { canary })).kind,
    ).toBe('malformed');
    expect((await ask(await serve(json({ canary: [advisory()] })), { canary })).kind).toBe('ok');
  });
});

describe('a feed that cannot be reached says so:', () => {
  test.each([503, 405, 401, 204])('status %d', async (status) => {
    const url = await serve((_request, _body, response) => response.writeHead(status).end());
    expect((await ask(url)).kind).toBe('unreachable');
  });

  test('no server listens', async () => {
    const url = await serve(() => {});
    await open.pop()?.();
    expect(await ask(url)).toMatchObject({ kind: 'unreachable', reason: expect.stringContaining('ECONNREFUSED') });
  });

  test('it hangs, before the answer or in the middle of it', async () => {
    expect((await ask(await serve(() => {}), { timeoutMs: 100 })).kind).toBe('unreachable');
    const half = await serve((_request, _body, response) => void response.write('{"bad"'));
    expect((await ask(half, { timeoutMs: 100 })).kind).toBe('unreachable');
  });

  test('a url that is none', async () => {
    expect((await ask('not a url')).kind).toBe('unreachable');
    expect((await ask('file:///etc/passwd')).kind).toBe('unreachable');
  });
});

test('making a feed from hostile options does not throw', () => {
  expect(typeof npmBulkFeed(hostile).query).toBe('function');
});
