/** Where keepers report: one abstract socket per process. A connection becomes the run whose token it says first. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { randomBytes } from './random.ts';

/** Called once, with the connection and what came after the token. */
export type OnKeeper = (socket: Socket, rest: string) => void;

const expected = new Map<string, OnKeeper>();
/** Any process on this machine may connect; it may not stay without a token. */
const TOKEN_MS = 5000;
const LONGEST_TOKEN = 100;

let listening: Promise<string | null> | null = null;

/** Without its leading zero byte; null if no socket can be had. */
export function keeperAddress(): Promise<string | null> {
  listening ??= listen();
  return listening;
}

/** A token that is good for one connection. */
export function expectKeeper(onKeeper: OnKeeper): { readonly token: string; readonly forget: () => void } {
  const token = randomBytes(24).toString('hex');
  expected.set(token, onKeeper);
  return { token, forget: () => void expected.delete(token) };
}

/** Turns of the event loop in which a connection that was taken is read to its end. */
const PASSES = 10;

/**
 * Settles when whatever was written by a connection that stands now has been read. False: nobody knows. The loop takes one connection
 * a turn and in their order, so it is known by one that is made now.
 */
export async function heardAll(): Promise<boolean> {
  const address = await keeperAddress();
  if (address === null) return false;
  const taken = Promise.withResolvers<boolean>();
  const { token, forget } = expectKeeper((socket) => {
    socket.destroy();
    taken.resolve(true);
  });
  const own = connect(`\0${address}`, () => own.end(`${token}\n`));
  own.on('error', () => taken.resolve(false));
  const isTaken = await taken.promise;
  forget();
  own.destroy();
  for (let pass = 0; isTaken && pass < PASSES; pass += 1) await turn();
  return isTaken;
}

async function listen(): Promise<string | null> {
  const address = `gatehouse-keeper-${randomBytes(12).toString('hex')}`;
  const server = createServer(readToken);
  // Else a worker of a cluster asks its primary to listen, and waits for ever where a variable only says that there is one.
  server.listen({ path: `\0${address}`, exclusive: true });
  server.unref();
  return once(server, 'listening').then(
    () => address,
    () => null,
  );
}

function readToken(socket: Socket): void {
  let said = '';
  socket.on('error', () => socket.destroy());
  socket.setTimeout(TOKEN_MS, () => socket.destroy());
  const onData = (bytes: Buffer): void => {
    said += bytes.toString('latin1');
    const end = said.indexOf('\n');
    if (end < 0) {
      if (said.length > LONGEST_TOKEN) socket.destroy();
      return;
    }
    const onKeeper = expected.get(said.slice(0, end));
    if (onKeeper === undefined) {
      socket.destroy();
      return;
    }
    expected.delete(said.slice(0, end));
    socket.off('data', onData);
    socket.setTimeout(0);
    onKeeper(socket, said.slice(end + 1));
  };
  socket.on('data', onData);
}
