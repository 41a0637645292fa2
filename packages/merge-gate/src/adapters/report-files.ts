/**
 * The report a test command writes into its slot. The branch may have committed links anywhere in there: nothing here
 * follows one, so that neither a removal nor a read reaches outside of the slot.
 */
import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, placeIsUnusable } from './system-error.ts';

export type ReportTexts =
  | { readonly kind: 'texts'; readonly texts: readonly string[] }
  /** More bytes in all than were to be read. */
  | { readonly kind: 'too-large'; readonly reason: string }
  | { readonly kind: 'unusable'; readonly reason: string };

const MAX_FILES = 5_000;
const MAX_BYTES = 33_554_432;
const ENDING = /\.(?:xml|tap|json)$/;

/** Removes what stands at the report's place: what is found there afterwards, the command made. Null: it is removed. */
export async function clearReport(root: string, path: string): Promise<string | null> {
  try {
    return await clear(root, path);
  } catch (thrown) {
    if (placeIsUnusable(thrown)) return `its place cannot be cleared: ${thrown}`;
    throw thrown;
  }
}

async function clear(root: string, path: string): Promise<string | null> {
  const blocked = await linkOnTheWay(root, path);
  if (blocked !== null) return blocked;
  const place = join(root, path);
  if ((await kindOf(place)) !== 'directory') await rm(place, { force: true });
  else for (const name of await readdir(place)) if (ENDING.test(name)) await rm(join(place, name), { recursive: true });
  return null;
}

/** The texts at the report's place: one file, or every report file of a directory, by name. */
export async function readReport(root: string, path: string, limitBytes: number = MAX_BYTES): Promise<ReportTexts> {
  try {
    return await read(root, path, Math.min(limitBytes, MAX_BYTES));
  } catch (thrown) {
    if (placeIsUnusable(thrown)) return unusable(`it cannot be read: ${thrown}`);
    throw thrown;
  }
}

async function read(root: string, path: string, limitBytes: number): Promise<ReportTexts> {
  const blocked = await linkOnTheWay(root, path);
  if (blocked !== null) return unusable(blocked);
  const place = join(root, path);
  const kind = await kindOf(place);
  if (kind === 'missing') return unusable('the command did not write it');
  const names = kind === 'directory' ? (await readdir(place)).filter((name) => ENDING.test(name)).sort() : [''];
  if (names.length === 0) return unusable('the command wrote no file into it');
  if (names.length > MAX_FILES) return unusable(`it has more than ${MAX_FILES} files`);
  const texts: string[] = [];
  let remaining = limitBytes;
  for (const name of names) {
    const file = await readPlain(join(place, name), remaining);
    if (file === 'too-large') return { kind: file, reason: `it is larger than ${limitBytes} bytes in all` };
    if (typeof file === 'string') return unusable(name === '' ? file : `${name}: ${file}`);
    remaining -= file.bytes.byteLength;
    const text = decode(file.bytes);
    if (text === null) return unusable(`${name === '' ? 'it' : name} is not UTF-8`);
    texts.push(text);
  }
  return { kind: 'texts', texts };
}

/** The text of one plain file below `root`; null: there is none that can be read without following a link. */
export async function readPlainText(root: string, path: string, limitBytes: number): Promise<string | null> {
  try {
    if ((await linkOnTheWay(root, path)) !== null) return null;
    const file = await readPlain(join(root, path), limitBytes);
    return typeof file === 'string' ? null : decode(file.bytes);
  } catch (thrown) {
    if (placeIsUnusable(thrown)) return null;
    throw thrown;
  }
}

const unusable = (reason: string): ReportTexts => ({ kind: 'unusable', reason });

/** Why the place may be outside of `root`, or null. */
async function linkOnTheWay(root: string, path: string): Promise<string | null> {
  let at = root;
  for (const part of path.split('/').slice(0, -1)) {
    at = join(at, part);
    const kind = await kindOf(at);
    if (kind === 'missing') return null;
    if (kind !== 'directory') return `${part}, a folder on the way to it, is no plain folder`;
  }
  return null;
}

async function kindOf(path: string): Promise<'missing' | 'directory' | 'other'> {
  try {
    return (await lstat(path)).isDirectory() ? 'directory' : 'other';
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT' || codeOf(thrown) === 'ENOTDIR') return 'missing';
    throw thrown;
  }
}

/** The bytes of a regular file with no other name, or why they are not read. */
async function readPlain(path: string, limitBytes: number): Promise<{ readonly bytes: Uint8Array } | string> {
  const file = await openPlain(path);
  if (file === null) return 'it is no file that can be read';
  try {
    const stat = await file.stat();
    if (!stat.isFile() || stat.nlink !== 1) return 'it is no plain file of its own';
    if (stat.size > limitBytes) return 'too-large';
    return { bytes: await file.readFile() };
  } finally {
    await file.close();
  }
}

const CLOSED_TO_US = new Set(['ENOENT', 'ELOOP', 'EMLINK', 'ENXIO', 'EISDIR', 'EACCES', 'EPERM']);

async function openPlain(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (thrown) {
    if (CLOSED_TO_US.has(codeOf(thrown) ?? '')) return null;
    throw thrown;
  }
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (thrown) {
    if (codeOf(thrown) === 'ERR_ENCODING_INVALID_ENCODED_DATA') return null;
    throw thrown;
  }
}
