/**
 * Members of a gzip stream or a zip archive, within limits: an archive that would grow beyond them is not read to its end and
 * says so. Members that are archives are opened, too, once.
 */
import { isNativeError } from 'node:util/types';
import { gunzipSync, inflateRawSync } from 'node:zlib';

/** What was read. `whole`: nothing of it was left out. */
export interface Archive {
  readonly members: readonly Uint8Array[];
  readonly whole: boolean;
}

const LIMITS = { bytes: 16 * 1024 * 1024, members: 2_000, depth: 2 };

interface Budget {
  bytes: number;
  members: number;
}

/** The members, or null when the bytes are no archive of a kind that is read here. */
export function openArchive(bytes: Uint8Array): Archive | null {
  return open(bytes, LIMITS.depth, { bytes: LIMITS.bytes, members: LIMITS.members });
}

function open(bytes: Uint8Array, depth: number, budget: Budget): Archive | null {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const direct = isGzip(buffer) ? gzip(buffer, budget) : isZip(buffer) ? zip(buffer, budget) : null;
  if (direct === null) return null;
  let whole = direct.whole;
  const members: Uint8Array[] = [];
  for (const member of direct.members) {
    members.push(member);
    if (!isGzip(member) && !isZip(member)) continue;
    const inner = depth > 1 ? open(member, depth - 1, budget) : null;
    members.push(...(inner?.members ?? []));
    whole &&= inner?.whole === true;
  }
  return { members, whole };
}

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
const isZip = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 && bytes[1] === 0x4b && ((bytes[2] === 3 && bytes[3] === 4) || (bytes[2] === 5 && bytes[3] === 6));

function gzip(bytes: Buffer, budget: Budget): Archive {
  const member = inflate(budget, (maxOutputLength) => gunzipSync(bytes, { maxOutputLength }));
  return { members: member === null ? [] : [member], whole: member !== null };
}

/** By the directory at the end, as every reader of zip archives does; see the application note of PKWARE, 4.3. */
function zip(bytes: Buffer, budget: Budget): Archive {
  const end = bytes.lastIndexOf('PK\x05\x06', bytes.length, 'latin1');
  if (end < 0 || end + 22 > bytes.length) return { members: [], whole: false };
  const count = bytes.readUInt16LE(end + 10);
  let at = bytes.readUInt32LE(end + 16);
  const members: Uint8Array[] = [];
  for (let index = 0; index < count; index += 1) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== 0x02014b50) return { members, whole: false };
    const member = zipMember(bytes, at, budget);
    if (member === null) return { members, whole: false };
    if (member.length > 0) members.push(member);
    at += 46 + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return { members, whole: true };
}

function zipMember(bytes: Buffer, entry: number, budget: Budget): Uint8Array | null {
  const method = bytes.readUInt16LE(entry + 10);
  const size = bytes.readUInt32LE(entry + 20);
  const header = bytes.readUInt32LE(entry + 42);
  const encrypted = (bytes.readUInt16LE(entry + 8) & 1) === 1;
  if (encrypted || header + 30 > bytes.length || bytes.readUInt32LE(header) !== 0x04034b50) return null;
  const start = header + 30 + bytes.readUInt16LE(header + 26) + bytes.readUInt16LE(header + 28);
  const body = bytes.subarray(start, start + size);
  if (body.length !== size) return null;
  if (method === 0) return inflate(budget, () => body);
  return method === 8 ? inflate(budget, (maxOutputLength) => inflateRawSync(body, { maxOutputLength })) : null;
}

/** One member within what is left; null when it is broken or too large. */
function inflate(budget: Budget, read: (maxOutputLength: number) => Buffer): Buffer | null {
  if (budget.members === 0 || budget.bytes === 0) return null;
  try {
    const member = read(budget.bytes);
    if (member.length > budget.bytes) return null;
    budget.members -= 1;
    budget.bytes -= member.length;
    return member;
  } catch (error) {
    // A broken or an overlong stream is the branch's doing; anything else would be a defect of ours.
    if (isNativeError(error) && 'code' in error && /^(?:Z_|ERR_BUFFER_TOO_LARGE)/.test(String(error.code))) return null;
    throw error;
  }
}
