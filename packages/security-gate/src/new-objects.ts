/**
 * Every object that base does not have, read in bounded batches and scanned. Nothing is skipped in silence: each ends
 * as scanned or as named, and the two must add up.
 */
import { type GitFailed, type GitRepo, newObjects, readObjects } from '@gatehouse/git';
import type { Crashed } from '@gatehouse/verdict';
import { describeCrash } from '@gatehouse/verdict';
import { type ScanEngine, scanBatch } from './engine.ts';
import type { ScanFailed, Unscannable } from './verdict.ts';
import type { Hit, ScanItem } from './worker/protocol.ts';

/** Larger objects are named as `too-large`. */
export const OBJECT_LIMIT_BYTES: number = 32 * 1024 * 1024;
/** A batch grows until it holds about this much. */
const BATCH_BYTES = 16 * 1024 * 1024;
const BATCH_COUNTS = { first: 128, most: 4096 };

/** What the new objects were and what was found in them; trees are kept raw for the walk. */
export interface ScannedObjects {
  readonly kind: 'scanned';
  readonly types: ReadonlyMap<string, 'blob' | 'commit' | 'tag' | 'tree'>;
  readonly trees: ReadonlyMap<string, Uint8Array>;
  readonly hits: readonly Hit[];
  readonly unscannable: readonly Unscannable[];
  /** Blobs larger than was asked for, by name; those that are not read are at least as large as the limit of reading. */
  readonly large: ReadonlyMap<string, number>;
}

/** A git answer that is no answer, as the gate's own failure. */
export function gitFault(answer: GitFailed | Crashed): ScanFailed {
  if (answer.kind === 'crashed') return { kind: 'tool-failed', reason: describeCrash(answer) };
  return { kind: 'tool-failed', reason: `git ${answer.op}: ${answer.trouble}` };
}

/** Which objects, and from which size on a blob is listed as large. */
export interface ObjectRange {
  readonly git: GitRepo;
  readonly base: string;
  readonly head: string;
  readonly largeBytes?: number | undefined;
}

/** Lists, reads and scans `base..head`. */
export async function scanNewObjects(
  range: ObjectRange,
  engine: ScanEngine,
  signal: AbortSignal,
): Promise<ScannedObjects | ScanFailed> {
  const { largeBytes = Number.POSITIVE_INFINITY } = range;
  const listed = await newObjects({ repo: range.git, base: range.base, head: range.head, signal });
  if (listed.kind !== 'listed') return gitFault(listed);
  const queue = [...new Set(listed.objects.map(({ oid }) => oid))];
  const total = queue.length;
  const types = new Map<string, 'blob' | 'commit' | 'tag' | 'tree'>();
  const trees = new Map<string, Uint8Array>();
  const hits: Hit[] = [];
  const unscannable = new Map<string, Unscannable>();
  const scannedIds = new Set<string>();
  const large = new Map<string, number>();
  let count = BATCH_COUNTS.first;
  while (queue.length > 0) {
    const batch = await readBatch(range.git, queue.splice(0, count), signal);
    if (batch.kind === 'tool-failed') return batch;
    queue.unshift(...batch.later);
    for (const [oid, type] of batch.types) types.set(oid, type);
    for (const [oid, bytes] of batch.trees) trees.set(oid, bytes);
    for (const { oid } of batch.oversized) unscannable.set(oid, { oid, reason: 'too-large' });
    for (const { oid } of batch.oversized) if (largeBytes < OBJECT_LIMIT_BYTES) large.set(oid, OBJECT_LIMIT_BYTES);
    for (const { id, bytes } of batch.items) if (bytes.length > largeBytes) large.set(id, bytes.length);
    const buffers = new Set(batch.items.map(({ bytes }) => bytes.buffer as ArrayBuffer));
    const answer = await scanBatch(engine, batch.items, [...buffers]);
    if (answer.kind === 'tool-failed') return answer;
    hits.push(...answer.hits);
    for (const { id } of batch.items) scannedIds.add(id);
    for (const { id, reason } of answer.opaque) unscannable.set(id, { oid: id, reason });
    count = batch.bytes < BATCH_BYTES / 2 ? Math.min(count * 2, BATCH_COUNTS.most) : Math.max(16, count >> 1);
  }
  const named = new Set([...scannedIds, ...trees.keys(), ...unscannable.keys()]);
  if (named.size !== total) return { kind: 'tool-failed', reason: `${named.size} of ${total} objects accounted for` };
  return { kind: 'scanned', types, trees, hits, unscannable: [...unscannable.values()], large };
}

const ARENA_BYTES = 4 * 1024 * 1024;

/** Copies of small objects, many in one buffer: thousands of buffers of their own are what the collector works on. */
function inArenas(): (bytes: Uint8Array) => Uint8Array {
  let arena = new Uint8Array(0);
  let used = 0;
  return (bytes) => {
    if (bytes.length > ARENA_BYTES / 4) return new Uint8Array(bytes);
    if (used + bytes.length > arena.length) [arena, used] = [new Uint8Array(ARENA_BYTES), 0];
    const copy = arena.subarray(used, used + bytes.length);
    copy.set(bytes);
    used += bytes.length;
    return copy;
  };
}

interface ReadBatch {
  readonly kind: 'batch';
  readonly types: ReadonlyMap<string, 'blob' | 'commit' | 'tag' | 'tree'>;
  readonly items: readonly ScanItem[];
  readonly trees: ReadonlyMap<string, Uint8Array>;
  readonly oversized: readonly { readonly oid: string }[];
  /** Read, but put back so that no batch outgrows memory. */
  readonly later: readonly string[];
  readonly bytes: number;
}

async function readBatch(git: GitRepo, oids: readonly string[], signal: AbortSignal): Promise<ReadBatch | ScanFailed> {
  const types = new Map<string, 'blob' | 'commit' | 'tag' | 'tree'>();
  const items: ScanItem[] = [];
  const trees = new Map<string, Uint8Array>();
  const later: string[] = [];
  const keep = inArenas();
  let total = 0;
  const read = await readObjects({
    repo: git,
    oids,
    maxObjectBytes: OBJECT_LIMIT_BYTES,
    signal,
    onObject: ({ oid, type, bytes }) => {
      total += bytes.length;
      if (total > 4 * BATCH_BYTES && types.size > 0) {
        later.push(oid);
        return;
      }
      types.set(oid, type);
      if (type === 'tree') trees.set(oid, Uint8Array.from(bytes));
      else items.push({ id: oid, bytes: keep(bytes) });
    },
  });
  if (read.kind !== 'read') return gitFault(read);
  if (read.missing.length > 0)
    return { kind: 'tool-failed', reason: `${read.missing.length} objects are missing, first ${read.missing[0]}` };
  return { kind: 'batch', types, items, trees, oversized: read.oversized, later, bytes: total };
}
