/** File → verdict. A link, a directory or a FIFO under the name is never followed, opened up or waited for. */
import { join } from 'node:path';
import { types } from 'node:util';
import { readPlainFile } from './adapters/file.ts';
import type { Form, Keys, Malformed, ParseAnswer, ReadAnswer } from './outcome.ts';
import { DEFAULT_MAX_BYTES, parseDocumentBytes } from './parse.ts';
import { keysFault, nameFault, type ReadRequest } from './request.ts';

const malformed = (reason: string): Malformed => ({ kind: 'malformed', reason });

/** See `readArtefact` in index.ts. */
export async function read<K extends Keys>(request: ReadRequest<K>): Promise<ReadAnswer<K>> {
  if (typeof request !== 'object' || request === null) return malformed('the request is not an object');
  const { dir, name, keys, maxBytes = DEFAULT_MAX_BYTES, form = 'canonical' } = request;
  const fault = nameFault(dir, name) ?? keysFault(keys) ?? formFault(form);
  if (fault !== null) return malformed(fault);
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 1) return malformed('maxBytes is not a positive integer');
  const file = await readPlainFile(join(dir, name), maxBytes);
  return file.kind === 'bytes' ? parseDocumentBytes(file.bytes, keys, form) : file;
}

/** See `parseArtefact` in index.ts. */
export function parse<K extends Keys>(document: string | Uint8Array, keys: K, form: Form): ParseAnswer<K> {
  const fault = keysFault(keys) ?? formFault(form);
  if (fault !== null) return malformed(fault);
  const bytes = typeof document === 'string' && document.isWellFormed() ? Buffer.from(document, 'utf8') : document;
  if (!types.isUint8Array(bytes)) return malformed('neither well-formed text nor bytes');
  if (bytes.length > DEFAULT_MAX_BYTES) return malformed(`longer than ${DEFAULT_MAX_BYTES} bytes`);
  return parseDocumentBytes(bytes, keys, form);
}

const formFault = (form: unknown): string | null =>
  form === 'canonical' || form === 'authored' ? null : 'form is neither canonical nor authored';
