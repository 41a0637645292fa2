/** The members of a declared type, with the comment that an editor shows for each. */
import { child, nameOf, type Syntax, type SyntaxNode, walk } from '../syntax.ts';
import { lineAt } from '../tree.ts';

/** One file of declarations. */
export interface Module {
  readonly path: string;
  readonly text: string;
  readonly syntax: Syntax;
}

export interface Member {
  /** For example `GroupRun.containment.level`. */
  readonly name: string;
  readonly doc: string;
  readonly at: string;
  /** A literal `kind` or `status` in a type of its own, where the text of the type is its text. */
  readonly isDiscriminant: boolean;
}

const OBJECT_TYPES =
  /^(TSInterfaceDeclaration|TSTypeAliasDeclaration|TSInterfaceBody|TSTypeLiteral|TSIntersectionType)$/;
const MEMBERS =
  /^(TSPropertySignature|TSMethodSignature|PropertyDefinition|TSAbstractMethodDefinition|MethodDefinition)$/;

/** The members of a declaration, those of its members and parameters included, in source order. */
export function membersOf(module: Module, node: SyntaxNode, name: string): Member[] {
  const members: Member[] = [];
  const visit = (inner: SyntaxNode, path: string, isOwnType: boolean): void => {
    for (const below of directlyBelow(inner)) {
      const key = MEMBERS.test(below.type) ? keyOf(below) : null;
      if (key === null) {
        visit(below, path, isOwnType && OBJECT_TYPES.test(below.type));
        continue;
      }
      members.push({
        name: `${path}.${key}`,
        doc: docBefore(module, below.start),
        at: `${module.path}:${lineAt(module.text, below.start)}`,
        isDiscriminant: isLiteral(below) && (key === 'kind' || key === 'status'),
      });
      visit(below, `${path}.${key}`, false);
    }
  };
  visit(node, name, OBJECT_TYPES.test(node.type));
  return members;
}

function directlyBelow(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  walk(node, (inner) => {
    if (inner === node) return true;
    found.push(inner);
    return false;
  });
  return found;
}

/** The written name of a member; null for a private one and for the constructor, whose parameters are the members. */
function keyOf(member: SyntaxNode): string | null {
  const key = child(member, 'key');
  if (key === null || key.type === 'PrivateIdentifier' || nameOf(key) === 'constructor') return null;
  return nameOf(key);
}

const isLiteral = (member: SyntaxNode): boolean =>
  child(child(member, 'typeAnnotation'), 'typeAnnotation')?.type === 'TSLiteralType';

/** The words of the doc comment that ends right before an offset. */
export function docBefore({ text, syntax }: Module, offset: number): string {
  const before = syntax.comments.filter(({ end }) => end <= offset).at(-1);
  if (before === undefined || text.slice(before.end, offset).trim() !== '') return '';
  const comment = text.slice(before.start, before.end);
  if (!comment.startsWith('/**')) return '';
  return comment
    .slice(3, -2)
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .join('\n')
    .trim();
}
