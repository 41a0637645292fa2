/** The server before any route, over sockets: what is no request of ours, what keeps it waiting, what every answer carries. */
import { createHmac, hash } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createCancellations } from '../src/cancellation/cancellations.ts';
import { apiClient } from '../src/cli/api-client.ts';
import { composeService } from '../src/compose.ts';
import { createApp } from '../src/http/app.ts';
import type { DoorLimits } from '../src/platform/front-door.ts';
import { listen } from '../src/platform/listen.ts';
import { type Logger, silentLog } from '../src/platform/logger.ts';
import { nameInUrl, ownAddress } from '../src/platform/own-address.ts';
import type { RunningService } from '../src/running-service.ts';
import { ask, ownToken, serviceForAll, serviceOn, settingsFrom, until } from './live-gatehouse.ts';
import { type RawAnswer, type RawConnection, rawConnection, sendRaw } from './raw-socket.ts';
import { scratchFolder } from './scratch-forge.ts';
import { T0, withRepo } from './store/world.ts';

const SECRET = 'of this test';
let service: RunningService;
let [host, token] = ['', ''];
beforeAll(async () => {
  service = await serviceForAll(join(scratchFolder(), 'data'), { ORCH_GITHUB_WEBHOOK_SECRET: SECRET });
  host = `Host: ${new URL(service.url).host}\r\n`;
  token = `Authorization: Bearer ${ownToken(service)}\r\n`;
});

const CLOSE = 'Connection: close\r\n';
const JSON_TYPE = 'Content-Type: application/json\r\n';

/** What a refusal before any route is: a problem with a next step, nothing to keep, and the end of the connection. */
function expectRefusal(what: string, told: RawAnswer, status: number): void {
  const { headers } = told;
  expect([what, told.status, headers.get('content-type'), headers.get('connection')]).toEqual([
    what,
    status,
    'application/problem+json',
    'close',
  ]);
  expect([headers.get('x-content-type-options'), headers.get('cache-control')]).toEqual(['nosniff', 'no-store']);
  const body = /\{.*\}/s.exec(told.body)?.[0] ?? '';
  expect(JSON.parse(body)).toMatchObject({ status, next: expect.any(String) });
}

/** A delivery of GitHub's, signed and not. */
function webhook(name: string, target = '/webhooks/github'): { readonly signed: string; readonly forged: string } {
  const lines = (secret: string): string => {
    const signature = createHmac('sha256', secret).update('{}').digest('hex');
    const own = `X-GitHub-Event: ping\r\nX-Hub-Signature-256: sha256=${signature}\r\n`;
    return `POST ${target} HTTP/1.1\r\n${name}${JSON_TYPE}${own}Content-Length: 2\r\n${CLOSE}\r\n{}`;
  };
  return { signed: lines(SECRET), forged: lines('of nobody') };
}

describe('a request', () => {
  test('that names a whole address, another scheme, a host alone or nothing is refused', async () => {
    for (const target of [
      'http://other.example/queue',
      `${service.url}/queue`,
      'HTTPS://other/',
      'ftp://x/queue',
      '*',
      '/\\other.example/queue',
    ])
      expectRefusal(target, await sendRaw(service.url, `GET ${target} HTTP/1.1\r\n${host}${token}\r\n`), 400);
    expectRefusal('no slash', await sendRaw(service.url, `GET queue HTTP/1.1\r\n${host}${token}\r\n`), 400);
    const twoSlashes = await sendRaw(service.url, `GET //other.example/queue HTTP/1.1\r\n${host}${token}${CLOSE}\r\n`);
    expect(twoSlashes.status).toBe(404);
  });

  test('of a method that nothing here takes is refused, and told which there are', async () => {
    for (const method of ['DELETE', 'OPTIONS', 'PATCH', 'POST', 'PROPFIND', 'PURGE', 'PUT', 'QUERY', 'TRACE']) {
      const told = await sendRaw(service.url, `${method} /queue HTTP/1.1\r\n${host}${CLOSE}\r\n`);
      expectRefusal(method, told, 405);
      expect([method, told.headers.get('allow')]).toEqual([method, 'GET, HEAD']);
    }
    const tunnel = await sendRaw(service.url, `CONNECT other.example:443 HTTP/1.1\r\n${host}${token}\r\n`);
    expectRefusal('CONNECT', tunnel, 405);
    for (const method of ['BREW', 'get', 'TRACK'])
      expectRefusal(method, await sendRaw(service.url, `${method} /queue HTTP/1.1\r\n${host}${token}\r\n`), 400);
    const wrong = await ask(service, '/queue', { body: {} });
    expect([wrong.status, wrong.headers['allow']]).toEqual([405, 'GET, HEAD']);
    const posted = await ask(service, '/tasks/t-1/stop');
    expect([posted.status, posted.headers['allow']]).toEqual([405, 'POST']);
    const hook = await ask(service, '/webhooks/github', { token: null });
    expect([hook.status, hook.headers['allow']]).toEqual([405, 'POST']);
  });

  test('whose end could be read in two ways is refused, and what it hides is never answered', async () => {
    const hidden = `GET /healthz HTTP/1.1\r\n${host}\r\n`;
    const shapes: Readonly<Record<string, string>> = {
      'a length and chunks': `Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
      'chunks and a length': `Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${hidden}`,
      'two lengths': `Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}${hidden}`,
      'one length twice': `Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}${hidden}`,
      'a list of lengths': `Content-Length: 2, 2\r\n\r\n{}${hidden}`,
      'a length with a sign': `Content-Length: +2\r\n\r\n{}${hidden}`,
      'chunks that are not last': `Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${hidden}`,
      'two codings': `Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n${hidden}`,
      'a space before the colon': `Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${hidden}`,
      'a folded header': `Transfer-Encoding:\r\n chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n${hidden}`,
      'a chunk without a size': `Transfer-Encoding: chunked\r\n\r\nx\r\n${hidden}`,
      'bare line feeds': `Content-Length: 2\n\n{}${hidden}`,
    };
    for (const [what, shape] of Object.entries(shapes)) {
      const told = await sendRaw(service.url, `POST /pause HTTP/1.1\r\n${host}${token}${JSON_TYPE}${shape}`);
      expectRefusal(what, told, 400);
      expect([what, told.text.match(/HTTP\/1\.1 \d/g)?.length]).toEqual([what, 1]);
    }
    for (const coding of ['xchunked', 'gzip, chunked']) {
      const body = `Transfer-Encoding: ${coding}\r\n\r\n2\r\n{}\r\n0\r\n\r\n${hidden}`;
      const told = await sendRaw(service.url, `POST /pause HTTP/1.1\r\n${host}${token}${JSON_TYPE}${body}`);
      expectRefusal(coding, told, 501);
      expect([coding, told.text.match(/HTTP\/1\.1 \d/g)?.length]).toEqual([coding, 1]);
    }
  });

  test('that reads and brings a body is answered, and ends the connection: what follows is no request', async () => {
    for (const body of ['Content-Length: 300\r\n\r\n', 'Transfer-Encoding: chunked\r\n\r\n1c\r\n']) {
      const told = await sendRaw(
        service.url,
        `GET /healthz HTTP/1.1\r\n${host}${body}GET /readyz HTTP/1.1\r\n${host}\r\n`,
      );
      expect([body, told.status, told.text.match(/HTTP\/1\.1 \d/g)?.length]).toEqual([body, 200, 1]);
    }
  });

  test('of a webhook may name any host, as its signature is its proof, and no other request may', async () => {
    const { host: own, port } = new URL(service.url);
    const OWN = [own, `127.0.0.1:${port}`, 'LocalHost', `localhost:${port}`, '[::1]', `[::1]:${port}`];
    const OTHER = [
      'other.example',
      `other.example:${port}`,
      'OTHER.example:1',
      '[2001:db8::1]:80',
      '10.0.0.1',
      'localhost.',
    ];
    for (const name of [...OWN, ...OTHER, 'queue.example.']) {
      const hook = webhook(`Host: ${name}\r\n`);
      expect([name, (await sendRaw(service.url, hook.signed)).status]).toEqual([name, 202]);
      expect([`${name} 401`, `${name} 429`]).toContain(`${name} ${(await sendRaw(service.url, hook.forged)).status}`);
      const told = await sendRaw(service.url, `GET /queue HTTP/1.1\r\nHost: ${name}\r\n${token}${CLOSE}\r\n`);
      expect([name, told.status]).toEqual([name, OWN.includes(name) ? 200 : 421]);
    }
  });

  test('of a webhook that names no host, no name of one or a whole address is refused like any other', async () => {
    for (const name of [
      '',
      'Host: \r\n',
      'Host: a b\r\n',
      'Host: [::1\r\n',
      'Host: x:port\r\n',
      'Host: @localhost\r\n',
    ])
      expectRefusal(name, await sendRaw(service.url, webhook(name).signed), 400);
    for (const target of [
      'http://other.example/webhooks/github',
      `${service.url}/webhooks/github`,
      '\\webhooks\\github',
    ])
      expectRefusal(target, await sendRaw(service.url, webhook(host, target).signed), 400);
  });

  test('of another host finds no way past its name through the path of a webhook', async () => {
    const other = 'Host: other.example\r\n';
    const paths = [
      ...[
        '/webhooks/../queue',
        '/webhooks/%2e%2e/queue',
        '/webhooks/github/../../queue',
        '//webhooks/github',
        '/webhooks/github/',
      ],
      ...[
        '/webhooks/github/queue',
        '/webhooks/',
        '/webhooks',
        '/WEBHOOKS/github',
        '/queue?/webhooks/github',
        '/queue#/webhooks/github',
      ],
    ];
    for (const path of paths) {
      const told = await sendRaw(service.url, `GET ${path} HTTP/1.1\r\n${other}${token}${CLOSE}\r\n`);
      expect([400, 404, 421].map((status) => `${path} ${status}`)).toContain(`${path} ${told.status}`);
      expect((await sendRaw(service.url, webhook(other, path).signed)).status).not.toBe(202);
    }
  });

  test('without a host, with two, or with one that is no name is refused', async () => {
    const bad: readonly string[] = [
      '',
      'Host: \r\n',
      'Host: localhost@other\r\n',
      'Host: localhost:99999999\r\n',
      'Host: a/b\r\n',
    ];
    for (const name of bad)
      expectRefusal(name, await sendRaw(service.url, `GET /healthz HTTP/1.1\r\n${name}\r\n`), 400);
    for (const name of ['Host: other.example\r\n', 'Host: localhost.\r\n', `${host}Host: other.example\r\n`]) {
      const told = await sendRaw(service.url, `GET /queue HTTP/1.1\r\n${name}${token}${CLOSE}\r\n`);
      expect([name, told.status]).toEqual([name, 421]);
    }
  });

  test('to an address of IPv6 is answered under its name, and commands on this machine find it', async () => {
    const six = await serviceOn(join(scratchFolder(), 'data'), { ORCH_HOST: '0::1' });
    const { host: own, port } = new URL(six.url);
    expect(own).toBe(`[::1]:${port}`);
    for (const name of [own, '[::1]', `localhost:${port}`])
      expect([name, (await ask(six, '/queue', { headers: { host: name } })).status]).toEqual([name, 200]);
    const api = await apiClient(
      settingsFrom({ ORCH_DATA_DIR: six.context.dataDir, ORCH_HOST: '::1', ORCH_PORT: port }),
      {},
    );
    expect(await api.get('/queue')).toMatchObject({ kind: 'ok' });
    expect(
      ['fd00:0:0::A', 'Queue.example', '0.0.0.0', '::'].map((host) => [nameInUrl(host), ownAddress(host, 1)]),
    ).toEqual([
      ['[fd00::a]', 'http://[fd00::a]:1'],
      ['queue.example', 'http://queue.example:1'],
      ['0.0.0.0', 'http://127.0.0.1:1'],
      ['[::]', 'http://127.0.0.1:1'],
    ]);
  });

  test('to speak another protocol is answered in this one', async () => {
    for (const name of ['websocket', 'h2c']) {
      const upgrade = `Connection: Upgrade, HTTP2-Settings, close\r\nUpgrade: ${name}\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n`;
      const told = await sendRaw(service.url, `GET /healthz HTTP/1.1\r\n${host}${upgrade}\r\n`);
      expect([name, told.status, told.text.match(/HTTP\/1\.1 \d/g)?.length]).toEqual([name, 200, 1]);
    }
    expectRefusal('HTTP/2', await sendRaw(service.url, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), 400);
    expectRefusal('TLS', await sendRaw(service.url, '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'), 400);
  });

  test('whose headers are too large, or that expects what nobody knows, is told so', async () => {
    const long = await sendRaw(service.url, `GET /healthz HTTP/1.1\r\n${host}X: ${'a'.repeat(17 * 1024)}`);
    expectRefusal('headers', long, 431);
    const expects = `Expect: 200-maybe\r\n${JSON_TYPE}Content-Length: 2\r\n\r\n{}`;
    expectRefusal('expects', await sendRaw(service.url, `POST /pause HTTP/1.1\r\n${host}${token}${expects}`), 417);
  });
});

const TOKEN = 'a-token-of-the-test';

/** A service behind a door with limits of its own; nothing works in it. */
interface Guarded {
  readonly url: string;
  readonly faults: string[];
  readonly context: RunningService['context'];
}
const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function guarded(limits: Partial<DoorLimits>): Promise<Guarded> {
  const faults: string[] = [];
  const log: Logger = { ...silentLog, error: (message) => void faults.push(message) };
  const environment = { ORCH_DATA_DIR: join(scratchFolder(), 'data'), ORCH_GITHUB_WEBHOOK_SECRET: 'a shared secret' };
  const composed = await composeService(settingsFrom(environment), log);
  if (composed.kind !== 'open') throw new Error(composed.problem);
  opened.push(composed.close);
  const app = createApp({
    service: composed.context,
    condition: composed.storeFile.condition,
    cancellations: createCancellations(composed.context),
    tokens: [{ name: 'a', scope: 'admin', sha256: hash('sha256', TOKEN, 'buffer') }],
    hosts: new Set(['127.0.0.1']),
  });
  const listening = await listen(app.fetch, { host: '127.0.0.1', port: 0, limits });
  if (listening.kind !== 'listening') throw new Error(listening.problem);
  opened.push(listening.close);
  return { url: `http://127.0.0.1:${listening.port}`, faults, context: composed.context };
}
const HOST = 'Host: 127.0.0.1\r\n';
const ADMIN = `Authorization: Bearer ${TOKEN}\r\n`;
const QUICK = { headersMs: 60, requestMs: 120, checkMs: 20, untakenMs: 60 };

describe('what keeps the service waiting', () => {
  test('a connection that says nothing, and headers or a body that do not come, are cut', async () => {
    const { url, faults } = await guarded(QUICK);
    const signed = 'X-Hub-Signature-256: sha256=00\r\n';
    const started: Readonly<Record<string, string>> = {
      nothing: '',
      'half a header': `GET /healthz HTTP/1.1\r\n${HOST}X-Slow: a`,
      'half a body': `POST /pause HTTP/1.1\r\n${HOST}${ADMIN}${JSON_TYPE}Content-Length: 30\r\n\r\n{`,
      'half a chunk': `POST /pause HTTP/1.1\r\n${HOST}${ADMIN}${JSON_TYPE}Transfer-Encoding: chunked\r\n\r\n5\r\n{`,
      'half a webhook': `POST /webhooks/github HTTP/1.1\r\n${HOST}${signed}${JSON_TYPE}Content-Length: 30\r\n\r\n{`,
      'half a login': `POST /login HTTP/1.1\r\n${HOST}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 30\r\n\r\ntoken=`,
    };
    const told = await Promise.all(Object.values(started).map((bytes) => sendRaw(url, bytes)));
    for (const [at, what] of Object.keys(started).entries()) expectRefusal(what, told[at] as RawAnswer, 408);
    expect(faults).toEqual([]);
  });

  test('who asks is known before any of a body is read', async () => {
    const { url } = await guarded({});
    const chunked = 'Transfer-Encoding: chunked\r\n\r\n';
    const bodies: Readonly<Record<string, string>> = {
      chunks: `POST /pause HTTP/1.1\r\n${HOST}${JSON_TYPE}${chunked}`,
      'a length': `POST /pause HTTP/1.1\r\n${HOST}${JSON_TYPE}Content-Length: 30\r\n\r\n{`,
    };
    for (const [what, bytes] of Object.entries(bodies)) {
      const connection = await rawConnection(url);
      connection.send(bytes);
      await connection.came(/"status":401/);
      connection.socket.destroy();
      expect([what, connection.text().slice(0, 12)]).toEqual([what, 'HTTP/1.1 401']);
    }
    for (const [source, status] of [
      ['github', 401],
      ['plane', 404],
    ] as const) {
      const hook = await rawConnection(url);
      hook.send(`POST /webhooks/${source} HTTP/1.1\r\n${HOST}${JSON_TYPE}${chunked}`);
      await hook.came(new RegExp(`"status":${status}`));
      hook.socket.destroy();
    }
    const form = 'Content-Type: application/x-www-form-urlencoded\r\n';
    const login = await sendRaw(url, `POST /login HTTP/1.1\r\n${HOST}${form}${chunked}`);
    expect([login.status, login.headers.get('connection')]).toEqual([411, 'close']);
    const long = await sendRaw(url, `POST /login HTTP/1.1\r\n${HOST}${form}Content-Length: 262145\r\n\r\n`);
    expect([long.status, long.headers.get('connection')]).toEqual([413, 'close']);
  });

  test('a stream of events outlives every limit of a request', async () => {
    const { url, context } = await guarded(QUICK);
    const stream = await streamAt(url);
    // One after the other, so that the second is cut when the stream is older than both limits.
    for (const _ of [1, 2]) expect((await sendRaw(url, `GET / HTTP/1.1\r\n${HOST}`)).status).toBe(408);
    await withRepo(context.store);
    await context.store.updateRepo('demo', { paused: true }, { actor: 'a', atMs: T0 });
    await stream.came(/data: .*"repo":"demo"/);
    stream.socket.destroy();
  });

  test('past the limit the eldest connection that keeps it waiting gives way; a stream and a request at work do not', async () => {
    const { url } = await guarded({ connections: 4 });
    const streams = [await streamAt(url), await streamAt(url)];
    const idle = await rawConnection(url);
    const slow = await rawConnection(url);
    slow.send(`POST /pause HTTP/1.1\r\n${HOST}${ADMIN}${JSON_TYPE}Content-Length: 30\r\n\r\n{`);
    const bytes = `GET /healthz HTTP/1.1\r\n${HOST}\r\n`;
    const [one, other] = [await rawConnection(url), await rawConnection(url)];
    expect([(await idle.ended).status, (await slow.ended).status]).toEqual([null, null]);
    for (const connection of [one, other]) {
      connection.send(bytes);
      await connection.came(/"status":"ok"/);
    }
    streams.push(await streamAt(url), await streamAt(url));
    expect((await sendRaw(url, bytes)).status).toBe(null);
    for (const stream of streams) {
      expect(stream.socket.closed).toBe(false);
      stream.socket.destroy();
    }
    await until(
      'there is room again',
      async () => (await sendRaw(url, bytes.replace('\r\n\r\n', `\r\n${CLOSE}\r\n`))).status,
    );
  });

  test('an answer that nobody takes is cut, and the connection with it', async () => {
    const { url } = await guarded({ untakenMs: 100 });
    const connection = await rawConnection(url);
    connection.socket.pause();
    const bytes = `GET /board.css HTTP/1.1\r\n${HOST}\r\n`;
    connection.send(bytes.repeat(1000));
    // Not being read, the end is met by who writes.
    await until('it is cut', async () => {
      if (!connection.socket.destroyed) connection.send(bytes);
      return connection.socket.destroyed;
    });
    const other = await streamAt(url);
    expect((await sendRaw(url, `GET /healthz HTTP/1.1\r\n${HOST}${CLOSE}\r\n`)).status).toBe(200);
    other.socket.destroy();
  });

  test('to ask for the headers of the stream alone takes no place in it', async () => {
    for (let count = 0; count < 3; count++) {
      const told = await ask(service, '/events', { method: 'HEAD' });
      expect([told.status, told.headers['content-type']]).toEqual([200, 'text/event-stream']);
    }
    expect((await ask(service, '/metrics')).text).toMatch(/streams\S* 0\n/);
  });
});

async function streamAt(url: string): Promise<RawConnection> {
  const stream = await rawConnection(url);
  stream.send(`GET /events HTTP/1.1\r\n${HOST}${ADMIN}\r\n`);
  await stream.came(/retry: \d+/);
  return stream;
}
