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
