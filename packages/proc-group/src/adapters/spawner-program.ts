/**
 * The program of the spawner, see `spawner.ts`: forks on request, because a fork of this small process costs a fraction
 * of a fork of the large one that asks. It ends with its parent; the parent's guard ends what was started.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { stdioOf } from './child.ts';
import type { OutputEnds, StreamName, ToParent, ToSpawner } from './spawner-protocol.ts';
import { startFailure, startProcess } from './start-process.ts';

const parent: number = process.ppid;
/** Any process on this machine may connect to the address; only the parent knows the token. */
const token: string = randomBytes(24).toString('hex');
const address: string = `\0gatehouse-spawner-${randomBytes(12).toString('hex')}`;
const LONGEST_HEADER = 200;
const HEADER_MS = 5000;

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
function readHeader(socket: Socket): void {
  let header = '';
  socket.on('error', () => socket.destroy());
  socket.setTimeout(HEADER_MS, () => socket.destroy());
  const onData = (bytes: Buffer): void => {
    header += bytes.toString('latin1');
    if (!header.endsWith('\n')) {
      if (header.length > LONGEST_HEADER) socket.destroy();
      return;
    }
    const [key, id, stream = ''] = header.trim().split(' ');
    if (key !== token) {
      socket.destroy();
      return;
    }
    socket.off('data', onData);
    socket.pause();
    socket.setTimeout(0);
    expectRun(Number(id)).sockets.set(stream, socket);
    void startWhenComplete(Number(id));
  };
  socket.on('data', onData);
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
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) throw error;
    for (const end of opened) closeSync(end);
    return null;
  }
}

process.on('disconnect', () => process.exit(0));
process.on('message', (request: ToSpawner) => {
  expectRun(request.id).request = request;
  void startWhenComplete(request.id);
});
createServer(readHeader).listen(address, () => send({ id: 0, kind: 'ready', address, token }));
