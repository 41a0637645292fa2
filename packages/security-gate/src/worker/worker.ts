/** Entry of the worker thread. Runs from source (Node strips the types) and from the build alike; each kind of task loads its own part. */
import { parentPort } from 'node:worker_threads';
import { answerOrders } from '../adapters/worker-port.ts';
import type { LockTask } from '../lock/read-lock.ts';
import type { DatabaseTask } from './osv-database.ts';
import type { Order } from './protocol.ts';

type ScanTask = Order | LockTask | DatabaseTask | { readonly kind: 'forget' };

let scanner: Promise<{ obey(order: Order): Promise<unknown> }> | null = null;

answerOrders(parentPort, async (task: ScanTask) => {
  if (task.kind === 'lock') return (await import('../lock/read-lock.ts')).readLock(task.text, task.format);
  if (task.kind === 'osv-database') return (await import('./osv-database.ts')).searchDatabase(task);
  if (task.kind === 'forget') {
    scanner = null;
    return null;
  }
  scanner ??= import('./scanner.ts').then(({ Scanner }) => new Scanner());
  return (await scanner).obey(task);
});
