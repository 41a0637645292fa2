/** A zip archive as it lies in memory: its directory is trusted for nothing but where entries are, and every size is bounded. */
import { inflateRawSync } from 'node:zlib';

/** Where an entry's local header stands. */
export interface ZipEntry {
  readonly name: string;
  readonly at: number;
  /** Of the stored bytes. */
  readonly size: number;
  readonly method: number;
}

const ENTRY_BYTES = 8 * 1024 * 1024;
const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const DIRECTORY = 0x02014b50;
const LOCAL = 0x04034b50;

/** All entries; null for bytes that are no whole zip archive. */
export function zipEntries(zip: Buffer): readonly ZipEntry[] | null {
  const end = endOf(zip);
  if (end === null) return null;
  const entries: ZipEntry[] = [];
  let at = end.start;
  for (let number = 0; number < end.count; number += 1) {
    if (at + 46 > zip.length || zip.readUInt32LE(at) !== DIRECTORY) return null;
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset));
    const next = at + 46 + (nameLength ?? 0) + (extraLength ?? 0) + (commentLength ?? 0);
    if (next > zip.length) return null;
    entries.push({
      name: zip.toString('utf8', at + 46, at + 46 + (nameLength ?? 0)),
      at: zip.readUInt32LE(at + 42),
      size: zip.readUInt32LE(at + 20),
      method: zip.readUInt16LE(at + 10),
    });
    at = next;
  }
  return entries;
}

/** More than 65,534 entries are counted in the record of 64 bits that stands before the end. */
function endOf(zip: Buffer): { readonly start: number; readonly count: number } | null {
  const at = zip.lastIndexOf(Buffer.from('504b0506', 'hex'));
  if (at === -1 || at + 22 > zip.length || zip.readUInt32LE(at) !== END) return null;
  const [count, start] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 16)];
  if (count !== 0xffff && start !== 0xffffffff) return { count, start };
  if (at < 20 || zip.readUInt32LE(at - 20) !== LOCATOR_64) return null;
  const record = Number(zip.readBigUInt64LE(at - 12));
  if (!(record + 56 <= zip.length) || zip.readUInt32LE(record) !== END_64) return null;
  return { count: Number(zip.readBigUInt64LE(record + 32)), start: Number(zip.readBigUInt64LE(record + 48)) };
}

/** The content of an entry; null where it is damaged, compressed in another way or larger than 8 MiB. */
export function zipContent(zip: Buffer, { at, size, method }: ZipEntry): Buffer | null {
  if (at + 30 > zip.length || zip.readUInt32LE(at) !== LOCAL) return null;
  const start = at + 30 + zip.readUInt16LE(at + 26) + zip.readUInt16LE(at + 28);
  const bytes = zip.subarray(start, start + size);
  if (bytes.length !== size || size > ENTRY_BYTES) return null;
  if (method === 0) return bytes;
  if (method !== 8) return null;
  try {
    return inflateRawSync(bytes, { maxOutputLength: ENTRY_BYTES });
  } catch {
    return null;
  }
}
