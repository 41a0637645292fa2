/** Everything a file asks another module for: static, type-only, dynamic, re-exported, required and referenced. */
import { type Token, type Tokens, tokensOf } from './tokens.ts';
import type { RepoFile } from './tree.ts';

export interface ImportUse {
  /** The module asked for; null when it is computed and cannot be read from the source. */
  readonly specifier: string | null;
  readonly line: number;
  /** The names between the braces, as the other module calls them. */
  readonly names: readonly string[];
}

const known = new WeakMap<RepoFile, readonly ImportUse[]>();

/** The imports of a file in source order, remembered per file object. */
export function importsOf(file: RepoFile): readonly ImportUse[] {
  const before = known.get(file);
  if (before !== undefined) return before;
  const found = readImports(tokensOf(file));
  known.set(file, found);
  return found;
}

/** The imports among the tokens. A type-only import counts like any other. */
export function readImports(tokens: Tokens): ImportUse[] {
  const found: ImportUse[] = [];
  const { code } = tokens;
  for (const [at, token] of code.entries()) {
    const before = code[at - 1]?.text;
    if (token.kind !== 'word' || before === '.' || before === '?.') continue;
    const use = readUse(code, at, token);
    if (use !== null) found.push(use);
  }
  for (const { text, line } of tokens.comments) {
    const reference = /^\/\/\/\s*<reference\s+(?:path|types)=["']([^"']+)/.exec(text)?.[1];
    if (reference !== undefined) found.push({ specifier: reference, line, names: [] });
  }
  return found;
}

function readUse(code: readonly Token[], at: number, token: Token): ImportUse | null {
  const next = code[at + 1];
  switch (token.text) {
    case 'import':
      if (next?.kind === 'string') return { specifier: next.text, line: token.line, names: [] };
      if (next?.text === '(') return called(code, at + 2, token.line);
      // import.meta.resolve('x'); any other use of import.meta asks for nothing.
      if (next?.text === '.') return code[at + 4]?.text === 'resolve' ? called(code, at + 6, token.line) : null;
      return fromClause(code, at + 1, token.line);
    case 'export': {
      const first = code[next?.text === 'type' ? at + 2 : at + 1]?.text;
      return first === '*' || first === '{' ? fromClause(code, at + 1, token.line) : null;
    }
    case 'require':
      if (next?.text === '(') return called(code, at + 2, token.line);
      return next?.text === '.' && code[at + 2]?.text === 'resolve' ? called(code, at + 4, token.line) : null;
    default:
      return null;
  }
}

/** The argument of `import(…)` or `require(…)`; `names` stays empty because nothing is bound here. */
function called(code: readonly Token[], at: number, line: number): ImportUse {
  const argument = code[at];
  const after = code[at + 1]?.text;
  const literal = argument?.kind === 'string' || argument?.kind === 'template';
  const whole = literal && (after === ')' || after === ',');
  return { specifier: whole ? argument.text : null, line, names: [] };
}

/** From the clause's first token to `from '…'`; null when no `from` follows (an `export { a };`). */
function fromClause(code: readonly Token[], start: number, line: number): ImportUse | null {
  const names: string[] = [];
  for (let at = start; at < code.length; at += 1) {
    const token = code[at];
    const next = code[at + 1];
    if (token === undefined || token.text === ';' || token.text === '=' || token.text === '(') return null;
    if (token.text === 'from' && next?.kind === 'string') return { specifier: next.text, line, names };
    const before = code[at - 1]?.text;
    const starts = before === '{' || before === ',' || before === 'type';
    if (token.kind === 'word' && starts && !(token.text === 'type' && next?.kind === 'word')) names.push(token.text);
  }
  return null;
}
