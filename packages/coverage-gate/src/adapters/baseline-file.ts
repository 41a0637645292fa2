/**
 * A baseline in a folder of numbered, immutable records, for library and command line use. A record is written aside,
 * synced and then linked under its number, which the file system grants to one writer only; a crash at any step leaves
 * the old or the new record. Old records stay as history, the oldest are removed.
 */
import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { invariant, LeaseProof } from '@gatehouse/verdict';
import type { Baseline } from '../baseline-record.ts';
import { parseBaseline } from '../baseline-record.ts';
import type { BaselinePort } from '../ratchet.ts';

/** So many records are kept; a writer that missed more than these is refused. */
const KEPT = 64;
const RECORD = /^(\d{1,15})\.json$/;
const UNFINISHED = /^\.new-[\w-]+$/;
const ABANDONED_MS = 3_600_000;

/** The port over the folder `path`, which is made when absent. Its file system must have hard links. */
export function fileBaseline(path: string): BaselinePort {
  return {
    read: () => readHighest(path),
    compareAndSet: (expectedSeq, next, proof) => {
      invariant(LeaseProof.isMinted(proof), 'writing a baseline takes the merge lease');
      invariant(next.seq === expectedSeq + 1, 'a record follows the one it was made from');
      return append(path, expectedSeq, next);
    },
  };
}

async function readHighest(path: string): Promise<Baseline | null> {
  for (;;) {
    const highest = (await recordsOf(path)).at(-1);
    if (highest === undefined) return null;
    const text = await textOf(join(path, `${highest}.json`));
    if (text === null) continue;
    const parsed = parseBaseline(text);
    invariant(parsed !== null && parsed.seq === highest, `record ${highest} of the baseline is not readable`);
    return parsed;
  }
}

async function append(path: string, expectedSeq: number, next: Baseline): Promise<boolean> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (((await recordsOf(path)).at(-1) ?? 0) !== expectedSeq) return false;
  const aside = join(path, `.new-${randomUUID()}`);
  const place = join(path, `${next.seq}.json`);
  await writeSynced(aside, `${JSON.stringify(next)}\n`);
  const granted = await linkExclusively(aside, place);
  await rm(aside, { force: true });
  if (!granted) return false;
  const numbers = await recordsOf(path);
  if ((numbers.at(-1) ?? 0) >= next.seq + KEPT) {
    await rm(place, { force: true });
    return false;
  }
  await syncFolder(path);
  await sweep(path, numbers);
  return true;
}

/** Ascending. */
async function recordsOf(path: string): Promise<number[]> {
  const numbers = (await namesIn(path)).flatMap((name) => RECORD.exec(name)?.[1] ?? []).map(Number);
  return numbers.sort((a, b) => a - b);
}

async function namesIn(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Null when another writer has just removed it as too old. */
async function textOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function linkExclusively(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function writeSynced(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Removes records beyond the kept ones, and what crashed writers left aside. */
async function sweep(path: string, numbers: readonly number[]): Promise<void> {
  for (const number of numbers.slice(0, -KEPT)) await rm(join(path, `${number}.json`), { force: true });
  for (const name of await namesIn(path)) {
    if (UNFINISHED.test(name) && (await ageMs(join(path, name))) > ABANDONED_MS) {
      await rm(join(path, name), { force: true });
    }
  }
}

async function ageMs(file: string): Promise<number> {
  try {
    return Date.now() - (await stat(file)).mtimeMs;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}
