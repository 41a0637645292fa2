/** The comments of any tracked file that has them, one passage per block, so that a phrase may wrap over lines. */
import { tokensOf } from './tokens.ts';
import { lineAt, type RepoFile } from './tree.ts';

export interface Passage {
  /** The comment's words without its markers, lines joined by a newline. */
  readonly text: string;
  /** 1-based line of the first one. */
  readonly line: number;
}

/** Files whose comments are read. */
export const COMMENTED =
  /\.([cm]?[jt]sx?|css|sql|sh|ya?ml)$|(^|\/)(\.ci\/[^/]+|\.gitignore|\.env\.example|Dockerfile)$/;

/** The passages of a file, in order; neighbouring one-line comments are one passage. */
export function commentsOf(file: RepoFile): Passage[] {
  const passages: { text: string; line: number; last: number }[] = [];
  for (const { text, line } of rawComments(file)) {
    const bare = text.split('\n').map(bareLine).join('\n');
    const last = line + text.split('\n').length - 1;
    const before = passages.at(-1);
    if (before !== undefined && before.last + 1 === line)
      Object.assign(before, { text: `${before.text}\n${bare}`, last });
    else passages.push({ text: bare, line, last });
  }
  return passages;
}

const bareLine = (line: string): string =>
  line.replace(/^\s*(?:\/\/+|\/\*\*?(?!\*)|\*(?![*/])|--|#!?)?\s?/, '').replace(/\*\/\s*$/, '');

function rawComments(file: RepoFile): { readonly text: string; readonly line: number }[] {
  if (/\.[cm]?[jt]sx?$/.test(file.path)) return [...tokensOf(file).comments];
  if (/\.(css|sql)$/.test(file.path)) return matches(file.text, /\/\*[\s\S]*?\*\/|(?<=^|\s)--.*/g);
  return matches(file.text, /(?<=^|\s)#.*/gm);
}

const matches = (text: string, pattern: RegExp): { text: string; line: number }[] =>
  [...text.matchAll(pattern)].map((match) => ({ text: match[0], line: lineAt(text, match.index) }));
