/**
 * The server before any route (docs/security.md): what every answer carries, which requests are no requests of ours, and how long
 * and how many connections may keep it waiting. Node's parser refuses what is ambiguous: a length beside chunks, two lengths, bare
 * line feeds. An upgrade is not made: such a request is answered as any other.
 */
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestListener,
  type Server,
  ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { PROBLEM_TYPE, problemBody } from './problem-body.ts';

export interface DoorLimits {
  /** Connections at once, streams of events among them. */
  readonly connections: number;
  /** Until the headers of a request are there; counts from the connection, or from its first byte on one that is kept. */
  readonly headersMs: number;
  /** Until the whole request is there. The answer may take as long as it takes. */
  readonly requestMs: number;
  /** How often both are looked at. */
  readonly checkMs: number;
  /** Until more of an answer is taken by who asked. */
  readonly untakenMs: number;
}

export const DOOR_LIMITS: DoorLimits = {
  connections: 1024,
  headersMs: 20_000,
  requestMs: 60_000,
  checkMs: 5_000,
  untakenMs: 60_000,
};

interface Refusal {
  readonly status: number;
  readonly detail: string;
  readonly next: string;
}

/** Every answer carries these; only one that may be kept says something else of caching. */
const ALWAYS = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' } as const;

/** All headers of an answer go out as one list: to set them one after the other costs more than most guards do. */
class Answer extends ServerResponse {
  override writeHead(status: number, ...told: unknown[]): this {
    return super.writeHead(status, { ...ALWAYS, ...told.find(isHeaders) });
  }
}
const isHeaders = (told: unknown): told is OutgoingHttpHeaders => typeof told === 'object';

const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/** A server that passes on to `listener` what may be answered. */
export function frontDoor(listener: RequestListener, limits: DoorLimits): Server {
  const held = holdConnections(limits.connections);
  const server = createServer(
    {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      connectionsCheckingInterval: limits.checkMs,
      // Refused here, as every answer is made.
      requireHostHeader: false,
      ServerResponse: Answer,
    },
    (request, response) => {
      held.answers(request.socket, response);
      // Its body is not read, so what follows on the connection could be taken for a request.
      if (request.method !== 'POST' && hasBody(request)) response.setHeader('Connection', 'close');
      const refusal = refusalOf(request);
      if (refusal === null) listener(request, response);
      else refuse(response, refusal);
    },
  );
  server.on('connection', held.add);
  // Nothing came or went for so long: an answer that is still made may take longer, one that nobody takes may not.
  server.setTimeout(limits.untakenMs, (socket) => {
    if (socket.writableLength > 0) socket.destroy();
  });
  server.on('connect', (_request, socket) => endWith(socket, NO_PROXY));
  server.on('checkExpectation', (_request, response) => refuse(response, UNEXPECTED));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (held.isAnswering(socket)) socket.destroy();
    else endWith(socket, FAULTS[error.code ?? ''] ?? UNREADABLE);
  });
  return server;
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';

const NO_PROXY: Refusal = {
  status: 405,
  detail: 'this service is no proxy',
  next: 'ask it for a path at its own address',
};
const UNEXPECTED: Refusal = {
  status: 417,
  detail: 'of what a request can expect only 100-continue is known',
  next: 'leave the header Expect out',
};
const UNREADABLE: Refusal = {
  status: 400,
  detail: 'this is no request of HTTP/1.1 that can be read in one way only',
  next: 'send one length or chunks, never both; see RFC 9112',
};
/** What the parser says, by its code. */
const FAULTS: Readonly<Record<string, Refusal>> = {
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    detail: 'the request did not arrive in time',
    next: 'send it again as a whole',
  },
  HPE_HEADER_OVERFLOW: { status: 431, detail: 'the headers are too large', next: 'send fewer or shorter ones' },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: {
    status: 413,
    detail: 'the extensions of a chunk are too large',
    next: 'leave them out',
  },
};

function refusalOf({ url = '', headers }: IncomingMessage): Refusal | null {
  if (!url.startsWith('/') || /^[^?]*\\/.test(url))
    return { status: 400, detail: 'a request names a path of this service and nothing else', next: NO_PROXY.next };
  if (headers.host === undefined || !HOST.test(headers.host))
    return {
      status: 400,
      detail: 'the header Host names no host',
      next: 'send the name that the service is called by',
    };
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'chunked')
    return { status: 501, detail: 'of transfer codings only `chunked` is known', next: 'send the body as it is' };
  return null;
}

/** What comes behind a refused request is not read. */
function refuse(response: ServerResponse, { status, detail, next }: Refusal): void {
  response.writeHead(status, {
    ...ALWAYS,
    'Content-Type': PROBLEM_TYPE,
    Connection: 'close',
  });
  response.end(problemBody(status, detail, next));
}

/** Answers where there is no request to answer, and ends the connection. */
function endWith(socket: Duplex, { status, detail, next }: Refusal): void {
  const body = problemBody(status, detail, next);
  const headers = {
    ...ALWAYS,
    'Content-Type': PROBLEM_TYPE,
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
    ...(status === 405 ? { Allow: 'GET, HEAD, POST' } : {}),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${TOLD_AS}\r\n${lines.join('')}\r\n${body}`, () => socket.destroy());
}

/** The words behind a status are for nobody. */
const TOLD_AS = 'Refused';

/** The connections there are: past the limit the eldest that keeps the service waiting gives way to a new one. */
function holdConnections(limit: number) {
  const held = new Map<Duplex, Set<ServerResponse>>();
  /** Those that are not out. One that is out goes when the next begins: to listen for its end costs as much as a guard does. */
  const openOf = (socket: Duplex): readonly ServerResponse[] =>
    [...(held.get(socket) ?? [])].filter(({ closed }) => !closed);
  /** Whether a whole request came in, and its answer is not out. */
  const isAtWork = (socket: Duplex): boolean => openOf(socket).some(({ req }) => req.complete);
  return {
    add(socket: Duplex): void {
      if (held.size >= limit) {
        const eldest = [...held.keys()].find((one) => !isAtWork(one)) ?? socket;
        held.delete(eldest);
        eldest.destroy();
        if (eldest === socket) return;
      }
      held.set(socket, new Set());
      socket.once('close', () => held.delete(socket));
    },
    answers(socket: Duplex, response: ServerResponse): void {
      const answers = held.get(socket);
      for (const answer of answers ?? []) if (answer.closed) answers?.delete(answer);
      answers?.add(response);
    },
    /** Whether a part of an answer is out: nothing can be said any more. */
    isAnswering: (socket: Duplex): boolean => openOf(socket).some(({ headersSent }) => headersSent),
  };
}
