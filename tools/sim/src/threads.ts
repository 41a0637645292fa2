/** Threads that live batches of worlds. Each has a store, a virtual clock and globals of its own. */
import { Worker } from 'node:worker_threads';
import type { BatchOptions, BatchReport, WorldBatch } from './batch.ts';

export interface Crew {
  /** One function for each thread; called again only after its last answer. */
  readonly lanes: readonly ((batch: WorldBatch) => Promise<BatchReport>)[];
  readonly end: () => Promise<void>;
}

export function startThreads(threads: number, options: BatchOptions): Crew {
  const workers = Array.from(
    { length: threads },
    () =>
      new Worker(new URL('./thread.js', import.meta.url), {
        workerData: options,
        // Worlds make much that lives shortly; a young generation of this size is collected seldom.
        resourceLimits: { maxYoungGenerationSizeMb: 64 },
      }),
  );
  return {
    lanes: workers.map((worker) => (batch) => {
      const answer = Promise.withResolvers<BatchReport>();
      worker.once('message', answer.resolve);
      worker.once('error', answer.reject);
      worker.postMessage(batch);
      return answer.promise.finally(() => worker.off('message', answer.resolve).off('error', answer.reject));
    }),
    end: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
