/**
 * A commit's bytes, taken apart and put together again as `git rebase` does it: author and message as they are, leading
 * empty lines and headers such as signatures dropped. What git would re-encode on the way is not taken apart at all.
 */
import { isUtf8 } from 'node:buffer';
import type { Sha } from './outcome.ts';

/** The parts of a commit that a replay needs. */
export interface RawCommit {
  readonly tree: Sha;
  readonly parents: readonly Sha[];
  /** `Name <address> <seconds> <zone>`, verbatim. */
  readonly author: Buffer;
  /** Seconds since 1970 at which it was committed. */
  readonly committedAt: number;
  readonly message: Buffer;
}

/** Who commits, and when, in seconds since 1970. */
export interface Committer {
  readonly name: string;
  readonly email: string;
  readonly at: number;
}

const HEADER =
  /^tree ([0-9a-f]{40})\n((?:parent [0-9a-f]{40}\n)*)author ([^<>\n\0]*<[^<>\n\0]*> \d{1,12} [+-]\d{4})\ncommitter [^\n\0]*> (\d{1,12}) [+-]\d{4}\n/;

/** Takes a commit apart; `null` when git would change more of it than its place. */
export function readRawCommit(bytes: Uint8Array): RawCommit | null {
  if (!isUtf8(bytes) || bytes.includes(0)) return null;
  const text = Buffer.from(bytes).toString('utf8');
  if (/\p{Noncharacter_Code_Point}/u.test(text)) return null;
  const header = HEADER.exec(text);
  if (header === null) return null;
  const [{ length }, tree = '', parents = '', author = '', committedAt = ''] = header;
  // A header goes on in lines that start with a space; the first empty line ends them all.
  const rest = text.slice(length - 1);
  const end = rest.indexOf('\n\n');
  const further = end === -1 ? rest : rest.slice(0, end);
  if (/\nencoding /.test(further)) return null;
  const message = end === -1 ? '' : rest.slice(end + 2).replace(/^(?:[ \t\v\f\r]*\n)+/, '');
  return {
    tree,
    parents: parents.split('\n').flatMap((line) => (line === '' ? [] : [line.slice('parent '.length)])),
    author: Buffer.from(author),
    committedAt: Number(committedAt),
    // Nothing but white space is no message.
    message: Buffer.from(/^[ \t\v\f\r]*$/.test(message) ? '' : message),
  };
}

/** Whether git writes this name and address without touching them. */
export function isPlainCommitter(name: string, email: string): boolean {
  return [name, email].every(
    (text) =>
      text.isWellFormed() &&
      /^[^\p{Cc}<>\p{Noncharacter_Code_Point}]+$/u.test(text) &&
      !/^[ .,:;"\\']|[ .,:;"\\']$/.test(text),
  );
}

/** The bytes of a commit. */
export function rawCommit(
  parts: Pick<RawCommit, 'tree' | 'parents' | 'author' | 'message'>,
  committer: Committer,
): Buffer {
  return Buffer.concat([
    Buffer.from(`tree ${parts.tree}\n${parts.parents.map((parent) => `parent ${parent}\n`).join('')}author `),
    parts.author,
    Buffer.from(`\ncommitter ${identOf(committer)}\n\n`),
    parts.message,
  ]);
}

/** `Name <address> <seconds> +0000` */
export const identOf = ({ name, email, at }: Committer): string => `${name} <${email}> ${at} +0000`;
