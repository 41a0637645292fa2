/** A lockfile's bytes → its packages. Anything that is not clearly a lockfile of its format is `malformed`, never empty. */
import { decodeUtf8 } from '../adapters/utf8.ts';
import type { FormatId } from './formats.ts';
import { type LockAnswer, malformed, PACKAGE_LIMIT } from './locked-package.ts';
import { readBundler } from './readers/bundler.ts';
import { readCargo } from './readers/cargo.ts';
import { readComposer } from './readers/composer.ts';
import { readGoMod, readGoSum } from './readers/go.ts';
import { readGradle, readMaven } from './readers/jvm.ts';
import { readNpm } from './readers/npm.ts';
import { readPnpm } from './readers/pnpm.ts';
import { readPipfile, readPoetry, readPylock, readUv } from './readers/python.ts';
import { readRequirements } from './readers/requirements.ts';
import { readYarn } from './readers/yarn.ts';

/** Only the thread that reads loads them, and the parsers that they need. */
const READERS: { readonly [Id in FormatId]: (content: string) => LockAnswer } = {
  npm: readNpm,
  pnpm: readPnpm,
  yarn: readYarn,
  requirements: readRequirements,
  poetry: readPoetry,
  uv: readUv,
  pylock: readPylock,
  pipfile: readPipfile,
  'go-mod': readGoMod,
  'go-sum': readGoSum,
  cargo: readCargo,
  gradle: readGradle,
  maven: readMaven,
  composer: readComposer,
  bundler: readBundler,
};

/** What the worker thread is asked. */
export interface LockTask {
  readonly kind: 'lock';
  readonly format: FormatId;
  readonly text: Uint8Array;
}

/** Reads bytes as the format says. A byte order mark and CRLF line ends are read as the package managers read them. */
export function readLock(bytes: Uint8Array, format: FormatId): LockAnswer {
  const read = Object.hasOwn(READERS, format) ? READERS[format] : undefined;
  const content = decodeUtf8(bytes);
  if (read === undefined) return malformed('an unknown format');
  if (content === null) return malformed('not UTF-8');
  if (content.includes('\0')) return malformed('a text with NULs');
  const answer = read(content.replace(/\r\n?/g, '\n'));
  if (answer.kind === 'lock' && answer.packages.length > PACKAGE_LIMIT)
    return malformed(`more than ${PACKAGE_LIMIT} packages`);
  return answer;
}
