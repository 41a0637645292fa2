/**
 * The program of the spawner, see `spawner.ts`: forks on request, because a fork of this small process costs a fraction
 * of a fork of the large one that asks. It ends with its parent; the parent's guard ends what was started.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import type { Socket } from 'node:net';
import { stdioOf } from './child.ts';
import { errnoOf } from './errno.ts';
import type { OutputEnds, StreamName, ToParent, ToSpawner } from './spawner-protocol.ts';
import { startFailure, startProcess } from './start-process.ts';
import { listenForLines, type TokenSocket } from './token-socket.ts';

const parent: number = process.ppid;
/** Any process on this machine may connect to the address; only the parent knows the token. */
const token: string = randomBytes(24).toString('hex');

interface Expected {
  request?: ToSpawner;
  readonly sockets: Map<string, Socket>;
}

const expected = new Map<number, Expected>();

const send = (message: ToParent): void => void process.send?.(message, () => {});

function expectRun(id: number): Expected {
  const run = expected.get(id) ?? { sockets: new Map<string, Socket>() };
  expected.set(id, run);
  return run;
}

/** The first line of a connection says which stream of which run it is to become. */
function takeStream(socket: Socket, line: string): boolean {
  const [key, id, stream = ''] = line.split(' ');
  if (key !== token) return false;
  socket.pause();
  expectRun(Number(id)).sockets.set(stream, socket);
  void startWhenComplete(Number(id));
  return true;
}

async function startWhenComplete(id: number): Promise<void> {
  const run = expected.get(id);
  const request = run?.request;
  if (run === undefined || request === undefined || run.sockets.size < request.streams.length) return;
  expected.delete(id);
  // A parent that died while asking has a guard that may already have made its last scan.
  if (process.ppid !== parent) process.exit(0);
  const of = (stream: StreamName): Socket | 'ignore' => run.sockets.get(stream) ?? 'ignore';
  const output = openOutput(request.output);
  if (output === null) {
    for (const socket of run.sockets.values()) socket.destroy();
    send({ id, kind: 'unsent' });
    return;
  }
  const [stdout = of('stdout'), stderr = of('stderr')] = output;
  const status = request.stderrAt === null ? stderr : of('status');
  const started = startProcess(request, stdioOf({ stdin: of('stdin'), stdout, stderr, status }, request));
  for (const end of output) closeSync(end);
  // Only the command may hold the other ends now, or they would never close.
  for (const socket of run.sockets.values()) socket.destroy();
  if (started.kind === 'spawn-failed') {
    send({ id, ...started });
    return;
  }
  const { child } = started;
  if (process.ppid !== parent) {
    child.kill('SIGKILL');
    process.exit(0);
  }
  child.on('exit', (code, signal) => send({ id, kind: 'exit', code, signal }));
  const failure = await startFailure(child);
  send(failure === null ? { id, kind: 'spawned', pid: child.pid ?? 0 } : { id, ...failure });
}

/** Ends of our own of what the parent reads; null where they cannot be had. */
function openOutput(ends: OutputEnds | null): readonly number[] | null {
  const opened: number[] = [];
  try {
    for (const end of ends === null ? [] : [ends.stdout, ends.stderr])
      opened.push(openSync(`/proc/${parent}/fd/${end}`, 'w'));
    return opened;
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    for (const end of opened) closeSync(end);
    return null;
  }
}

/** The streams of a request were connected before it was sent: what was not heard by now was dropped, and nothing begins. */
async function startOrGiveUp({ heardAll }: TokenSocket, request: ToSpawner): Promise<void> {
  const { id } = request;
  expectRun(id).request = request;
  await startWhenComplete(id);
  if (!expected.has(id)) return;
  await heardAll();
  const run = expected.get(id);
  if (run === undefined) return;
  expected.delete(id);
  for (const socket of run.sockets.values()) socket.destroy();
  send({ id, kind: 'unsent' });
}

process.on('disconnect', () => process.exit(0));
const socket = await listenForLines('spawner', takeStream);
// Without a place for its streams it is of no use, and whoever waits for it sees it end.
if (socket === null) process.exit(1);
process.on('message', (request: ToSpawner) => void startOrGiveUp(socket, request));
send({ id: 0, kind: 'ready', address: `\0${socket.address}`, token });
