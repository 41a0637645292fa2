/** A lockfile's bytes → its packages. Anything that is not clearly a lockfile of its format is `malformed`, never empty. */
import { decodeUtf8 } from '../adapters/utf8.ts';
import { FORMATS, type FormatId } from './formats.ts';
import { type LockAnswer, malformed, PACKAGE_LIMIT } from './locked-package.ts';

/** What the worker thread is asked. */
export interface LockTask {
  readonly kind: 'lock';
  readonly format: FormatId;
  readonly text: Uint8Array;
}

/** Reads bytes as the format says. A byte order mark and CRLF line ends are read as the package managers read them. */
export function readLock(bytes: Uint8Array, format: FormatId): LockAnswer {
  const row = FORMATS.find(({ id }) => id === format);
  const content = decodeUtf8(bytes);
  if (row === undefined) return malformed('an unknown format');
  if (content === null) return malformed('not UTF-8');
  if (content.includes('\0')) return malformed('a text with NULs');
  const answer = row.read(content.replace(/\r\n?/g, '\n'));
  if (answer.kind === 'lock' && answer.packages.length > PACKAGE_LIMIT)
    return malformed(`more than ${PACKAGE_LIMIT} packages`);
  return answer;
}
