/** A server on loopback that gives every request the same answer, and counts them. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Listening {
  readonly url: string;
  asked(): number;
  close(): Promise<void>;
}

export async function listen(
  answer: () => { readonly status: number; readonly location?: string },
): Promise<Listening> {
  let asked = 0;
  const server = createServer((_, response) => {
    asked += 1;
    const { status, location } = answer();
    response.writeHead(status, location === undefined ? {} : { location });
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return { url: `http://127.0.0.1:${port}`, asked: () => asked, close };
}
