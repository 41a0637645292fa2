/**
 * Which names may become a branch: those that git takes, but for the few that read as something else (`@`, `refs/…`, an object
 * name). A name that passes can stand in a refspec, a path and, after `refs/heads/`, an argument list. In a URL it is encoded,
 * in Markdown escaped, and for people its control and direction characters are made visible, like those of any text.
 * test/ref-name.test.ts compares these rules with `git check-ref-format`.
 */

/** Outcome of `validateRefName`. */
export type RefNameVerdict =
  | {
      readonly kind: 'valid';
      /** The name that was asked about, unchanged. */
      readonly name: string;
    }
  | {
      readonly kind: 'invalid';
      /** Which rule of the names it breaks. */
      readonly reason: string;
    };

/** File systems store a part as one name, and git puts `.lock` behind it while it writes. */
const PART_BYTES = 250;
const NAME_BYTES = 1000;

/** What git refuses anywhere in a name. */
const FORBIDDEN = /[\0-\x20\x7f~^:?*[\\]/;

/** Judges a short branch name such as `feature/ABC-1-title`. Synchronous and total: any value gets an answer. */
export function validateRefName(name: unknown): RefNameVerdict {
  if (typeof name !== 'string') return invalid('a branch name is a text');
  if (name === '') return invalid('a branch name is not empty');
  if (/\p{Cs}/u.test(name)) return invalid('a name that is no text in any encoding');
  if (Buffer.byteLength(name) > NAME_BYTES) return invalid(`a branch name has at most ${NAME_BYTES} bytes`);
  if (name.startsWith('-')) return invalid('a name that starts with "-" reads as an option');
  if (FORBIDDEN.test(name))
    return invalid('git allows no space, no control character and none of ~ ^ : ? * [ \\ in a branch name');
  if (name.includes('..')) return invalid('".." names a range');
  if (name.includes('@{')) return invalid('"@{" names a revision');
  if (name.endsWith('.')) return invalid('a name that ends with a dot');
  const parts = name.split('/');
  if (parts.some((part) => part === '')) return invalid('an empty part between slashes');
  if (parts.some((part) => part.startsWith('.'))) return invalid('a part that starts with a dot');
  if (parts.some((part) => part.endsWith('.lock'))) return invalid('a part that ends with ".lock"');
  if (parts.some((part) => Buffer.byteLength(part) > PART_BYTES))
    return invalid(`a part between slashes has at most ${PART_BYTES} bytes`);
  if (name === '@') return invalid('a name that reads as HEAD');
  if (name === 'HEAD' || name.startsWith('refs/')) return invalid('a name that git already uses');
  if (/^[0-9a-f]{40}([0-9a-f]{24})?$/i.test(name)) return invalid('a name that reads as an object name');
  return { kind: 'valid', name };
}

/** True for a full ref name whose part after `refs/heads/` or `refs/gatehouse/` is a valid short name. */
export function isFullRef(ref: unknown): ref is string {
  if (typeof ref !== 'string') return false;
  const short = /^refs\/(?:heads|gatehouse)\/(.+)$/s.exec(ref)?.[1];
  if (short === undefined) return false;
  return ref.startsWith('refs/heads/') ? validateRefName(short).kind === 'valid' : validInside(short);
}

/** Our own refs may end in an object name: `refs/gatehouse/tested/<sha>`. */
const validInside = (short: string): boolean => validateRefName(`gatehouse/${short}`).kind === 'valid';

const invalid = (reason: string): RefNameVerdict => ({ kind: 'invalid', reason });
