/**
 * Bytes → machine verdict. A document says exactly what the reader asked for, or nothing at all: there is no default,
 * no coercion and no second guess.
 */
import { createHash } from 'node:crypto';
import { type FrontScalar, type FrontText, splitFront } from './adapters/yaml-front.ts';
import { FENCE, FRONT_LIMIT_BYTES, renderFront } from './canonical.ts';
import type { Form, FrontOf, KeyKind, Keys, Malformed, ParseAnswer, Scalar } from './outcome.ts';

/** Bytes of a whole document a reader accepts unless it says otherwise. */
export const DEFAULT_MAX_BYTES = 1_048_576;

const INTEGER = /^(?:0|-?[1-9][0-9]{0,15})$/;
const malformed = (reason: string, key: Omit<Malformed, 'kind' | 'reason'> = {}): Malformed => ({
  kind: 'malformed',
  reason,
  ...key,
});

/** SHA-256 of the bytes, in hex. */
export const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Parses a whole document that is already in memory and within the caller's byte limit. */
export function parseDocumentBytes<K extends Keys>(bytes: Uint8Array, keys: K, form: Form): ParseAnswer<K> {
  const text = decode(bytes);
  if (text === null) return malformed('not UTF-8');
  const cut = cutFront(text, form);
  if (cut.kind === 'malformed') return cut;
  const front = readFront(cut.front, keys, form);
  if (front.kind === 'malformed') return front;
  return { kind: 'read', front: front.front, body: cut.body, digest: digestOf(bytes) };
}

/** UTF-8 in the strict sense; a byte order mark stays visible, so that the fence check refuses it. */
function decode(bytes: Uint8Array): string | null {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : null;
}

function cutFront(text: string, form: Form): { kind: 'cut'; front: string; body: string } | Malformed {
  if (!text.startsWith(FENCE)) return malformed('the first line is not ---');
  const close = text.indexOf(`\n${FENCE}`, FENCE.length - 1);
  const open = form === 'authored' && close === -1 && text.endsWith('\n---') ? text.length - 4 : close;
  if (open === -1) return malformed('the front is not closed by a line ---');
  const front = text.slice(FENCE.length, open + 1);
  if (Buffer.byteLength(front) > FRONT_LIMIT_BYTES)
    return malformed(`the front is longer than ${FRONT_LIMIT_BYTES} bytes`);
  if (front.includes('\r')) return malformed('a carriage return in the front');
  return { kind: 'cut', front, body: text.slice(open + 1 + FENCE.length) };
}

function readFront<K extends Keys>(
  text: string,
  keys: K,
  form: Form,
): { kind: 'front'; front: FrontOf<K> } | Malformed {
  const split: FrontText = splitFront(text);
  if (split.kind === 'malformed') return split;
  const found: [string, Scalar][] = [];
  for (const [key, written] of split.entries) {
    if (!/^[\x21-\x7e]+$/.test(key)) return malformed('a key that is not plain ASCII');
    const expected = Object.hasOwn(keys, key) ? keys[key] : undefined;
    if (expected === undefined) {
      if (form === 'canonical') return malformed(`the key ${key.slice(0, 64)} was not asked for`);
      continue;
    }
    const value = written === null ? null : readScalar(written, expected);
    if (value === null) return malformed(`${key} does not hold ${describe(expected)}`, { otherwiseKey: key });
    found.push([key, value]);
  }
  const absent = Object.keys(keys).find((key) => !split.entries.has(key));
  if (absent !== undefined) return malformed(`the key ${absent} is missing`, { missingKey: absent });
  if (form === 'canonical') {
    const again = renderFront(found);
    if (again.kind === 'malformed') return again;
    if (again.text !== text) return malformed('the front is not spelled canonically');
  }
  return { kind: 'front', front: Object.fromEntries(found) as FrontOf<K> };
}

/** Only an unquoted `true` is true and only an unquoted `7` is seven; null is "not what was asked for". */
function readScalar({ text, plain }: FrontScalar, expected: KeyKind): Scalar | null {
  if (expected === 'string') return text;
  if (expected === 'boolean') return plain && (text === 'true' || text === 'false') ? text === 'true' : null;
  if (expected === 'integer') {
    const value = Number(text);
    return plain && INTEGER.test(text) && Number.isSafeInteger(value) ? value : null;
  }
  return expected.includes(text) ? text : null;
}

const describe = (expected: KeyKind): string =>
  typeof expected === 'string' ? `a canonical ${expected}` : `one of ${expected.join(', ').slice(0, 200)}`;
