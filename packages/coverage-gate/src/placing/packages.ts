/** Files by their package: where JaCoCo's groups say the module, and where a file declares the package itself. */
import { atOnce, eachInTurns, type InTurns } from '../adapters/turns.ts';
import type { ReportFormat } from '../readers/detect-format.ts';
import type { ModuleFile } from '../readers/report-lines.ts';
import type { AskedName } from './scene.ts';
import { add, groupedInTurns, type TreeIndex } from './tree-index.ts';

/** Files of one package and name, by the folders around their source root. */
interface Homes {
  readonly all: readonly string[];
  readonly byFolder: ReadonlyMap<string, readonly string[]>;
  /** Below no folder that is named as a group of the report. */
  readonly loose: readonly string[];
}

export class Packages {
  readonly #index: TreeIndex;
  readonly #groups: ReadonlySet<string>;
  readonly #known = new Map<string, Homes>();
  #declared: Map<string, string[]> | null = null;

  constructor(index: TreeIndex, groups: ReadonlySet<string>) {
    this.#index = index;
    this.#groups = groups;
  }

  /** Other reports in other languages have nothing to ask here. */
  mayBeAsked(format: ReportFormat | undefined): boolean {
    return format === 'jacoco' || this.#index.tree.packages.size > 0;
  }

  /** Looks for what the name asks for in turns, which otherwise the question does at once. */
  *prepare({ path, module, ignoresCase }: AskedName, format: ReportFormat | undefined): InTurns<void> {
    yield* this.#byPackage();
    if (format === 'jacoco') yield* this.#homes(module?.plain ?? path, ignoresCase);
  }

  /** Files that end in `plain`, of the module where one is said. */
  files(plain: string, module: ModuleFile | null, ignoresCase: boolean): readonly string[] {
    const homes = atOnce(this.#homes(plain, ignoresCase));
    return module === null ? homes.all : this.#inModule(homes, module.modules, plain);
  }

  /** Files that declare the package that `plain` says, wherever they stand. */
  declared(plain: string, module: ModuleFile | null): readonly string[] {
    const base = plain.slice(plain.lastIndexOf('/') + 1);
    const declared = atOnce(this.#byPackage());
    const homes = atOnce(this.#homesOf(`declared ${plain}`, base, () => declared.get(plain) ?? []));
    return module === null ? homes.all : this.#inModule(homes, module.modules, base);
  }

  /** Below folders named as the groups, in their order; without one, what is below no group's folder. */
  #inModule(homes: Homes, modules: readonly string[], plain: string): readonly string[] {
    let fewest: readonly string[] = homes.all;
    for (const module of modules) {
      const files = homes.byFolder.get(module) ?? [];
      if (files.length < fewest.length) fewest = files;
    }
    const own = fewest.filter((file) => inOrder(modules, foldersBefore(file, plain)));
    return own.length > 0 ? own : homes.loose;
  }

  #homes(plain: string, ignoresCase: boolean): InTurns<Homes> {
    return this.#homesOf(`${ignoresCase} ${plain}`, plain, () => [
      ...this.#index.at(plain, ignoresCase),
      ...this.#index.below(plain, ignoresCase),
    ]);
  }

  *#homesOf(key: string, plain: string, find: () => readonly string[]): InTurns<Homes> {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const all = find();
    const byFolder = new Map<string, string[]>();
    const loose: string[] = [];
    yield* eachInTurns(this.#groups.size === 0 ? [] : all, (file) => {
      const folders = new Set(foldersBefore(file, plain).filter((folder) => this.#groups.has(folder)));
      if (folders.size === 0) loose.push(file);
      for (const folder of folders) add(byFolder, folder, file);
    });
    const homes = { all, byFolder, loose };
    this.#known.set(key, homes);
    return homes;
  }

  *#byPackage(): InTurns<Map<string, string[]>> {
    const { packages } = this.#index.tree;
    this.#declared ??= yield* groupedInTurns(packages.keys(), (file) => {
      const base = file.slice(file.lastIndexOf('/') + 1);
      const folders = packages.get(file) ?? '';
      return folders === '' ? base : `${folders}/${base}`;
    });
    return this.#declared;
  }
}

const foldersBefore = (file: string, plain: string): readonly string[] =>
  file.slice(0, -plain.length).split('/').slice(0, -1);

function inOrder(wanted: readonly string[], among: readonly string[]): boolean {
  let at = 0;
  for (const one of among) if (one === wanted[at]) at++;
  return at === wanted.length;
}
