/** Everything a file asks another module for: static, type-only, dynamic, re-exported, required and referenced. */
import { child, list, nameOf, type Syntax, type SyntaxNode, syntaxOf, walk } from './syntax.ts';
import { lineAt, type RepoFile } from './tree.ts';

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
  const found = readImports(file.text, syntaxOf(file));
  known.set(file, found);
  return found;
}

/** The imports in a text. A type-only import counts like any other. */
export function readImports(source: string, { program, comments }: Syntax): ImportUse[] {
  const found: ImportUse[] = [];
  const at = (node: { readonly start: number }): number => lineAt(source, node.start);
  walk(program, (node) => {
    const asked = askedBy(node);
    if (asked !== null) found.push({ specifier: literalOf(asked), line: at(node), names: namesIn(node) });
    return true;
  });
  for (const comment of comments) {
    const text = source.slice(comment.start, comment.end);
    const reference = /^\/\/\/\s*<reference\s+(?:path|types)=["']([^"']+)/.exec(text)?.[1];
    if (reference !== undefined) found.push({ specifier: reference, line: at(comment), names: [] });
  }
  return found;
}

/** The node that says which module is asked for; null for a node that asks for none. */
function askedBy(node: SyntaxNode): SyntaxNode | null {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
      return child(node, 'source');
    case 'TSExternalModuleReference':
      return child(node, 'expression');
    case 'CallExpression':
      return resolves(child(node, 'callee')) ? (list(node, 'arguments')[0] ?? node) : null;
    default:
      return null;
  }
}

/** `require`, `require.resolve` and `import.meta.resolve`. */
function resolves(callee: SyntaxNode | null): boolean {
  const owner = callee?.type === 'MemberExpression' ? child(callee, 'object') : callee;
  if (owner !== callee && nameOf(child(callee, 'property')) !== 'resolve') return false;
  if (owner?.type === 'Identifier') return nameOf(owner) === 'require';
  return owner !== callee && owner?.type === 'MetaProperty';
}

function literalOf(node: SyntaxNode): string | null {
  if (node.type === 'Literal') return nameOf(node);
  const [only, ...more] = node.type === 'TemplateLiteral' ? list(node, 'quasis') : [];
  if (only === undefined || more.length > 0) return null;
  const value = only['value'] as { readonly cooked?: string | null };
  return value.cooked ?? null;
}

const namesIn = (node: SyntaxNode): string[] =>
  list(node, 'specifiers')
    .map((specifier) => nameOf(child(specifier, specifier.type === 'ExportSpecifier' ? 'local' : 'imported')))
    .filter((name) => name !== '');
