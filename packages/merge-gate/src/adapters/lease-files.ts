/**
 * One repository's lease directory: `<n>` is grant number n and says who holds it, `<n>.taken` remembers the number
 * should `<n>` be lost, `<n>.released` ends it. The highest number is never unlinked, so numbers only grow.
 */
import { constants } from 'node:fs';
import { mkdir, open, readdir, readFile, stat, unlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProcessIdentity } from '@gatehouse/proc-group';
import { parseJson } from './json-text.ts';
import { codeOf } from './system-error.ts';

export interface GrantRecord extends ProcessIdentity {
  readonly holder: string;
}

/** The newest grant of a directory. Number 0: there has been none. */
export interface NewestGrant {
  readonly number: number;
  readonly released: boolean;
  /** Null: the file is lost, empty or garbled, and the holder of the lease is unknown. */
  readonly record: GrantRecord | null;
  /** Milliseconds since the epoch. */
  readonly renewedAtMs: number;
}

const NAME = /^([1-9]\d{0,14})(?:\.(taken|released))?$/;
const KEPT_GRANTS = 8;
const MAX_RECORD_BYTES = 4096;

export async function newestGrant(dir: string): Promise<NewestGrant> {
  const names = await grantNames(dir);
  const number = names.reduce((highest, name) => Math.max(highest, name.number), 0);
  if (number === 0) return { number, released: true, record: null, renewedAtMs: 0 };
  const released = names.some((name) => name.number === number && name.suffix === 'released');
  const renewedAtMs = (await mtimeOf(join(dir, String(number)))) ?? (await mtimeOf(join(dir, `${number}.taken`))) ?? 0;
  return { number, released, record: await readGrant(dir, number), renewedAtMs };
}

/** Exactly one caller ever creates grant `number`. False: another caller did. */
export async function createGrant(dir: string, number: number, record: GrantRecord): Promise<boolean> {
  const file = await createNew(join(dir, String(number)));
  if (file === null) return false;
  let written = false;
  try {
    await file.writeFile(JSON.stringify(record));
    await file.sync();
    await mark(dir, `${number}.taken`);
    written = true;
  } finally {
    await file.close();
    if (!written) await releaseGrant(dir, number);
  }
  return true;
}

export async function readGrant(dir: string, number: number): Promise<GrantRecord | null> {
  const text = await readIfThere(join(dir, String(number)));
  if (text === null || text.length > MAX_RECORD_BYTES) return null;
  return parseRecord(text);
}

/** False: the grant's file is gone. */
export async function touchGrant(dir: string, number: number, nowMs: number): Promise<boolean> {
  try {
    await utimes(join(dir, String(number)), nowMs / 1000, nowMs / 1000);
    return true;
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return false;
    throw thrown;
  }
}

export const releaseGrant = (dir: string, number: number): Promise<void> => mark(dir, `${number}.released`);

/** Forgets grants that are long over. Losing a race with another cleaner is fine. */
export async function forgetOldGrants(dir: string, newest: number): Promise<void> {
  for (const { number, name } of await grantNames(dir)) {
    if (number <= newest - KEPT_GRANTS) await unlinkIfThere(join(dir, name));
  }
}

interface GrantName {
  readonly name: string;
  readonly number: number;
  readonly suffix: string | undefined;
}

async function grantNames(dir: string): Promise<GrantName[]> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  return (await readdir(dir)).flatMap((name) => {
    const match = NAME.exec(name);
    return match === null ? [] : [{ name, number: Number(match[1]), suffix: match[2] }];
  });
}

async function mark(dir: string, name: string): Promise<void> {
  await (await createNew(join(dir, name)))?.close();
}

async function createNew(path: string): Promise<Awaited<ReturnType<typeof open>> | null> {
  try {
    return await open(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600);
  } catch (thrown) {
    if (codeOf(thrown) === 'EEXIST') return null;
    throw thrown;
  }
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT' || codeOf(thrown) === 'EISDIR') return null;
    throw thrown;
  }
}

async function mtimeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return null;
    throw thrown;
  }
}

async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (thrown) {
    if (codeOf(thrown) !== 'ENOENT') throw thrown;
  }
}

function parseRecord(text: string): GrantRecord | null {
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null) return null;
  const { holder, pid, startTime, scope } = value as Readonly<Record<string, unknown>>;
  if (typeof holder !== 'string' || typeof startTime !== 'string' || typeof scope !== 'string') return null;
  return Number.isSafeInteger(pid) && Number(pid) > 0 ? { holder, pid: Number(pid), startTime, scope } : null;
}
