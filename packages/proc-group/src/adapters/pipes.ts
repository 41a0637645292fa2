/**
 * Pipes for what a command prints. Node makes sockets, and a socket cannot be opened anew: `echo x > /dev/stderr`, `tee /dev/stdout`
 * and whoever looks at its own connections fail on one, though they do not wherever else a suite runs. They are made in batches, by
 * a program, since Node makes none; where it is missing there are none to be had, and a command has sockets.
 */
import { spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
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

const BATCH = 16;
const MAKE_MS = 5000;
const ready: Ends[] = [];
/** One batch at a time; false where none can be had. A thread of Node's watches over descriptors, and would close ours. */
let making: Promise<boolean> = Promise.resolve(process.platform === 'linux' && isMainThread);

/** So many; null where there are none to be had. */
export async function takePipes(count: number): Promise<readonly Pipe[] | null> {
  while (ready.length < count) {
    making = making.then(async (isPossible) => isPossible && (ready.length >= count || (await makeBatch())));
    if (!(await making)) return null;
  }
  return ready.splice(0, count).map(pipeOf);
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

async function makeBatch(): Promise<boolean> {
  let dir: string | null = null;
  try {
    dir = mkdtempSync(join(tmpdir(), 'gatehouse-pipes-'));
    const paths = Array.from({ length: BATCH }, (_, at) => join(dir ?? '', String(at)));
    if (!(await makeNamed(paths))) return false;
    for (const path of paths) {
      // The end that is written waits for one that is read.
      const read = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
      ready.push({ read, write: openSync(path, constants.O_WRONLY) });
    }
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== undefined && /^E[A-Z0-9]+$/.test(code)) return ready.length > 0;
    throw error;
  } finally {
    if (dir !== null) rmSync(dir, { recursive: true, force: true });
  }
}

/** A command of another user may open them anew, too; nobody else gets to where they stand. */
async function makeNamed(paths: readonly string[]): Promise<boolean> {
  for (const program of ['/usr/bin/mkfifo', '/bin/mkfifo']) {
    const child = spawn(program, ['-m', '666', ...paths], { stdio: 'ignore', env: {}, timeout: MAKE_MS });
    const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
    if ((await startFailure(child)) === null) return (await ended) === 0;
  }
  return false;
}
