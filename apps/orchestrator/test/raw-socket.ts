/** Bytes as they are, to a service and back: what no client library would send. */
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  /** Null: the connection was ended without an answer. */
  readonly status: number | null;
  /** Names in small letters. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** Everything that came. */
  readonly text: string;
}

/** A connection on which bytes can be sent one after the other. */
export interface RawConnection {
  readonly socket: Socket;
  readonly send: (bytes: string) => void;
  /** Everything that came until now. */
  readonly text: () => string;
  /** Resolves as soon as what came is something. */
  readonly came: (what: RegExp) => Promise<void>;
  /** Resolves when the other side has ended it. */
  readonly ended: Promise<RawAnswer>;
}

export async function rawConnection(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = '';
  const looks = new Set<() => void>();
  socket.on('data', (piece) => {
    text += piece.toString('latin1');
    for (const look of looks) look();
  });
  socket.on('error', () => {});
  const ended = new Promise<RawAnswer>((resolve) => socket.once('close', () => resolve(rawAnswer(text))));
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return {
    socket,
    send: (bytes) => void socket.write(bytes, 'latin1'),
    text: () => text,
    ended,
    came: (what) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!what.test(text)) return;
          looks.delete(look);
          resolve();
        };
        looks.add(look);
        look();
        socket.once('close', () => (looks.has(look) ? reject(new Error(`ended after ${text}`)) : undefined));
      }),
  };
}

/** Sends the bytes, and reads until the other side ends the connection. */
export async function sendRaw(url: string, bytes: string): Promise<RawAnswer> {
  const connection = await rawConnection(url);
  connection.send(bytes);
  return connection.ended;
}

function rawAnswer(text: string): RawAnswer {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const status = /^HTTP\/1\.1 (\d{3})/.exec(first)?.[1];
  const headers = lines.map((line): [string, string] => {
    const at = line.indexOf(':');
    return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
  });
  return {
    status: status === undefined ? null : Number(status),
    headers: new Map(headers),
    body: rest.join('\r\n\r\n'),
    text,
  };
}
