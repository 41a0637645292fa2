/** What a package exports, read from its emitted `.d.ts` files: each declaration with its text, its comment and its members. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { child, list, nameOf, parse, type SyntaxNode, walk } from '../syntax.ts';
import { lineAt } from '../tree.ts';
import { docBefore, type Member, type Module, membersOf } from './members.ts';

export interface Declaration {
  /** The name under which it is exported, or its own where it is not. */
  readonly name: string;
  readonly kind: 'value' | 'type';
  /** The words of its doc comment; empty where there is none. */
  readonly doc: string;
  /** The source of the declaration, comments of its members included. */
  readonly source: string;
  /** Absolute path and 1-based line. */
  readonly at: string;
  readonly members: readonly Member[];
  /** For `typeof module.name` and the like: the function that a value wraps. */
  readonly wraps: Declaration | null;
}

export interface Exported {
  readonly own: readonly Declaration[];
  /** Types that are reached from `own` and are not exported by name. */
  readonly reached: readonly Declaration[];
  /** Names that come from another package, with it. */
  readonly foreign: readonly (readonly [name: string, from: string])[];
}

interface Found {
  readonly module: Module;
  readonly statement: SyntaxNode;
  readonly node: SyntaxNode;
}

/** Reads the door of a built package and everything that it leads to. A missing file or name is thrown as a fault of the build. */
export function exportsOf(packageDir: string): Exported {
  const reader = new Reader();
  const door = reader.load(join(packageDir, 'dist/index.d.ts'));
  const own: Declaration[] = [];
  const foreign: (readonly [string, string])[] = [];
  for (const name of exportedNames(door)) {
    const found = reader.resolve(door, name);
    if (typeof found === 'string') foreign.push([name, found]);
    else own.push(reader.declare(found, name));
  }
  return { own, reached: reader.reachedBeside(own), foreign };
}

function exportedNames({ syntax }: Module): string[] {
  return list(syntax.program, 'body')
    .filter(({ type }) => type === 'ExportNamedDeclaration')
    .flatMap((statement) => {
      const declared = child(statement, 'declaration');
      if (declared === null) return list(statement, 'specifiers').map((one) => nameOf(child(one, 'exported')));
      return declaredNames(declared);
    });
}

function declaredNames(node: SyntaxNode): string[] {
  if (node.type !== 'VariableDeclaration') return [nameOf(child(node, 'id'))];
  return list(node, 'declarations').map((one) => nameOf(child(one, 'id')));
}

class Reader {
  readonly #modules = new Map<string, Module>();
  readonly #declared = new Map<SyntaxNode, Declaration>();
  readonly #waiting: Found[] = [];

  load(path: string): Module {
    const known = this.#modules.get(path);
    if (known !== undefined) return known;
    const text = readFileSync(path, 'utf8');
    const module = { path, text, syntax: parse(path, text) };
    this.#modules.set(path, module);
    return module;
  }

  /** Where a name of a module is declared; the specifier of the package it comes from, where that is another one. */
  resolve(module: Module, name: string): Found | string {
    for (const statement of list(module.syntax.program, 'body')) {
      const node = child(statement, 'declaration') ?? statement;
      if (/Declaration$|^TSDeclareFunction$/.test(node.type) && declaredNames(node).includes(name))
        return { module, statement, node };
      const from = child(statement, 'source');
      if (from === null) continue;
      for (const one of list(statement, 'specifiers')) {
        const isImport = statement.type === 'ImportDeclaration';
        if (nameOf(child(one, isImport ? 'local' : 'exported')) !== name) continue;
        const wanted = nameOf(child(one, isImport ? 'imported' : 'local'));
        const specifier = nameOf(from);
        if (!specifier.startsWith('.')) return specifier;
        return this.resolve(this.#sibling(module, specifier), wanted);
      }
    }
    throw new Error(`${module.path} declares no ${name}`);
  }

  #sibling(module: Module, specifier: string): Module {
    return this.load(join(dirname(module.path), specifier.replace(/\.[jt]s$/, '.d.ts')));
  }

  declare(found: Found, name: string): Declaration {
    const { module, statement, node } = found;
    const declaration = {
      name,
      kind: /^TS(Interface|TypeAlias)/.test(node.type) ? ('type' as const) : ('value' as const),
      doc: docBefore(module, statement.start),
      source: module.text.slice(statement.start, statement.end),
      at: `${module.path}:${lineAt(module.text, statement.start)}`,
      members: membersOf(module, node, name),
      wraps: this.#wrapped(found),
    };
    this.#declared.set(node, declaration);
    this.#waiting.push(found);
    return declaration;
  }

  /** The function behind `typeof module.name`, where the type of a value is one. */
  #wrapped({ module, node }: Found): Declaration | null {
    if (node.type !== 'VariableDeclaration') return null;
    let wrapped: Found | string | null = null;
    walk(node, (inner) => {
      if (inner.type === 'TSTypeQuery') wrapped ??= this.#queried(module, inner);
      return true;
    });
    const found = wrapped as Found | string | null;
    if (found === null || typeof found === 'string') return null;
    const declared = this.#declared.get(found.node);
    return declared ?? this.declare(found, declaredNames(found.node)[0] ?? '');
  }

  #queried(module: Module, query: SyntaxNode): Found | string | null {
    const name = child(query, 'exprName');
    if (name?.type === 'Identifier') return this.#named(module, nameOf(name));
    return name?.type === 'TSQualifiedName' ? this.#qualified(module, name) : null;
  }

  #named(module: Module, name: string): Found | string | null {
    try {
      return this.resolve(module, name);
    } catch {
      return null; // a parameter of the type, or a name of the language
    }
  }

  /** `space.name` after `import * as space`. */
  #qualified(module: Module, name: SyntaxNode): Found | string | null {
    const space = nameOf(child(name, 'left'));
    for (const statement of list(module.syntax.program, 'body')) {
      const names = list(statement, 'specifiers').filter((one) => one.type === 'ImportNamespaceSpecifier');
      if (!names.some((one) => nameOf(child(one, 'local')) === space)) continue;
      const specifier = nameOf(child(statement, 'source'));
      if (!specifier.startsWith('.')) return specifier;
      return this.resolve(this.#sibling(module, specifier), nameOf(child(name, 'right')));
    }
    return null;
  }

  /** The types that `own` and what they wrap lead to. */
  reachedBeside(own: readonly Declaration[]): Declaration[] {
    const reached: Declaration[] = [];
    for (let found = this.#waiting.shift(); found !== undefined; found = this.#waiting.shift()) {
      const { module, node } = found;
      walk(node, (inner) => {
        const target = this.#target(module, inner);
        if (target === null || typeof target === 'string' || this.#declared.has(target.node)) return true;
        reached.push(this.declare(target, declaredNames(target.node)[0] ?? ''));
        return true;
      });
    }
    return reached.filter((one) => !own.includes(one));
  }

  #target(module: Module, node: SyntaxNode): Found | string | null {
    const name =
      node.type === 'TSTypeReference'
        ? child(node, 'typeName')
        : node.type === 'TSInterfaceHeritage'
          ? child(node, 'expression')
          : null;
    if (node.type === 'TSTypeQuery') return this.#queried(module, node);
    if (name?.type === 'Identifier') return this.#named(module, nameOf(name));
    return name?.type === 'TSQualifiedName' ? this.#qualified(module, name) : null;
  }
}
