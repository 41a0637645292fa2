/**
 * Where each new object first came in, read from the branch's own tree objects: no patch, no attribute and no merge
 * strategy can hide a place from it.
 */
import { setImmediate as pause } from 'node:timers/promises';
import type { ScanFailed } from './verdict.ts';

/** A commit as the walk needs it, oldest first. */
export interface WalkedCommit {
  readonly sha: string;
  readonly tree: string;
}

/** The first place of an object. */
export interface FirstPlace {
  readonly commit: string;
  readonly path: string;
  readonly link: boolean;
}

/** `places` by object name; `names` holds every path of a new tree with the first commit that has it. */
export interface WalkedHistory {
  readonly kind: 'walked';
  readonly places: ReadonlyMap<string, FirstPlace>;
  readonly names: ReadonlyMap<string, FirstPlace & { readonly oid: string }>;
}

/** Entries read before the walk gives up; trees nested in each other can spell out billions of paths. */
const ENTRY_LIMIT = 1_000_000;
const PAUSE_EVERY = 10_000;

/**
 * Walks the new trees of every commit. `trees` holds the raw new tree objects; anything else is old and is passed by.
 */
export async function walkHistory(
  commits: readonly WalkedCommit[],
  trees: ReadonlyMap<string, Uint8Array>,
): Promise<WalkedHistory | ScanFailed> {
  const places = new Map<string, FirstPlace>();
  const names = new Map<string, FirstPlace & { oid: string }>();
  const visited = new Set<string>();
  let entries = 0;
  for (const { sha, tree } of commits) {
    const open: [oid: string, prefix: string][] = [[tree, '']];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const [oid, prefix] = next;
      const bytes = trees.get(oid);
      const seen = `${oid} ${prefix}`;
      if (bytes === undefined || visited.has(seen)) continue;
      visited.add(seen);
      for (const entry of treeEntries(bytes)) {
        const path = prefix + entry.name;
        const place = { commit: sha, path, link: entry.mode === '120000' };
        if (!places.has(entry.oid)) places.set(entry.oid, place);
        if (!names.has(path)) names.set(path, { ...place, oid: entry.oid });
        if (entry.mode === '40000') open.push([entry.oid, `${path}/`]);
        entries += 1;
        if (entries > ENTRY_LIMIT)
          return { kind: 'tool-failed', reason: 'the branch holds too many paths to be walked' };
        if (entries % PAUSE_EVERY === 0) await pause();
      }
    }
  }
  return { kind: 'walked', places, names };
}

/** `<mode> <name>\0<20 bytes>` repeated; a tree that is cut short ends where it is cut, git has checked it before. */
function* treeEntries(bytes: Uint8Array): Generator<{ mode: string; name: string; oid: string }> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < buffer.length; ) {
    const space = buffer.indexOf(0x20, at);
    const end = buffer.indexOf(0, space);
    if (space === -1 || end === -1) return;
    const oid = buffer.toString('hex', end + 1, end + 21);
    yield { mode: buffer.toString('latin1', at, space), name: buffer.toString('utf8', space + 1, end), oid };
    at = end + 21;
  }
}
