/** One HTTP or HTTPS server on loopback: reads a request whole, asks the double, and lets a planned fault spoil the answer. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Hono } from 'hono';
import type { Call, FaultKind, Faults } from './faults.ts';

/** A request, read whole; header names in lower case. */
export interface Received extends Call {
  /** Path and query as they were asked for. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Double {
  readonly faults: Faults;
  answer(received: Received): Promise<Answer>;
}

export interface Served {
  /** `http://127.0.0.1:PORT` or `https://127.0.0.1:PORT`, without a slash at its end. */
  readonly url: string;
  /** Ends open connections, too. */
  close(): Promise<void>;
}

/** What an HTTPS server shows and keeps, as PEM. */
export interface TlsIdentity {
  readonly key: string;
  readonly cert: string;
}

/** Serves on a free port of loopback. */
export async function serve(double: Double, tls?: TlsIdentity): Promise<Served> {
  const last = new Map<string, Answer>();
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    handle({ double, last, request, response }).catch((thrown: unknown) => {
      process.stderr.write(`a double failed: ${String(thrown instanceof Error ? thrown.stack : thrown)}\n`);
      if (!response.headersSent) response.writeHead(599).end();
    });
  };
  const server = tls === undefined ? createServer(onRequest) : createSecureServer({ ...tls }, onRequest);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

/** Asks an API written with Hono. */
export async function answerByApi(api: Hono, { method, target, headers, body }: Received): Promise<Answer> {
  const init = method === 'GET' || method === 'HEAD' ? {} : { body: new Uint8Array(body) };
  const response = await api.request(target, { method, headers: { ...headers }, ...init });
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: Buffer.from(await response.arrayBuffer()),
  };
}

interface Handling {
  readonly double: Double;
  /** The last answer of each reading. */
  readonly last: Map<string, Answer>;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function handle({ double, last, request, response }: Handling): Promise<void> {
  const received = await read(request);
  const fault = double.faults.take(received);
  const refused = fault === null ? null : refusal(fault);
  if (fault === 'hangs') return;
  if (refused !== null) return write(response, refused);
  const reading = `${received.method} ${received.target} ${received.headers['authorization'] ?? ''}`;
  const before = last.get(reading);
  if (fault === 'stale' && before !== undefined) return write(response, before);
  const answer = await double.answer(received);
  if (received.method === 'GET') last.set(reading, answer);
  if (fault === 'fails-after') return write(response, FAILED);
  if (fault === 'cut') return cut(response, answer);
  return write(response, answer);
}

async function read(request: IncomingMessage): Promise<Received> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const target = request.url ?? '/';
  const { pathname, searchParams } = new URL(target, 'http://double');
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  return {
    method: request.method ?? 'GET',
    target,
    path: pathname,
    query: searchParams,
    headers,
    body: Buffer.concat(parts),
  };
}

const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/json;charset=utf-8', ...headers },
  body: Buffer.from(JSON.stringify(body)),
});
const FAILED = json(500, { message: '' });

/** The answer of a call that was not carried out; null: it is. */
function refusal(fault: FaultKind): Answer | null {
  switch (fault) {
    case 'fails-before':
      return FAILED;
    case 'limited':
      return json(429, { message: 'too many requests' }, { 'retry-after': '1' });
    case 'forbidden':
      return json(403, { message: 'forbidden' });
    case 'fails-after':
    case 'cut':
    case 'hangs':
    case 'stale':
      return null;
  }
}

function write(response: ServerResponse, { status, headers, body }: Answer): void {
  // No client keeps a connection that a closing double would have to wait for.
  response.writeHead(status, { ...headers, 'content-length': body.length, connection: 'close' });
  response.end(body);
}

/** Half of the answer, and at least its head, then nothing more. */
function cut(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, 'content-length': body.length + 1 });
  response.write(body.subarray(0, body.length >> 1), () => response.destroy());
  if (body.length < 2) response.flushHeaders();
}
