/** What a place in the queue of a repository means to whoever waits there. */
import type { QueuePlace, Store, Task } from './port/index.ts';

export interface Place {
  /** Null: the task stands in no queue. */
  readonly at: QueuePlace | null;
  /** What each place takes: the median of the last runs of the merge check, ms; null: there was none. */
  readonly placeMs: number | null;
}

const RUNS = 20;

interface Reads {
  readonly store: Pick<Store, 'lastDurations' | 'queuePlace'>;
  readonly checkOfGate: (gate: 'merge') => string;
}

export const readPlace = async (service: Reads, task: Pick<Task, 'id' | 'repoId'>): Promise<Place> => ({
  at: await service.store.queuePlace(task),
  placeMs: await readPlaceMs(service, task.repoId),
});

export async function readPlaceMs({ store, checkOfGate }: Reads, repoId: string): Promise<number | null> {
  return median(await store.lastDurations({ repoId, check: checkOfGate('merge'), limit: RUNS }));
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((one, other) => one - other);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}
