/**
 * Lets a small process do the forking. Node forks without vfork, and a fork copies the page tables: at 1 GiB resident
 * it blocks the event loop for tens of milliseconds. One long-lived spawner per process, started when it first pays.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as loader from 'node:module';
import { connect, type Socket } from 'node:net';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { types } from 'node:util';
import { type Child, type ChildRequest, type Exit, endOf, readStreams, type Spawned, toldOn } from './child.ts';
import { errnoOf } from './errno.ts';
import { takePipes } from './pipes.ts';
import { resume } from './process-signal.ts';
import { residentBytes } from './procfs.ts';
import type { StreamName, ToParent, ToSpawner } from './spawner-protocol.ts';
import type { SpawnFailed } from './start-process.ts';
import { within } from './within.ts';

/** Below this a fork of our own is cheaper than asking. */
const WORTH_BYTES: number = 200 * 2 ** 20;
const START_MS = 5000;
/** Long enough for a machine on which a fork waits: with it all its other runs are lost. */
const SILENT_MS = 10_000;
/** The spawner is this very file's neighbour, in the sources and in the build. */
const PROGRAM: string = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './spawner-program.ts' : './spawner-program.js', import.meta.url),
);

/** `lost`: it has ended, so how the command ends stays unknown. */
type HelperMessage = ToParent | { readonly kind: 'lost' };

interface Spawner {
  readonly process: ChildProcess;
  readonly address: string;
  readonly token: string;
  readonly runs: Map<number, (message: HelperMessage) => void>;
}

interface SpawnerOfIdentity {
  /** Who we were at its start: a spawner must not lend a privilege that this process has given up. */
  readonly identity: string;
  readonly spawner: Promise<Spawner | null>;
}

let current: SpawnerOfIdentity | null = null;
/** A machine on which it does not start is not tried again. */
let unavailable = false;
let lastId = 0;

/** True if this process is large enough, and the machine known to be able. */
export const isWorthSpawner = (): boolean =>
  process.platform === 'linux' && !unavailable && residentBytes() > WORTH_BYTES;

/**
 * As `spawnChild`, by the spawner; null if there is none to be had, and then nothing was started. Once `asked` settles, a spawner that
 * does not answer is ended, and everything that it started counts as lost.
 */
export async function spawnViaHelper(request: ChildRequest, asked: Promise<unknown>): Promise<Spawned | null> {
  // Only we have our descriptors.
  if (request.stdin === 'inherit' || request.descriptors.length > 0) return null;
  const cwd = absolute(request.cwd);
  if (cwd === null) return null;
  const spawner = await spawnerFor(identity());
  if (spawner === null) return null;
  lastId += 1;
  const id = lastId;
  // One that was stopped goes on.
  resume(spawner.process);
  const taking = takePipes(2, (file, args) => runQuietly(spawner, [file, ...args]));
  void asked.then(() => endSilent(spawner, taking));
  const pipes = await taking;
  const [out, err] = [pipes?.[0], pipes?.[1]];
  const giveOutput = (): void => {
    for (const pipe of pipes ?? []) pipe.give();
  };
  const streams: readonly StreamName[] = [
    ...(request.stdin === null ? [] : (['stdin'] as const)),
    ...(pipes === null ? (['stdout', 'stderr'] as const) : []),
    ...(request.stderrAt === null ? [] : (['status'] as const)),
  ];
  const sockets = await openStreams(spawner, id, streams);
  if (sockets === null) {
    giveOutput();
    for (const pipe of pipes ?? []) pipe.read.destroy();
    return null;
  }
  const { file, args, env, detached, runAs, stderrAt } = request;
  const output = out === undefined || err === undefined ? null : { stdout: out.write, stderr: err.write };
  const message: ToSpawner = { id, streams, file, args, cwd, env, detached, runAs, stderrAt, descriptors: [], output };
  const answer = follow(spawner, id, (message) => message.kind === 'spawned' && sendStdin(sockets, request.stdin));
  const printed = { stdout: out?.read ?? sockets.stdout, stderr: err?.read ?? sockets.stderr };
  const { drained, release } = readStreams({ stdin: sockets.stdin, ...printed }, request.onChunk);
  const shell = Promise.withResolvers<Exit>();
  const told = stderrAt === null ? null : toldOn(sockets.status, shell.promise);
  const below = told === null ? { begun: Promise.resolve() } : { ...endOf(told.told), begun: told.begun };
  spawner.process.send(message, (error) => {
    if (error !== null) spawner.runs.get(id)?.({ id, kind: 'unsent' });
  });
  void asked.then(() => endSilent(spawner, answer));
  const started = await answer;
  giveOutput();
  if (started?.kind === 'spawned') {
    void started.child.exited.then(shell.resolve);
    return { kind: 'spawned', child: { ...started.child, ...below, drained, release } };
  }
  release();
  sockets.status?.destroy();
  return started;
}

/** A program without streams needs no connection. */
async function runQuietly(spawner: Spawner, [file = '', ...args]: readonly string[]): Promise<number | null> {
  lastId += 1;
  const id = lastId;
  const answer = follow(spawner, id, () => {});
  const plain = { cwd: '/', env: {}, detached: false, runAs: null, stderrAt: null, descriptors: [] };
  const message: ToSpawner = { id, streams: [], output: null, file, args, ...plain };
  spawner.process.send(message, (error) => {
    if (error !== null) spawner.runs.get(id)?.({ id, kind: 'unsent' });
  });
  const started = await answer;
  if (started?.kind === 'spawn-failed') return started.errno === 'ENOENT' ? null : -1;
  return (await started?.child.exited)?.code ?? -1;
}

/** A command that runs as the same user may have stopped it. */
async function endSilent({ process: helper }: Spawner, answer: Promise<unknown>): Promise<void> {
  resume(helper);
  if ((await within(answer, SILENT_MS, 'silent')) === 'silent') helper.kill('SIGKILL');
}

/** The spawner stands elsewhere. Null where our own directory was removed. */
function absolute(directory: string): string | null {
  try {
    return resolve(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

type Sockets = { readonly [S in StreamName]: Socket | null };

function sendStdin({ stdin }: Sockets, bytes: ChildRequest['stdin']): void {
  if (types.isUint8Array(bytes)) stdin?.end(bytes);
  // What a command writes to its own standard input is dropped, but the end of it has to be noticed.
  stdin?.resume();
}

type HelperSpawned = { readonly kind: 'spawned'; readonly child: Pick<Child, 'pid' | 'exited' | 'exit'> } | SpawnFailed;

/**
 * Settles once the command was started or could not be; null if the request never reached the spawner. With a lost
 * spawner it counts as started and ended in an unknown way, which claims least.
 */
function follow(
  spawner: Spawner,
  id: number,
  onMessage: (message: HelperMessage) => void,
): Promise<HelperSpawned | null> {
  let ended: Exit | null = null;
  let settleExit: (exit: Exit) => void = () => {};
  const exited = new Promise<Exit>((settle) => {
    settleExit = settle;
  });
  const started = (pid: number): HelperSpawned => ({ kind: 'spawned', child: { pid, exited, exit: () => ended } });
  const end = (exit: Exit): void => {
    ended = exit;
    settleExit(exit);
  };
  return new Promise((resolve) => {
    spawner.runs.set(id, (message) => {
      onMessage(message);
      if (message.kind !== 'spawned') spawner.runs.delete(id);
      if (message.kind === 'spawned') resolve(started(message.pid));
      if (message.kind === 'exit') end({ code: message.code, signal: message.signal });
      if (message.kind === 'unsent') resolve(null);
      if (message.kind === 'spawn-failed')
        resolve({ kind: message.kind, errno: message.errno, message: message.message });
      if (message.kind === 'lost') {
        end({ code: null, signal: null });
        resolve(started(0));
      }
    });
  });
}

/** Null if the spawner does not answer any more. */
async function openStreams(
  { address, token }: Spawner,
  id: number,
  streams: readonly StreamName[],
): Promise<Sockets | null> {
  const sockets = streams.map((stream) => {
    const socket = connect(address);
    socket.on('error', () => {});
    socket.write(`${token} ${id} ${stream}\n`);
    return socket;
  });
  const opened = await Promise.all(
    sockets.map((socket) =>
      once(socket, 'connect').then(
        () => true,
        () => false,
      ),
    ),
  );
  if (opened.every(Boolean)) {
    const of = (stream: StreamName): Socket | null => sockets[streams.indexOf(stream)] ?? null;
    return { stdin: of('stdin'), stdout: of('stdout'), stderr: of('stderr'), status: of('status') };
  }
  for (const socket of sockets) socket.destroy();
  return null;
}

function identity(): string {
  const ids = [process.getuid?.(), process.geteuid?.(), process.getgid?.(), process.getegid?.(), process.getgroups?.()];
  return ids.join(':');
}

function spawnerFor(wanted: string): Promise<Spawner | null> {
  if (current?.identity === wanted) return current.spawner;
  void current?.spawner.then(retire);
  const started = startSpawner(() => {
    if (current?.spawner === started) current = null;
  });
  current = { identity: wanted, spawner: started };
  return started;
}

/** Without a channel it ends by itself; one that still has runs to report stays until we end. */
function retire(spawner: Spawner | null): void {
  if (spawner !== null && spawner.runs.size === 0 && spawner.process.connected) spawner.process.disconnect();
}

async function startSpawner(onEnd: () => void): Promise<Spawner | null> {
  const started = startProgram();
  if (started === null) return null;
  const runs: Spawner['runs'] = new Map();
  const ready = new Promise<Spawner | null>((resolve) => {
    // A stopped one would not see that we are gone.
    const goOn = (): void => resume(started);
    process.once('exit', goOn);
    const lose = (): void => {
      process.off('exit', goOn);
      resolve(null);
      onEnd();
      for (const onMessage of [...runs.values()]) onMessage({ kind: 'lost' });
    };
    started.on('error', lose);
    started.on('exit', lose);
    started.on('message', (message: ToParent) => {
      if (message.kind !== 'ready') runs.get(message.id)?.(message);
      else resolve({ process: started, address: message.address, token: message.token, runs });
    });
  });
  const spawner = await within(ready, START_MS, null);
  if (spawner === null) {
    unavailable = true;
    started.kill('SIGKILL');
  }
  // It must not keep a process alive that has nothing else to do.
  started.unref();
  started.channel?.unref();
  return spawner;
}

/** Nothing of our environment but where compiled code is kept: without it a spawner from the sources strips their types each time. */
function compileCache(): Record<string, string> {
  const NODE_COMPILE_CACHE = loader.getCompileCacheDir();
  return NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE };
}

function startProgram(): ChildProcess | null {
  try {
    return spawn(process.execPath, [PROGRAM], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      detached: true,
      cwd: '/',
      env: compileCache(),
    });
  } catch (error) {
    if (errnoOf(error) !== null) return null;
    throw error;
  }
}
