/** Entry of the worker thread. Runs from source (Node strips the types) and from the build alike. */
import { parentPort } from 'node:worker_threads';
import { answerOrders } from '../adapters/worker-port.ts';
import { type LockTask, readLock } from '../lock/read-lock.ts';
import type { Order } from './protocol.ts';

type ScanTask = Order | LockTask | { readonly kind: 'forget' };

let scanner: Promise<{ obey(order: Order): Promise<unknown> }> | null = null;

answerOrders(parentPort, async (task: ScanTask) => {
  if (task.kind === 'lock') return readLock(task.text, task.format);
  if (task.kind === 'forget') {
    scanner = null;
    return null;
  }
  scanner ??= import('./scanner.ts').then(({ Scanner }) => new Scanner());
  return (await scanner).obey(task);
});
