/**
 * Splits TypeScript, JavaScript and JSX into tokens, so that guards judge code and not text inside strings,
 * templates, regular expressions and comments. It is not a parser; where it loses its way it says so in `lost`.
 */
import { scanElement, startsElement } from './jsx.ts';
import { type Comment, lose, moveTo, push, type Scan, type Token } from './scan.ts';
import type { RepoFile } from './tree.ts';

export type { Comment, Token } from './scan.ts';

export interface Tokens {
  readonly code: readonly Token[];
  readonly comments: readonly Comment[];
  /** Where the scanner stopped understanding; guards report it instead of trusting the rest. */
  readonly lost: { readonly line: number; readonly why: string } | null;
}

const known = new WeakMap<RepoFile, Tokens>();

/** The tokens of a file, remembered per file object. */
export function tokensOf(file: RepoFile): Tokens {
  const before = known.get(file);
  if (before !== undefined) return before;
  const tokens = tokenize(file.text, /\.[jt]sx$/.test(file.path));
  known.set(file, tokens);
  return tokens;
}

/** The tokens of a text; `jsx` as in a .tsx file. */
export function tokenize(source: string, jsx = false): Tokens {
  const scan: Scan = { source, jsx, code: [], comments: [], lost: null, at: 0, line: 1, value: false };
  if (source.startsWith('#!')) comment(scan, lineEnd(source, 0));
  scanCode(scan, '');
  return { code: scan.code, comments: scan.comments, lost: scan.lost };
}

const BEFORE_EXPRESSION = new Set(
  'return typeof case in of instanceof new delete void throw do else yield await extends default export'.split(' '),
);
const HEADS = new Set(['if', 'while', 'for', 'with']);
const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
const WORD = /[\p{L}\p{N}_$]+/uy;

/** Scans until the end of the file, or (`close`) until the brace that ends a template's or JSX's expression. */
function scanCode(scan: Scan, close: '' | '}'): void {
  const open: { readonly closing: string; readonly head: boolean }[] = [];
  while (scan.lost === null) {
    skipSpace(scan);
    const char = scan.source[scan.at];
    if (char === undefined) {
      if (open.length > 0 || close !== '') lose(scan, 'the file ends inside a bracket');
      return;
    }
    if (char in CLOSING) {
      open.push({ closing: CLOSING[char] ?? '', head: char === '(' && HEADS.has(lastWord(scan)) });
      punct(scan, 1, false);
    } else if (char === ')' || char === ']' || char === '}') {
      if (open.length === 0 && char === close) return;
      const opened = open.pop();
      if (opened?.closing !== char) {
        lose(scan, `'${char}' closes nothing`);
        return;
      }
      punct(scan, 1, char !== '}' && !opened.head);
    } else {
      scanOther(scan, char);
    }
  }
}

function scanOther(scan: Scan, char: string): void {
  const { source, at } = scan;
  WORD.lastIndex = at;
  const word = WORD.exec(source)?.[0];
  if (source.startsWith('//', at)) comment(scan, lineEnd(source, at));
  else if (source.startsWith('/*', at)) blockComment(scan);
  else if (char === '"' || char === "'") scanString(scan, char);
  else if (char === '`') scanTemplate(scan);
  else if (char === '/' && !scan.value) scanRegex(scan);
  else if (char === '<' && scan.jsx && !scan.value && startsElement(scan)) scanElement(scan, scanCode);
  else if (word !== undefined) scanWord(scan, word);
  else scanPunct(scan);
}

function skipSpace(scan: Scan): void {
  let end = scan.at;
  while (end < scan.source.length && /\s/.test(scan.source[end] ?? '')) end += 1;
  moveTo(scan, end);
}

const lastWord = (scan: Scan): string => {
  const last = scan.code.at(-1);
  return last?.kind === 'word' ? last.text : '';
};

function scanWord(scan: Scan, word: string): void {
  const before = scan.code.at(-1)?.text;
  const member = before === '.' || before === '?.';
  push(scan, /^\d/.test(word) ? 'number' : 'word', scan.at + word.length);
  scan.value = member || !BEFORE_EXPRESSION.has(word);
}

function scanPunct(scan: Scan): void {
  const { source, at } = scan;
  const long = ['...', '=>', '++', '--', '?.'].find((text) => source.startsWith(text, at));
  if (long === '?.' && /\d/.test(source[at + 2] ?? '')) {
    punct(scan, 1, false);
    return;
  }
  const text = long ?? source[at];
  // After a value, `!`, `++` and `--` are postfix and the value still stands.
  punct(scan, text?.length ?? 1, scan.value && (text === '!' || text === '++' || text === '--'));
}

function punct(scan: Scan, length: number, value: boolean): void {
  push(scan, 'punct', scan.at + length);
  scan.value = value;
}

const lineEnd = (source: string, from: number): number => {
  const end = source.indexOf('\n', from);
  return end < 0 ? source.length : end;
};

function comment(scan: Scan, end: number): void {
  scan.comments.push({ text: scan.source.slice(scan.at, end), line: scan.line });
  moveTo(scan, end);
}

function blockComment(scan: Scan): void {
  const end = scan.source.indexOf('*/', scan.at + 2);
  if (end < 0) lose(scan, 'a comment never ends');
  else comment(scan, end + 2);
}

function scanString(scan: Scan, quote: string): void {
  let end = scan.at + 1;
  for (; end < scan.source.length; end += 1) {
    const char = scan.source[end];
    if (char === quote || char === '\n') break;
    if (char === '\\') end += 1;
  }
  if (scan.source[end] === quote) push(scan, 'string', end + 1, scan.source.slice(scan.at + 1, end));
  else lose(scan, 'a string never ends');
  scan.value = true;
}

/** Pushes one `template` token per stretch of text, and the tokens of each `${…}` between them. */
function scanTemplate(scan: Scan): void {
  let from = scan.at + 1;
  for (let end = from; end < scan.source.length; end += 1) {
    const char = scan.source[end];
    if (char === '\\') end += 1;
    else if (char === '`') {
      push(scan, 'template', end + 1, scan.source.slice(from, end));
      scan.value = true;
      return;
    } else if (char === '$' && scan.source[end + 1] === '{') {
      push(scan, 'template', end + 2, scan.source.slice(from, end));
      scan.value = false;
      scanCode(scan, '}');
      if (scan.lost !== null) return;
      from = scan.at + 1;
      end = scan.at;
    }
  }
  lose(scan, 'a template never ends');
}

function scanRegex(scan: Scan): void {
  let inClass = false;
  for (let end = scan.at + 1; end < scan.source.length && scan.source[end] !== '\n'; end += 1) {
    const char = scan.source[end];
    if (char === '\\') end += 1;
    else if (char === '[') inClass = true;
    else if (char === ']') inClass = false;
    else if (char === '/' && !inClass) {
      while (/[a-z]/.test(scan.source[end + 1] ?? '')) end += 1;
      push(scan, 'regex', end + 1);
      scan.value = true;
      return;
    }
  }
  lose(scan, 'a regular expression never ends');
}
