/** Where a stream goes on for a client that comes back, or that it cannot. */
import type { EventStore } from '../../store/port/index.ts';
import type { Telling } from './frames.ts';

export interface Asked {
  /** The last event that the client knows; 0: it wants everything that is kept. */
  readonly since: number;
  readonly as: Telling;
  /** What happened before this moment may have been deleted. */
  readonly keptSinceMs: number;
}

export type Resumption =
  | { readonly kind: 'resumed'; readonly seq: number }
  /** What the client would have to be told is not kept, or costs more than to read again. */
  | { readonly kind: 'reset'; readonly seq: number };

/** So many changes are told one by one. */
const MOST_CHANGES = 1000;

export async function resumeAt(
  store: Pick<EventStore, 'events' | 'searchEvents'>,
  { since, as, keptSinceMs }: Asked,
): Promise<Resumption> {
  const newest = await newestSeq(store);
  const [known] = since === 0 ? [] : await store.events({ afterSeq: since - 1, limit: 1 });
  const isKept = since === 0 || (known?.seq === since && known.at >= keptSinceMs);
  const isFar = as === 'changes' && newest - since > MOST_CHANGES;
  return isKept && !isFar ? { kind: 'resumed', seq: since } : { kind: 'reset', seq: newest };
}

/** What a page knows when it is read after this; 0: nothing ever happened. */
export async function newestSeq(store: Pick<EventStore, 'searchEvents'>): Promise<number> {
  const [newest] = await store.searchEvents({ limit: 1 });
  return newest?.seq ?? 0;
}
