/** Where the stream of events goes on behind a page. */
import type { EventStore } from '../../store/port/index.ts';

/** What a page knows when it is read after this; the stream goes on behind it. */
export async function lastSeq(store: Pick<EventStore, 'searchEvents'>): Promise<number> {
  const [last] = await store.searchEvents({ limit: 1 });
  return last?.seq ?? 0;
}
