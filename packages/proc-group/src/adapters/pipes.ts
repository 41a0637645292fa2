/**
 * Pipes for what a command prints. Node makes sockets, and a socket cannot be opened anew: `echo x > /dev/stderr`, `tee /dev/stdout`
 * and whoever looks at its own connections fail on one, though they do not wherever else a suite runs. They are made in batches, by
 * a program, since Node makes none; where it is missing there are none to be had, and a command has sockets.
 */
import { spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmdirSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { errnoOf } from './errno.ts';
import { openLimit } from './procfs.ts';
import { startFailure } from './start-process.ts';

export interface Pipe {
  readonly read: Socket;
  /** A descriptor of ours, closed by `give`. */
  readonly write: number;
  /** Lets go of the end that a command has by now. */
  readonly give: () => void;
}

interface Ends {
  readonly read: number;
  readonly write: number;
}

/** Descriptors stand ready only where there are many: at first for the trial of this machine and the command that it is made for. */
const BATCH = 16;
const MANY = 256;
const ready: Ends[] = [];
let isFirst = true;
/** A thread of Node's watches over descriptors, and would close ours. */
let isPossible: boolean = process.platform === 'linux' && isMainThread;
/** One taker at a time. */
let last: Promise<unknown> = Promise.resolve();

/** Starts a program that says nothing, and gives its exit code; null where there is none of that name. */
export type RunQuietly = (file: string, args: readonly string[]) => Promise<number | null>;

/** So many; null where there are none to be had. A large process has them made by a small one. */
export function takePipes(count: number, run: RunQuietly = runHere): Promise<readonly Pipe[] | null> {
  const taken = last.then(async () => {
    const wanted = openLimit() < MANY ? count : isFirst ? 2 * count : BATCH;
    if (ready.length < count && isPossible) await makeBatch(wanted, run);
    isFirst = false;
    return ready.length < count ? null : ready.splice(0, count).map(pipeOf);
  });
  last = taken.catch(() => {});
  return taken;
}

function pipeOf({ read, write }: Ends): Pipe {
  let isOurs = true;
  return {
    read: new Socket({ fd: read, readable: true, writable: false }),
    write,
    give: () => {
      if (isOurs) closeSync(write);
      isOurs = false;
    },
  };
}

async function makeBatch(count: number, run: RunQuietly): Promise<void> {
  const made: Ends[] = [];
  let paths: readonly string[] = [];
  let dir: string | null = null;
  try {
    dir = placeOfNames();
    paths = Array.from({ length: count }, (_, at) => join(dir ?? '', String(at)));
    if (await areMade(paths, run)) for (const path of paths) made.push(openBoth(path));
  } catch (error) {
    for (const { read, write } of made.splice(0)) for (const end of [read, write]) closeSync(end);
    if (errnoOf(error) === null) throw error;
  }
  ready.push(...made);
  if (dir !== null) removeNamed(dir, paths);
}

/** Where the names stand for a moment: in memory where that can be had, for a disk may be full, and is slow to find a place for a name. */
function placeOfNames(): string {
  try {
    return mkdtempSync('/dev/shm/gatehouse-pipes-');
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    return mkdtempSync(join(tmpdir(), 'gatehouse-pipes-'));
  }
}

/** Takes no descriptor: there may be none left. */
function removeNamed(dir: string, paths: readonly string[]): void {
  try {
    for (const path of paths) rmSync(path, { force: true });
    rmdirSync(dir);
  } catch (error) {
    if (errnoOf(error) === null) throw error;
  }
}

/** The end that is written waits for one that is read. */
function openBoth(path: string): Ends {
  const read = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return { read, write: openSync(path, constants.O_WRONLY) };
  } catch (error) {
    closeSync(read);
    throw error;
  }
}

/** A command of another user may open them anew, too; nobody else gets to where they stand. */
async function areMade(paths: readonly string[], run: RunQuietly): Promise<boolean> {
  for (const program of ['/usr/bin/mkfifo', '/bin/mkfifo']) {
    const code = await run(program, ['-m', '666', ...paths]);
    if (code !== null) return code === 0;
  }
  isPossible = false;
  return false;
}

async function runHere(file: string, args: readonly string[]): Promise<number | null> {
  const child = spawn(file, args, { stdio: 'ignore', env: {} });
  const ended = new Promise<number>((resolve) => child.on('exit', (code) => resolve(code ?? -1)));
  const failure = await startFailure(child);
  if (failure === null) return ended;
  return failure.errno === 'ENOENT' ? null : -1;
}
