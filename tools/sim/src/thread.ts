/** What runs in a thread of a campaign: answers each batch of worlds with its report. */
import { parentPort, workerData } from 'node:worker_threads';
import { type BatchOptions, liveBatch, type WorldBatch } from './batch.ts';

const options = workerData as BatchOptions;

parentPort?.on('message', (batch: WorldBatch) => {
  void liveBatch(options, batch).then((report) => parentPort?.postMessage(report));
});
