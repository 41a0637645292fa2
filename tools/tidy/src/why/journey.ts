/**
 * A journey is what a reader walks through to follow one thing from its beginning to its end: a list of places kept as
 * data, each `module#symbol`. It is checked against the code, so that it cannot rot: every symbol is declared where the
 * journey says, and every step is drawn in the code, because one of the two modules names the other's symbol.
 */
import { child, nameOf, type SyntaxNode, syntaxOf, walk } from '../syntax.ts';
import { tokensOf } from '../tokens.ts';
import type { RepoFile, RepoTree } from '../tree.ts';

export interface Journey {
  readonly name: string;
  /**
   * `module#symbol`, then ` < module` where the step comes from an earlier place than the one before, then
   * ` [validates]` or ` [clamps]` for what is done there to the value. `app/` is the service, `git/` a package.
   */
  readonly hops: readonly string[];
}

export interface Walked {
  /** Different modules on the way. */
  readonly modules: number;
  /** Steps into a folder that was left before. */
  readonly turns: number;
  readonly validations: number;
  readonly clamps: number;
  /** What the code does not confirm, one line each; empty for a journey that is true. */
  readonly faults: readonly string[];
}

interface Hop {
  readonly path: string;
  readonly symbol: string;
  readonly from: string | null;
  readonly does: readonly string[];
  readonly text: string;
}

const HOP = /^(\S+?)#(\S+)(?: < (\S+))?(?: \[([\w, ]+)\])?$/;

/** Walks the journey through the tree and confirms each step. */
export function walkJourney(tree: RepoTree, { hops }: Journey): Walked {
  const read = hops.map(readHop);
  return {
    modules: new Set(read.map(({ path }) => path)).size,
    turns: turnsOf(read.map(({ path }) => folderOf(path))),
    validations: read.filter(({ does }) => does.includes('validates')).length,
    clamps: read.filter(({ does }) => does.includes('clamps')).length,
    faults: read.flatMap((hop, at) => faultsOf(tree, hop, read.slice(0, at))),
  };
}

function readHop(text: string): Hop {
  const [, module = '', symbol = '', from = null, does = ''] = HOP.exec(text) ?? [];
  return { path: pathOf(module), symbol, from: from === null ? null : pathOf(from), does: does.split(', '), text };
}

function pathOf(module: string): string {
  const [place = '', ...rest] = module.split('/');
  return place === 'app' ? `apps/orchestrator/src/${rest.join('/')}` : `packages/${place}/src/${rest.join('/')}`;
}

/** A package is one folder; in the service each folder is one, and so is the top. */
export function folderOf(path: string): string {
  const [group = '', name = '', , entry = '', ...deeper] = path.split('/');
  return group === 'apps' && deeper.length > 0 ? `${group}/${name}/${entry}` : `${group}/${name}`;
}

function turnsOf(folders: readonly string[]): number {
  const seen = new Set<string>();
  let turns = 0;
  for (const [at, folder] of folders.entries()) {
    if (folder !== folders[at - 1] && seen.has(folder)) turns += 1;
    seen.add(folder);
  }
  return turns;
}

function faultsOf(tree: RepoTree, hop: Hop, before: readonly Hop[]): string[] {
  const file = tree.files.get(hop.path);
  if (file === undefined) return [`${hop.text}: there is no ${hop.path}`];
  if (!declares(file, hop.symbol)) return [`${hop.text}: ${hop.path} declares no ${hop.symbol}`];
  const from = hop.from === null ? before.at(-1) : before.findLast(({ path }) => path === hop.from);
  if (from === undefined) return before.length === 0 ? [] : [`${hop.text}: ${hop.from} is no earlier place`];
  const origin = tree.files.get(from.path);
  if (origin === undefined || origin === file) return [];
  if (names(origin, hop.symbol) || names(file, from.symbol)) return [];
  return [`${hop.text}: neither ${from.path} names ${hop.symbol} nor ${hop.path} names ${from.symbol}`];
}

const names = (file: RepoFile, symbol: string): boolean => tokensOf(file).code.some(({ text }) => text === symbol);

const NAMED_BY: Readonly<Record<string, string>> = {
  FunctionDeclaration: 'id',
  ClassDeclaration: 'id',
  VariableDeclarator: 'id',
  TSInterfaceDeclaration: 'id',
  TSTypeAliasDeclaration: 'id',
  MethodDefinition: 'key',
  PropertyDefinition: 'key',
  Property: 'key',
  TSPropertySignature: 'key',
  TSMethodSignature: 'key',
};

/** Whether the file makes the symbol: a declaration, a member of an object or class, or a member of an interface. */
export function declares(file: RepoFile, symbol: string): boolean {
  let found = false;
  walk(syntaxOf(file).program, (node: SyntaxNode) => {
    const field = NAMED_BY[node.type];
    found ||= field !== undefined && nameOf(child(node, field)) === symbol;
    return !found;
  });
  return found;
}
