/**
 * An abstract socket whose connections say in their first line whose they are. Any process on this machine may connect, and few may
 * stay without a word. Time is no measure of that: this process or the other may have been stopped meanwhile.
 */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { randomBytes } from './random.ts';
import { catchUp } from './within.ts';

/** So many connections may stand that have not said a line; the oldest goes first. */
const MOST_SILENT = 64;
const LONGEST_LINE = 200;

export interface TokenSocket {
  /** Without its leading zero byte. */
  readonly address: string;
  /**
   * Settles when whatever was written by a connection that stands now has been read. False: nobody knows. The loop takes one
   * connection a turn and in their order, so it is known by one that is made now.
   */
  readonly heardAll: () => Promise<boolean>;
}

/** False: nobody expects this line. `rest` came behind it. */
export type OnLine = (socket: Socket, line: string, rest: string) => boolean;

/** Null if no socket can be had. It keeps no process alive. */
export async function listenForLines(name: string, onLine: OnLine): Promise<TokenSocket | null> {
  const address = `gatehouse-${name}-${randomBytes(12).toString('hex')}`;
  const probes = new Map<string, (isTaken: boolean) => void>();
  const server = createServer(
    lineReader((socket, line, rest) => {
      const taken = probes.get(line);
      if (taken === undefined) return onLine(socket, line, rest);
      taken(true);
      return false;
    }),
  );
  // Else a worker of a cluster asks its primary to listen, and waits for ever where a variable only says that there is one.
  server.listen({ path: `\0${address}`, exclusive: true });
  server.unref();
  const heardAll = async (): Promise<boolean> => {
    const token = randomBytes(24).toString('hex');
    const { promise, resolve } = Promise.withResolvers<boolean>();
    probes.set(token, resolve);
    const own = connect(`\0${address}`, () => own.end(`${token}\n`));
    own.on('error', () => {});
    own.on('close', () => resolve(false));
    const isTaken = await promise;
    probes.delete(token);
    own.destroy();
    if (isTaken) await catchUp();
    return isTaken;
  };
  return once(server, 'listening').then(
    () => ({ address, heardAll }),
    () => null,
  );
}

function lineReader(onLine: OnLine): (socket: Socket) => void {
  const silent = new Set<Socket>();
  return (socket) => {
    let said = '';
    silent.add(socket);
    // A stranger must not keep a process alive that has nothing else to do.
    socket.unref();
    const [oldest] = silent;
    if (silent.size > MOST_SILENT) oldest?.destroy();
    socket.on('error', () => socket.destroy());
    socket.on('close', () => silent.delete(socket));
    const onData = (bytes: Buffer): void => {
      said += bytes.toString('latin1');
      const end = said.indexOf('\n');
      if (end < 0) {
        if (said.length > LONGEST_LINE) socket.destroy();
        return;
      }
      socket.off('data', onData);
      silent.delete(socket);
      socket.ref();
      if (!onLine(socket, said.slice(0, end), said.slice(end + 1))) socket.destroy();
    };
    socket.on('data', onData);
  };
}
