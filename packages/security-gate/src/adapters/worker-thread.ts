/**
 * A worker thread as a port: each order gets exactly one answer, and a worker that dies, runs out of memory or overruns
 * the caller's signal answers `engine-failed` to everything that still waits. Nothing it prints leaves this process.
 */
import * as loader from 'node:module';
import { Worker } from 'node:worker_threads';

export interface EngineFailed {
  readonly kind: 'engine-failed';
  readonly reason: string;
}

export interface WorkerPort<Order, Reply> {
  ask(order: Order): Promise<Reply | EngineFailed>;
  close(): Promise<void>;
}

const MEMORY_MB = 1024;

/** Starts the worker; it stops with `close` or when `signal` aborts. */
export function startWorker<Order, Reply>(signal: AbortSignal): WorkerPort<Order, Reply> {
  const entry = import.meta.url.endsWith('.ts') ? '../worker/worker.ts' : '../worker/worker.js';
  const worker = new Worker(new URL(entry, import.meta.url), {
    env: compileCache(),
    execArgv: ['--disable-warning=ExperimentalWarning'],
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    stdout: true,
    stderr: true,
  });
  worker.stdout.resume();
  worker.stderr.resume();
  const waiting = new Map<number, (reply: Reply | EngineFailed) => void>();
  let ended: EngineFailed | null = null;
  let number = 0;
  const end = (reason: string): void => {
    ended ??= { kind: 'engine-failed', reason };
    for (const settle of waiting.values()) settle(ended);
    waiting.clear();
  };
  const stop = (): void => {
    end('the scanner was stopped');
    void worker.terminate();
  };
  worker.on('message', (envelope: { readonly number: number; readonly body: Reply }) => {
    waiting.get(envelope.number)?.(envelope.body);
    waiting.delete(envelope.number);
  });
  worker.on('messageerror', () => end('the scanner answered something unreadable'));
  worker.on('error', (error: unknown) => end(`the scanner died (${codeOf(error)})`));
  worker.on('exit', (code) => end(`the scanner ended (${code})`));
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  return {
    ask: (order) =>
      new Promise((settle) => {
        if (ended !== null) return settle(ended);
        number += 1;
        waiting.set(number, settle);
        worker.postMessage({ number, body: order });
      }),
    close: async () => {
      signal.removeEventListener('abort', stop);
      end('the scanner was closed');
      await worker.terminate();
    },
  };
}

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code).slice(0, 80) : 'no code';

/** Nothing of our environment but where compiled code is kept: without it a thread from the sources strips their types each time. */
function compileCache(): Record<string, string> {
  const NODE_COMPILE_CACHE = loader.getCompileCacheDir();
  return NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE };
}
