/** Orders and answers between a thread and its worker: one answer per order, a failure is an answer too. */
import type { MessagePort } from 'node:worker_threads';

interface Envelope<Body> {
  readonly number: number;
  readonly body: Body;
}

/** Inside the worker: carries out each order and answers under its number. */
export function answerOrders<Body>(port: MessagePort | null, obey: (body: Body) => Promise<unknown>): void {
  port?.on('message', async ({ number, body }: Envelope<Body>) => {
    try {
      port.postMessage({ number, body: await obey(body) });
    } catch (error) {
      // Only the name: a message may quote the text that was being scanned.
      port.postMessage({ number, body: { kind: 'engine-failed', reason: `the scanner failed (${nameOf(error)})` } });
    }
  });
}

const nameOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'name' in error ? String(error.name).slice(0, 80) : typeof error;
