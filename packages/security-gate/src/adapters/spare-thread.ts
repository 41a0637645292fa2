/**
 * The thread of a scan that ended well waits for the next scan: to start one and to load the rules costs ten times a small scan.
 * Nobody shares a thread, and it forgets all it knew before it waits. At most one waits, not for long, and it keeps no process alive.
 */
import * as loader from 'node:module';
import { Worker } from 'node:worker_threads';

const MEMORY_MB = 1024;
/** The checks and texts of one task follow each other within this time. */
const WAIT_MS = 5_000;

let spare: { readonly thread: Worker; readonly tooLong: NodeJS.Timeout } | null = null;

/** A thread for the caller alone, who gives it back or terminates it. */
export function takeThread(): Worker {
  if (spare === null) return startThread();
  const { thread, tooLong } = spare;
  spare = null;
  clearTimeout(tooLong);
  dropListeners(thread);
  thread.ref();
  return thread;
}

/** Gives back a thread that has answered everything it was asked. */
export async function giveBack(thread: Worker): Promise<void> {
  dropListeners(thread);
  if (spare !== null) {
    await thread.terminate();
    return;
  }
  thread.postMessage({ number: 0, body: { kind: 'forget' } });
  const tooLong = setTimeout(() => void thread.terminate(), WAIT_MS);
  tooLong.unref();
  thread.unref();
  spare = { thread, tooLong };
  thread.on('error', () => {}); // its exit follows
  thread.on('exit', () => {
    clearTimeout(tooLong);
    if (spare?.thread === thread) spare = null;
  });
}

function dropListeners(thread: Worker): void {
  for (const name of ['message', 'messageerror', 'error', 'exit']) thread.removeAllListeners(name);
}

function startThread(): Worker {
  const entry = import.meta.url.endsWith('.ts') ? '../worker/worker.ts' : '../worker/worker.js';
  // What it prints is read by nobody: to read it would keep the process alive while the thread waits.
  return new Worker(new URL(entry, import.meta.url), {
    env: compileCache(),
    execArgv: ['--disable-warning=ExperimentalWarning'],
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    stdout: true,
    stderr: true,
  });
}

/** Nothing of our environment but where compiled code is kept: without it a thread from the sources strips their types each time. */
function compileCache(): Record<string, string> {
  const NODE_COMPILE_CACHE = loader.getCompileCacheDir();
  return NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE };
}
