/** Verdict → file, and read back before the caller gets its answer. */
import { join } from 'node:path';
import { placeFile, readPlainFile } from './adapters/file.ts';
import { FENCE, renderFront } from './canonical.ts';
import type { RefusedWrite, WriteAnswer } from './outcome.ts';
import { digestOf } from './parse.ts';
import { nameFault, type WriteRequest } from './request.ts';

const refused = (reason: string): RefusedWrite => ({ kind: 'refused', reason });

/** The whole document as bytes, or why it cannot be written. */
export function renderDocument(front: unknown, body: unknown): { kind: 'bytes'; bytes: Uint8Array } | RefusedWrite {
  if (typeof front !== 'object' || front === null || Array.isArray(front)) return refused('front is not a map');
  if (typeof body !== 'string' || !body.isWellFormed()) return refused('body is not well-formed text');
  const rendered = renderFront(Object.entries(front));
  if (rendered.kind === 'malformed') return refused(rendered.reason);
  return { kind: 'bytes', bytes: Buffer.from(`${FENCE}${rendered.text}${FENCE}${body}`, 'utf8') };
}

/** See `writeArtefact` in index.ts. */
export async function write(request: WriteRequest): Promise<WriteAnswer> {
  if (typeof request !== 'object' || request === null) return refused('the request is not an object');
  const { dir, name, front, body, mode = 'create' } = request;
  const fault = nameFault(dir, name);
  if (fault !== null) return refused(fault);
  if (mode !== 'create' && mode !== 'replace') return refused('mode is neither create nor replace');
  const document = renderDocument(front, body);
  if (document.kind === 'refused') return document;
  const placed = await placeFile({ dir, name, bytes: document.bytes, mode });
  if (placed.kind !== 'placed') return placed;
  const path = join(dir, name);
  const back = await readPlainFile(path, document.bytes.length);
  if (back.kind === 'bytes' && Buffer.from(document.bytes).equals(back.bytes))
    return { kind: 'written', path, digest: digestOf(document.bytes) };
  return { kind: 'io-failed', code: 'EREADBACK', reason: 'other bytes came back than were written' };
}
