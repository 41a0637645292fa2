/** The syntax tree of a code file, made by oxc-parser; why that one: docs/adr/0012-kept-libraries.md. */
import { parseSync, visitorKeys } from 'oxc-parser';
import { lineAt, type RepoFile } from './tree.ts';

/** A node as the guards read it: a kind, a span, and fields that are read by name. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

export interface Syntax {
  readonly program: SyntaxNode;
  /** Spans of the comments, with their markers. */
  readonly comments: readonly { readonly start: number; readonly end: number }[];
  /** Where the parser stopped understanding; guards report it instead of trusting the rest. */
  readonly lost: { readonly line: number; readonly why: string } | null;
}

const known = new WeakMap<RepoFile, Syntax>();

/** The syntax of a file, remembered per file object. */
export function syntaxOf(file: RepoFile): Syntax {
  const before = known.get(file);
  if (before !== undefined) return before;
  const syntax = parse(file.path, file.text);
  known.set(file, syntax);
  return syntax;
}

/** The syntax of a text; the ending of `path` says which language it is. */
export function parse(path: string, text: string): Syntax {
  const lang = /\.[cm]?ts$/.test(path) ? 'ts' : path.endsWith('.tsx') ? 'tsx' : 'jsx';
  const sourceType = path.endsWith('.cjs') ? 'script' : 'module';
  const { program, comments, errors } = parseSync(path, text, { lang, sourceType, astType: 'ts' });
  const first = errors[0];
  const lost = first === undefined ? null : { line: lineAt(text, first.labels[0]?.start ?? 0), why: first.message };
  const hashbang = program.hashbang ?? null;
  return {
    program: program as unknown as SyntaxNode,
    comments: hashbang === null ? comments : [hashbang, ...comments],
    lost,
  };
}

/** Visits a node and all below it, in source order; `visit` answers false to leave out what is below. */
export function walk(node: SyntaxNode, visit: (node: SyntaxNode) => boolean): void {
  if (!visit(node)) return;
  for (const child of childrenOf(node)) walk(child, visit);
}

/** The nodes directly below, in source order. */
export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  return (visitorKeys[node.type] ?? [])
    .flatMap((key) => node[key])
    .filter(isNode)
    .sort((left, right) => left.start - right.start);
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as SyntaxNode).type === 'string';
}

/** The field of a node where it holds a node; null where it does not. */
export function child(node: SyntaxNode | null, field: string): SyntaxNode | null {
  const value = node?.[field];
  return isNode(value) ? value : null;
}

/** The nodes in a list field; empty where there is no list. */
export function list(node: SyntaxNode | null, field: string): SyntaxNode[] {
  const value = node?.[field];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** The name of an identifier, or the text of a literal; the empty string for anything else. */
export function nameOf(node: SyntaxNode | null): string {
  const name = node?.['name'] ?? node?.['value'];
  return typeof name === 'string' ? name : '';
}
