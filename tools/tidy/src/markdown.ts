/** What the guards need of a Markdown file: its prose without code, its links and its anchors, all with lines. */
import { lineAt, type RepoFile } from './tree.ts';

export interface Link {
  /** As written, without title and angle brackets. */
  readonly target: string;
  readonly line: number;
}

/** The text with fenced blocks, inline code and HTML comments blanked; lines keep their numbers. */
export function proseOf(file: RepoFile): string {
  const blank = (match: string): string => match.replace(/[^\n]/g, ' ');
  return file.text
    .replace(/^( {0,3})(```+|~~~+)[^\n]*\n[\s\S]*?(?:^ {0,3}\2[^\n]*$|$(?![\s\S]))/gm, blank)
    .replace(/<!--[\s\S]*?-->/g, blank)
    .replace(/(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, blank);
}

const INLINE = /\]\(\s*(?:<([^>\n]*)>|((?:[^()\s]|\([^()\s]*\))*))(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)/g;
const REFERENCE = /^ {0,3}\[[^\]\n]+\]:\s*<?([^\s>]+)>?/gm;
const HTML = /<(?:a|img|source)\b[^>]*?\b(?:href|src|srcset)=["']([^"']+)["']/g;

/** Inline links, images, reference definitions and HTML links. */
export function linksOf(file: RepoFile): Link[] {
  const prose = proseOf(file);
  return [INLINE, REFERENCE, HTML].flatMap((pattern) =>
    [...prose.matchAll(pattern)].map((match) => ({
      target: match[1] ?? match[2] ?? '',
      line: lineAt(prose, match.index),
    })),
  );
}

/** The anchors a link may name: headings as forges make them, and explicit ids. */
export function anchorsOf(file: RepoFile): Set<string> {
  const anchors = new Set<string>();
  const fenceless = file.text.replace(/^ {0,3}(```+|~~~+)[^\n]*\n[\s\S]*?^ {0,3}\1[^\n]*$/gm, '');
  for (const [, , title = ''] of fenceless.matchAll(/^ {0,3}(#{1,6})\s+(.+?)\s*#*\s*$/gm)) {
    const slug = slugOf(title);
    let unique = slug;
    for (let count = 1; anchors.has(unique); count += 1) unique = `${slug}-${count}`;
    anchors.add(unique);
  }
  for (const [, id = ''] of fenceless.matchAll(/<\w+[^>]*?\s(?:id|name)=["']([^"']+)["']/g)) anchors.add(id);
  return anchors;
}

const slugOf = (title: string): string =>
  title
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

export interface TableRow {
  readonly cells: readonly string[];
  readonly line: number;
  /** The heading the table stands under, without its marks. */
  readonly heading: string;
}

/** The body rows of every table, cells trimmed; a `|` inside a code span belongs to its cell. */
export function rowsOf(file: RepoFile): TableRow[] {
  const rows: TableRow[] = [];
  let heading = '';
  let isBody = false;
  for (const [at, text] of file.text.split('\n').entries()) {
    heading = /^#{1,6}\s+(.+?)\s*$/.exec(text)?.[1] ?? heading;
    if (!/^\s*\|/.test(text)) isBody = false;
    else if (/^\s*\|[\s:|-]+\|\s*$/.test(text)) isBody = true;
    else if (isBody) rows.push({ cells: cellsOf(text), line: at + 1, heading });
  }
  return rows;
}

const cellsOf = (row: string): string[] =>
  [
    ...row
      .trim()
      .replace(/^\||\|$/g, '')
      .matchAll(/((?:`[^`]*`|[^|`])*)(?:\||$)/g),
  ]
    .map(([, cell = '']) => cell.trim())
    .filter((cell, at, all) => cell !== '' || at < all.length - 1);
