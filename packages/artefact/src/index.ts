/**
 * Markdown reports whose front matter holds one machine verdict: written canonically, read back strictly.
 * Start with outcome.ts; the spelling is canonical.ts, the reader parse.ts.
 */
import { type Crashed, neverRaise } from '@gatehouse/verdict';
import { total } from './adapters/total.ts';
import type { Form, Keys, ParseAnswer, ReadAnswer, WriteAnswer } from './outcome.ts';
import { parse, read } from './read.ts';
import type { ReadRequest, WriteRequest } from './request.ts';
import { write } from './write.ts';

export type { Refused } from './deprecated.ts';
export type {
  Form,
  FrontOf,
  IoFailed,
  KeyKind,
  Keys,
  Malformed,
  Missing,
  ParseAnswer,
  Read,
  ReadAnswer,
  RefusedWrite,
  Scalar,
  WriteAnswer,
  Written,
} from './outcome.ts';
export type { ReadRequest, WriteRequest } from './request.ts';

/**
 * Writes one verdict atomically and reads it back before answering `written`. `create` (the default) refuses whatever
 * already stands under the name, a link or a directory included; `replace` takes its place without following it.
 *
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { readArtefact, writeArtefact } from '@gatehouse/artefact';
 *
 * const dir = await mkdtemp(join(tmpdir(), 'artefact-'));
 * const place = { dir, name: 'security-report.md' };
 * await writeArtefact({ ...place, front: { status: 'FAIL', findings: 2 }, body: '# Two findings\n' });
 * const read = await readArtefact({ ...place, keys: { status: ['PASS', 'FAIL'], findings: 'integer' } });
 * console.log(read.kind === 'read' ? read.front.status : read); // FAIL
 * ```
 */
export const writeArtefact: (request: WriteRequest) => Promise<WriteAnswer | Crashed> = neverRaise(
  'artefact.writeArtefact',
  write,
);

/** Reads one verdict. Anything but `read` means: there is no verdict, fail closed. */
export const readArtefact: <const K extends Keys>(request: ReadRequest<K>) => Promise<ReadAnswer<K> | Crashed> =
  neverRaise('artefact.readArtefact', read);

/** The same reading for a document in memory (at most 1 MiB). Total: hostile arguments are `malformed`. */
export function parseArtefact<const K extends Keys>(
  document: string | Uint8Array,
  keys: K,
  form: Form = 'canonical',
): ParseAnswer<K> {
  return total<ParseAnswer<K>>(() => parse(document, keys, form), {
    kind: 'malformed',
    reason: 'the arguments cannot be read',
  });
}
