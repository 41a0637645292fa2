/** Copies caches into a run and moves them out of it. A branch may have planted links anywhere in there: none is followed. */
import { lstat, mkdir, mkdtemp, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { removeTree } from '@gatehouse/proc-group';
import { type CachePlace, type CacheRoots, cachePlaces, type RunCache, rootOf } from '../cache.ts';
import { codeOf } from './system-error.ts';
import { callTool } from './system-tool.ts';

const COPY_MS = 30_000;
const MEASURE_MS = 10_000;
const LIMIT_BYTES = 2 * 1024 ** 3;

/** Gives the run its copies. Answers warnings: without a cache a run is slower, and no less right. */
export async function giveCaches(cache: RunCache, roots: CacheRoots, signal?: AbortSignal): Promise<readonly string[]> {
  const warnings: string[] = [];
  if (cache.from === null) return warnings;
  const until = performance.now() + COPY_MS;
  for (const place of cachePlaces(cache)) {
    const target = join(rootOf(place, roots), place.path);
    const given = await onDisk(() => give(place, { from: cache.from ?? '', roots, until, signal }));
    if (given === null) continue;
    await removeTree(target);
    warnings.push(`the run began without the cache ${place.path}: ${given}`);
  }
  return warnings;
}

interface Giving {
  readonly from: string;
  readonly roots: CacheRoots;
  readonly until: number;
  readonly signal: AbortSignal | undefined;
}

/** Null when the copy is there, or when there is nothing to copy or no place for it. */
async function give(place: CachePlace, { from, roots, until, signal }: Giving): Promise<string | null> {
  const source = join(from, place.entry);
  const root = rootOf(place, roots);
  if ((await kindOf(source)) !== 'directory' || !(await isFree(root, place.path))) return null;
  const target = join(root, place.path);
  await mkdir(dirname(target), { recursive: true });
  const timeoutMs = Math.max(1, until - performance.now());
  return (await callTool('cp', ['-a', '--', source, target], { timeoutMs, signal })) === null
    ? 'it could not be copied in time'
    : null;
}

/** Moves what the run left to `into`, all of it or nothing. Answers warnings. */
export async function keepCaches(cache: RunCache, roots: CacheRoots, signal?: AbortSignal): Promise<readonly string[]> {
  const left = await onDisk(() => keep(cache, roots, signal));
  return left === null ? [] : [`the caches were not kept: ${left}`];
}

async function keep(cache: RunCache, roots: CacheRoots, signal: AbortSignal | undefined): Promise<string | null> {
  const { into, limitBytes = LIMIT_BYTES } = cache;
  if (into === null) return null;
  const kept: CachePlace[] = [];
  let bytes = 0;
  for (const place of cachePlaces(cache)) {
    const root = rootOf(place, roots);
    if ((await kindBelow(root, place.path)) !== 'directory') continue;
    const size = await sizeOf(join(root, place.path), signal);
    if (size === null) return `${place.path} cannot be measured in time`;
    bytes += size;
    kept.push(place);
  }
  if (bytes > limitBytes) return `${bytes} bytes are more than ${limitBytes}`;
  if (kept.length > 0) await move(kept, { into, roots });
  return null;
}

/** What the system refuses comes back in words. */
async function onDisk(work: () => Promise<string | null>): Promise<string | null> {
  try {
    return await work();
  } catch (error) {
    const code = codeOf(error);
    if (code?.startsWith('E') !== true) throw error;
    return code;
  }
}

async function move(
  places: readonly CachePlace[],
  { into, roots }: { readonly into: string; readonly roots: CacheRoots },
): Promise<void> {
  await mkdir(dirname(into), { recursive: true });
  const whole = await mkdtemp(join(dirname(into), 'new-'));
  try {
    for (const place of places) await rename(join(rootOf(place, roots), place.path), join(whole, place.entry));
    await rename(whole, into);
  } finally {
    await removeTree(whole);
  }
}

/** Nothing stands there yet, and no link on the way leads elsewhere. */
const isFree = async (root: string, path: string): Promise<boolean> => (await kindBelow(root, path)) === 'absent';

type Kind = 'absent' | 'directory' | 'other';

/** `other` as soon as anything on the way is no directory. */
async function kindBelow(root: string, path: string): Promise<Kind> {
  let place = root;
  for (const part of path.split('/')) {
    place = join(place, part);
    const kind = await kindOf(place);
    if (kind !== 'directory') return kind;
  }
  return 'directory';
}

async function kindOf(path: string): Promise<Kind> {
  try {
    return (await lstat(path)).isDirectory() ? 'directory' : 'other';
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 'absent';
    throw error;
  }
}

async function sizeOf(path: string, signal: AbortSignal | undefined): Promise<number | null> {
  const said = await callTool('du', ['-sk', '--', path], { timeoutMs: MEASURE_MS, signal });
  const [, kibibytes] = /^(\d+)\s/.exec(said ?? '') ?? [];
  return kibibytes === undefined ? null : Number(kibibytes) * 1024;
}
