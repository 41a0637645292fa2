/**
 * A code file as a row of tokens, so that guards judge code and not text inside strings, templates, regular expressions
 * and comments. The parser says where those stand; what is left between them splits into words, numbers and signs.
 */
import { child, list, parse, type Syntax, type SyntaxNode, syntaxOf, walk } from './syntax.ts';
import type { RepoFile } from './tree.ts';

export interface Token {
  readonly kind: 'word' | 'number' | 'string' | 'template' | 'regex' | 'text' | 'punct';
  /** Source text; of strings and templates what stands between the quotes, escapes untouched. */
  readonly text: string;
  /** 1-based. */
  readonly line: number;
}

export interface Comment {
  /** With its `//` or `/*`. */
  readonly text: string;
  readonly line: number;
}

export interface Tokens {
  readonly code: readonly Token[];
  readonly comments: readonly Comment[];
  readonly lost: Syntax['lost'];
}

/** A stretch that is no plain code; `null` for what is left out: tags and comments. */
interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly kind: Token['kind'] | null;
}

const known = new WeakMap<RepoFile, Tokens>();

/** The tokens of a file, remembered per file object. */
export function tokensOf(file: RepoFile): Tokens {
  const before = known.get(file);
  if (before !== undefined) return before;
  const tokens = tokensIn(file.text, syntaxOf(file));
  known.set(file, tokens);
  return tokens;
}

/** The tokens of a text; `jsx` as in a .tsx file. */
export function tokenize(source: string, jsx = false): Tokens {
  return tokensIn(source, parse(jsx ? 'text.tsx' : 'text.ts', source));
}

function tokensIn(source: string, { program, comments, lost }: Syntax): Tokens {
  const lineOf = lineCounter(source);
  const commented = comments.map(({ start, end }) => ({ text: source.slice(start, end), line: lineOf(start) }));
  if (lost !== null) return { code: [], comments: commented, lost };
  const stretches = [...stretchesOf(program), ...comments.map((span) => ({ ...span, kind: null }))];
  return { code: codeBetween(source, stretches), comments: commented, lost };
}

function codeBetween(source: string, stretches: readonly Stretch[]): Token[] {
  const lineOf = lineCounter(source);
  const code: Token[] = [];
  let at = 0;
  const end = { start: source.length, end: source.length, kind: null };
  for (const stretch of [...stretches.toSorted((left, right) => left.start - right.start), end]) {
    for (const match of source.slice(at, stretch.start).matchAll(PLAIN))
      code.push({ kind: kindOf(match[0]), text: match[0], line: lineOf(at + match.index) });
    if (stretch.kind !== null)
      code.push({ kind: stretch.kind, text: inside(source, stretch), line: lineOf(stretch.start) });
    at = Math.max(at, stretch.end);
  }
  return code;
}

const PLAIN = /[\p{L}\p{N}_$]+|\.\.\.|=>|\+\+|--|\?\.(?!\d)|\S/gu;
const kindOf = (text: string): Token['kind'] =>
  /^\d/.test(text) ? 'number' : /^[\p{L}_$]/u.test(text) ? 'word' : 'punct';

function inside(source: string, { start, end, kind }: Stretch): string {
  const text = source.slice(start, end);
  if (kind === 'string') return text.slice(1, -1);
  return kind === 'template' ? text.slice(1, text.endsWith('${') ? -2 : -1) : text;
}

function stretchesOf(program: SyntaxNode): Stretch[] {
  const found: Stretch[] = [];
  walk(program, (node) => {
    const kind = KINDS[node.type];
    if (node.type === 'Literal') {
      if (node['regex'] !== undefined) found.push({ start: node.start, end: node.end, kind: 'regex' });
      else if (typeof node['value'] === 'string') found.push({ start: node.start, end: node.end, kind: 'string' });
    } else if (kind !== undefined) {
      found.push({ start: node.start, end: node.end, kind });
    } else if (/^JSX(Opening|Closing)/.test(node.type)) {
      const open = bracesOf(node);
      const edges = [node.start, ...open.flatMap(({ start, end }) => [start, end]), node.end];
      for (let at = 0; at < edges.length; at += 2)
        found.push({ start: edges[at] ?? 0, end: edges[at + 1] ?? 0, kind: null });
      for (const brace of open) found.push(...stretchesOf(brace));
      return false;
    }
    return true;
  });
  return found;
}

const KINDS: Readonly<Record<string, Token['kind']>> = { TemplateElement: 'template', JSXText: 'text' };

/** What stands between braces inside a tag: there code begins again. */
const bracesOf = (tag: SyntaxNode): SyntaxNode[] =>
  list(tag, 'attributes').flatMap((attribute) => {
    if (attribute.type === 'JSXSpreadAttribute') return [attribute];
    const value = child(attribute, 'value');
    return value === null || value.type === 'Literal' ? [] : [value];
  });

/** Counts lines for offsets that only grow. */
function lineCounter(source: string): (offset: number) => number {
  let line = 1;
  let at = 0;
  return (offset) => {
    for (; at < offset; at += 1) if (source.charCodeAt(at) === 10) line += 1;
    return line;
  };
}
