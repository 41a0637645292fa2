/**
 * The files of a commit, asked for by whole path, by ending, and through links. Every question costs as much as its answer: the
 * endings of a base name are indexed when the first name with that base is asked for.
 */
import { atOnce, eachInTurns, type InTurns } from '../adapters/turns.ts';
import { plainPath } from './name-forms.ts';

/** What a commit says about names. Paths are relative to its root. */
export interface PlacingTree {
  /** Regular files, each with a name of its own. */
  readonly tracked: Pick<ReadonlySet<string>, 'has' | 'keys'>;
  /** Symbolic links, with the text that they hold. */
  readonly links: ReadonlyMap<string, string>;
  /** Where other repositories stand. */
  readonly submodules: ReadonlySet<string>;
  /** Import paths of Go and the folders they stand for. */
  readonly goModules: readonly GoModule[];
  /** Import paths that a `go.mod` takes from elsewhere. */
  readonly goDependencies: readonly string[];
  /** Source files that say their package, as a path of folders; only those that may be asked for. */
  readonly packages: ReadonlyMap<string, string>;
}

/** An import path, and the folder of the commit that it stands for. */
export interface GoModule {
  /** As written in `go.mod`. */
  readonly path: string;
  /** Empty for the root. */
  readonly dir: string;
}

const MAX_LINKS = 40;
const NONE: readonly string[] = [];
const NOT_ASCII = /[^\0-\x7f]/;

export class TreeIndex {
  readonly tree: PlacingTree;
  #longest: number | null = null;
  #folded: Map<string, string[]> | null = null;
  #composed: Map<string, string[]> | null = null;
  readonly #bases = { exact: null as Map<string, string[]> | null, folded: null as Map<string, string[]> | null };
  /** By ending, for the base names that were asked for. */
  readonly #endings = { exact: new Map<string, string[]>(), folded: new Map<string, string[]>() };
  readonly #indexed = { exact: new Set<string>(), folded: new Set<string>() };

  constructor(tree: PlacingTree) {
    this.tree = tree;
  }

  /** Characters of the longest path. */
  get longest(): number {
    return atOnce(this.measure());
  }

  /** The same in turns. */
  *measure(): InTurns<number> {
    if (this.#longest !== null) return this.#longest;
    let longest = 0;
    yield* eachInTurns(this.tree.tracked.keys(), ({ length }) => {
      longest = Math.max(longest, length);
    });
    this.#longest = longest;
    return longest;
  }

  /** Whether no index has to be made for this path any more. */
  isPrepared({ path, ignoresCase }: { readonly path: string; readonly ignoresCase: boolean }): boolean {
    if (!ignoresCase) return this.tree.tracked.has(path) || this.#indexed.exact.has(baseOf(path));
    return this.#folded !== null && this.#indexed.folded.has(baseOf(path.toLowerCase()));
  }

  /** Makes the indexes that a path asks for in turns, which otherwise the first question makes at once. */
  *prepare({ path, ignoresCase }: { readonly path: string; readonly ignoresCase: boolean }): InTurns<void> {
    const paths = this.tree.tracked.keys();
    if (ignoresCase) this.#folded ??= yield* groupedInTurns(paths, (one) => one.toLowerCase());
    if (this.has(path, ignoresCase)) return;
    if (NOT_ASCII.test(path))
      this.#composed ??= yield* groupedInTurns(this.tree.tracked.keys(), (one) => one.normalize());
    const kind = ignoresCase ? 'folded' : 'exact';
    const base = baseOf(keyOf(kind, path));
    this.#bases[kind] ??= yield* groupedInTurns(this.tree.tracked.keys(), (one) => baseOf(keyOf(kind, one)));
    if (this.#indexed[kind].has(base)) return;
    yield* eachInTurns(this.#bases[kind].get(base) ?? NONE, (file) => this.#addEndings(kind, file));
    this.#indexed[kind].add(base);
  }

  /** Files at exactly this place: one, or several where case does not matter. Links on the way are followed. */
  at(path: string, ignoresCase: boolean): readonly string[] {
    if (ignoresCase) return this.#fold().get(path.toLowerCase()) ?? NONE;
    if (this.tree.tracked.has(path)) return [path];
    const real = this.tree.links.size === 0 ? null : this.#behindLinks(path);
    if (real !== null && this.tree.tracked.has(real)) return [real];
    return NOT_ASCII.test(path) ? (this.#compose().get(path.normalize()) ?? NONE) : NONE;
  }

  /** The same without links. */
  has(path: string, ignoresCase: boolean): boolean {
    return ignoresCase ? this.#fold().has(path.toLowerCase()) : this.tree.tracked.has(path);
  }

  /** Files below some folder that end in `/path`. */
  below(path: string, ignoresCase: boolean): readonly string[] {
    const kind = ignoresCase ? 'folded' : 'exact';
    const key = keyOf(kind, path);
    const base = baseOf(key);
    if (!this.#indexed[kind].has(base)) this.#indexEndings(kind, base);
    return this.#endings[kind].get(key) ?? NONE;
  }

  /** Whether another repository stands at this place or above it. */
  isInSubmodule(path: string): boolean {
    const { submodules } = this.tree;
    if (submodules.size === 0) return false;
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
      if (submodules.has(path.slice(0, at))) return true;
    }
    return false;
  }

  /** Of two spellings of one name (ü is one letter, or u with a mark behind it) macOS tells git the one and tools the other. */
  #compose(): Map<string, string[]> {
    this.#composed ??= grouped(this.tree.tracked.keys(), (path) => path.normalize());
    return this.#composed;
  }

  #fold(): Map<string, string[]> {
    this.#folded ??= grouped(this.tree.tracked.keys(), (path) => path.toLowerCase());
    return this.#folded;
  }

  #indexEndings(kind: Kind, base: string): void {
    this.#bases[kind] ??= grouped(this.tree.tracked.keys(), (path) => baseOf(keyOf(kind, path)));
    this.#indexed[kind].add(base);
    for (const file of this.#bases[kind].get(base) ?? NONE) this.#addEndings(kind, file);
  }

  #addEndings(kind: Kind, file: string): void {
    const key = keyOf(kind, file);
    const endings = this.#endings[kind];
    for (let at = key.indexOf('/'); at >= 0; at = key.indexOf('/', at + 1)) add(endings, key.slice(at + 1), file);
  }

  /** Null for a way that leaves the commit or does not end. */
  #behindLinks(path: string): string | null {
    let at = path;
    for (let hops = 0; hops < MAX_LINKS; hops++) {
      const link = this.#firstLink(at);
      if (link === null) return at;
      const target = this.tree.links.get(link) ?? '';
      if (target.startsWith('/')) return null;
      at = plainPath(`${link}/../${target}${at.slice(link.length)}`);
      if (at.startsWith('../')) return null;
    }
    return null;
  }

  #firstLink(path: string): string | null {
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
      if (this.tree.links.has(path.slice(0, at))) return path.slice(0, at);
    }
    return this.tree.links.has(path) ? path : null;
  }
}

/** As written, or in one case. */
type Kind = 'exact' | 'folded';
const keyOf = (kind: Kind, path: string): string => (kind === 'folded' ? path.toLowerCase() : path);
const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Files by some key, in their order. */
export function* groupedInTurns(
  paths: Iterable<string>,
  key: (path: string) => string,
): InTurns<Map<string, string[]>> {
  const groups = new Map<string, string[]>();
  yield* eachInTurns(paths, (path) => add(groups, key(path), path));
  return groups;
}

const grouped = (paths: Iterable<string>, key: (path: string) => string): Map<string, string[]> =>
  atOnce(groupedInTurns(paths, key));

/** One more value under a key. */
export function add(groups: Map<string, string[]>, key: string, value: string): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [value]);
  else group.push(value);
}
