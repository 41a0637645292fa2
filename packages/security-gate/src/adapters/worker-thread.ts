/**
 * A worker thread as a port: each order gets exactly one answer, and a worker that dies, runs out of memory or overruns
 * the caller's signal answers `engine-failed` to everything that still waits. Nothing it prints leaves this process.
 */
import type { Worker } from 'node:worker_threads';
import { giveBack, takeThread } from './spare-thread.ts';

export interface EngineFailed {
  readonly kind: 'engine-failed';
  readonly reason: string;
}

export interface WorkerPort<Order, Reply> {
  /** What is handed over is not copied, and empty afterwards. */
  ask(order: Order, handedOver?: readonly ArrayBuffer[]): Promise<Reply | EngineFailed>;
  close(): Promise<void>;
}

/** A worker of the caller's own; it stops with `close` or when `signal` aborts. */
export function startWorker<Order, Reply>(signal: AbortSignal): WorkerPort<Order, Reply> {
  const worker: Worker = takeThread();
  const waiting = new Map<number, (reply: Reply | EngineFailed) => void>();
  let ended: EngineFailed | null = null;
  let sound = true;
  let closed = false;
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
  worker.on('message', (envelope: { readonly number: number; readonly body: Reply | EngineFailed }) => {
    if (isFailure(envelope.body)) sound = false;
    waiting.get(envelope.number)?.(envelope.body);
    waiting.delete(envelope.number);
  });
  worker.on('messageerror', () => end('the scanner answered something unreadable'));
  worker.on('error', (error: unknown) => end(`the scanner died (${codeOf(error)})`));
  worker.on('exit', (code) => end(`the scanner ended (${code})`));
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  return {
    ask: (order, handedOver = []) =>
      new Promise((settle) => {
        if (ended !== null) return settle(ended);
        number += 1;
        waiting.set(number, settle);
        worker.postMessage({ number, body: order }, handedOver);
      }),
    close: async () => {
      signal.removeEventListener('abort', stop);
      if (closed) return;
      closed = true;
      const reusable = sound && ended === null && waiting.size === 0;
      end('the scanner was closed');
      await (reusable ? giveBack(worker) : worker.terminate());
    },
  };
}

const isFailure = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && 'kind' in body && body.kind === 'engine-failed';

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code).slice(0, 80) : 'no code';
