/** Binds an HTTP server; a port that is taken or forbidden is an answer. */
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { DOOR_LIMITS, type DoorLimits, frontDoor } from './front-door.ts';
import { nameInUrl } from './own-address.ts';

export interface Listening {
  readonly kind: 'listening';
  readonly port: number;
  /** Stops accepting, ends open connections, resolves when the port is free. */
  readonly close: () => Promise<void>;
}
export type ListenAnswer = Listening | { readonly kind: 'not-listening'; readonly problem: string };

export type Fetch = Parameters<typeof getRequestListener>[0];

/** Where it listens; `limits` are those of every connection. [DOOR_LIMITS] */
export interface ListenAt {
  readonly host: string;
  readonly port: number;
  readonly limits?: Partial<DoorLimits>;
}

export function listen(fetch: Fetch, { host, port, limits }: ListenAt): Promise<ListenAnswer> {
  return new Promise((resolve) => {
    const server = frontDoor(getRequestListener(fetch, { hostname: host }), { ...DOOR_LIMITS, ...limits });
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve({ kind: 'not-listening', problem: explain(error.code ?? error.message, host, port) }),
    );
    // By itself, also where it is taken for a worker of a cluster.
    server.listen({ port, host, exclusive: true }, () => {
      const close = () =>
        new Promise<void>((closed) => {
          server.close(() => closed());
          server.closeAllConnections();
        });
      resolve({ kind: 'listening', port: (server.address() as AddressInfo).port, close });
    });
  });
}

function explain(code: string, host: string, port: number): string {
  const place = `${nameInUrl(host)}:${port}`;
  if (code === 'EADDRINUSE')
    return `port ${place} is taken; end the other program or set ORCH_PORT (0 picks a free one)`;
  if (code === 'EACCES') return `no permission to listen on ${place}; set ORCH_PORT above 1023`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${host} is not an address of this machine; set ORCH_HOST`;
  return `cannot listen on ${place}: ${code}`;
}
