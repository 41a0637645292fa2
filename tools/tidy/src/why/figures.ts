/** Counts that say how hard it is to find one's way: each is read off the code, with the places it was counted at. */
import { folderArrows, SERVICE } from '../service-folders.ts';
import { child, list, nameOf, type SyntaxNode, syntaxOf, walk } from '../syntax.ts';
import { tokensOf } from '../tokens.ts';
import { filesMatching, type RepoFile, type RepoTree } from '../tree.ts';

/** The source that ships; declarations of tests and tools are counted nowhere. */
export const SHIPPED = /^(packages|apps)\/[^/]+\/src\/.*\.[cm]?[jt]sx?$/;

/** The pairs of entries between which an import leads, as `from -> to`. */
export const pairsOf = (tree: RepoTree): string[] =>
  [...new Set(folderArrows(tree).map(({ from, to }) => `${from} -> ${to}`))].toSorted();

/** The files whose code spells the name of a check, in a string, a template or a key. */
export function checkNamers(tree: RepoTree): string[] {
  return filesMatching(tree, SHIPPED)
    .filter((file) => tokensOf(file).code.some(({ text }) => /^check_[a-z]+(_[a-z]+)*$/.test(text)))
    .map(({ path }) => path);
}

export interface TypeCount {
  readonly declared: number;
  /** Names with the files that declare them, where there is more than one. */
  readonly repeated: ReadonlyMap<string, readonly string[]>;
}

/** Types and interfaces by name; a name that two files declare may mean two things. */
export function typesOf(tree: RepoTree): TypeCount {
  const places = new Map<string, string[]>();
  let declared = 0;
  for (const file of filesMatching(tree, SHIPPED))
    for (const name of typesDeclaredIn(file)) {
      declared += 1;
      places.set(name, [...(places.get(name) ?? []), file.path]);
    }
  const repeated = new Map([...places].filter(([, paths]) => new Set(paths).size > 1));
  return { declared, repeated };
}

function typesDeclaredIn(file: RepoFile): string[] {
  const found: string[] = [];
  walk(syntaxOf(file).program, (node) => {
    if (node.type === 'TSTypeAliasDeclaration' || node.type === 'TSInterfaceDeclaration')
      found.push(nameOf(child(node, 'id')));
    return true;
  });
  return found;
}

/** Parameters and fields whose type is the whole context, as paths; a `Pick` of it is none. */
export function contextTakers(tree: RepoTree, context: string): string[] {
  return filesMatching(tree, SHIPPED)
    .filter(({ path }) => path.startsWith(SERVICE))
    .flatMap((file) => {
      const found: string[] = [];
      walk(syntaxOf(file).program, (node) => {
        const holders = node.type === 'TSPropertySignature' ? [node] : list(node, 'params');
        for (const holder of holders) if (typeNameOf(bare(holder)) === context) found.push(file.path);
        return true;
      });
      return found;
    });
}

/** A parameter without its default value. */
const bare = (node: SyntaxNode): SyntaxNode | null => (node.type === 'AssignmentPattern' ? child(node, 'left') : node);

const typeNameOf = (node: SyntaxNode | null): string =>
  nameOf(child(child(child(node, 'typeAnnotation'), 'typeAnnotation'), 'typeName'));
