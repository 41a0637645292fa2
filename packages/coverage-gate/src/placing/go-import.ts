/** Go's names: an import path and a file, looked up in the modules of the commit. */
import { isGoFolder } from './go-modules.ts';
import { joined } from './name-forms.ts';
import { add, type TreeIndex } from './tree-index.ts';

/** What an import path and a file can mean. Null: no module of the commit is asked for. */
export type GoAnswer =
  | { readonly kind: 'fits'; readonly files: readonly string[]; readonly isLiteral: true }
  | { readonly kind: 'none'; readonly at: readonly string[] }
  | { readonly kind: 'foreign'; readonly why: 'dependency' }
  | null;

export class GoImports {
  readonly #index: TreeIndex;
  readonly #dirsOf = new Map<string, string[]>();
  readonly #dirs = new Set<string>();
  readonly #dependencies: ReadonlySet<string>;

  constructor(index: TreeIndex) {
    this.#index = index;
    this.#dependencies = new Set(index.tree.goDependencies);
    for (const { path, dir } of index.tree.goModules) {
      this.#dirs.add(dir);
      if (isGoFolder(dir)) add(this.#dirsOf, path, dir);
    }
  }

  /** The longest module path before the file decides. */
  answer(path: string): GoAnswer {
    let isDependency = false;
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const module = path.slice(0, end);
      const dirs = this.#dirsOf.get(module);
      if (dirs !== undefined) return this.#inModule(path, end, dirs);
      isDependency ||= this.#dependencies.has(module);
    }
    return this.#vendored(path) ?? (isDependency ? { kind: 'foreign', why: 'dependency' } : null);
  }

  #inModule(path: string, end: number, dirs: readonly string[]): GoAnswer {
    const at = dirs.map((dir) => ({ dir, file: joined(dir, path.slice(end + 1)) }));
    const own = at.filter(({ dir, file }) => this.#index.at(file, false).length > 0 && this.#ownerOf(file) === dir);
    const files = [...new Set(own.map(({ file }) => file))];
    if (files.length > 0) return { kind: 'fits', files, isLiteral: true };
    return this.#vendored(path) ?? { kind: 'none', at: at.map(({ file }) => file) };
  }

  /** Copies of other modules, which the commit tracks as its own files. */
  #vendored(path: string): GoAnswer {
    const copy = `vendor/${path}`;
    const files = [...this.#index.at(copy, false), ...this.#index.below(copy, false)];
    return files.length === 0 ? null : { kind: 'fits', files, isLiteral: true };
  }

  /** The folder of the innermost module around a file: a file of a nested one is none of the module around it. */
  #ownerOf(file: string): string {
    for (let at = file.lastIndexOf('/'); at > 0; at = file.lastIndexOf('/', at - 1)) {
      if (this.#dirs.has(file.slice(0, at))) return file.slice(0, at);
    }
    return '';
  }
}
