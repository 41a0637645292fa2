/** What is known while the names of one report are placed: the tree, where the report was made, and what it says about itself. */
import { eachInTurns, type InTurns, STEPS_A_TURN } from '../adapters/turns.ts';
import type { ReportFormat } from '../readers/detect-format.ts';
import type { ModuleFile } from '../readers/report-lines.ts';
import { type AbsolutePath, containerRoot } from './container-root.ts';
import { GoImports } from './go-import.ts';
import { formOf, joined, type NameForm } from './name-forms.ts';
import { Packages } from './packages.ts';
import { type PlacingTree, TreeIndex } from './tree-index.ts';

/** What a report says about its names, and where it was made. */
export interface ReportPlace {
  /** Go's names are import paths, JaCoCo's are packages. */
  readonly format?: ReportFormat;
  /** Folders that relative names may be below. */
  readonly sources?: readonly string[];
  /** By name: its modules, and the name without them. */
  readonly modules?: ReadonlyMap<string, ModuleFile>;
  /** What the report calls itself: the module, where it is of one. */
  readonly title?: string;
  /** Absolute folders that are the root of the commit, without a slash at the end. */
  readonly roots: readonly string[];
  /** Folder of the report, relative to the root; empty for the root, absent where the report came from elsewhere. */
  readonly folder?: string;
  /** Beginnings of names, and what stands there in the commit; the longest that fits wins. */
  readonly pathMap?: Readonly<Record<string, string>>;
}

/** A name in every way that it can be read. */
export interface AskedName extends NameForm {
  readonly module: ModuleFile | null;
  /** The path itself, or below each source folder that says something. */
  readonly readings: readonly Reading[];
}

/** A path, and what it begins at: the checkout by its absolute name, a folder said to be below it, another root, or nothing known. */
export interface Reading extends AbsolutePath {
  readonly from: 'checkout' | 'source' | 'elsewhere' | 'unknown';
}

/** Everything that a rule may look at. */
export interface Scene {
  readonly index: TreeIndex;
  readonly format: ReportFormat | undefined;
  /** The folder of the report and those around it, innermost first, without the root. */
  readonly folders: readonly string[];
  readonly map: readonly PathMapEntry[];
  /** Of lists that many names have in common: their part around the report. */
  readonly nearby: WeakMap<readonly string[], readonly string[]>;
  /** Of a report that is of one module. */
  readonly title: string;
  readonly go: GoImports;
  readonly packages: Packages;
  /** Of a container, with its slash; null where none is known. */
  readonly container: string | null;
}

/** One entry of the policy's `path_map`, without slashes at its ends. */
export interface PathMapEntry {
  readonly from: string;
  readonly to: string;
}

/** The names of a report, and how to ask about them. */
export interface NamedScene {
  readonly forms: readonly NameForm[];
  readonly ask: (form: NameForm) => AskedName;
  readonly scene: Scene;
}

/** Reads all names, then looks for what they have in common. */
export function* sceneOf(names: Iterable<string>, place: ReportPlace, tree: PlacingTree): InTurns<NamedScene> {
  const index = new TreeIndex(tree);
  const forms: NameForm[] = [];
  yield* eachInTurns(names, (name) => forms.push(formOf(name)));
  const groups = new Set<string>();
  yield* eachInTurns(place.modules?.values() ?? [], ({ modules }) => {
    for (const module of modules) groups.add(module);
  });
  const sources = sourcesOf(place.sources ?? [], forms.length);
  const read = (form: NameForm): readonly Reading[] => readingsOf(form, sources, place.roots);
  const scene: Scene = {
    index,
    format: place.format,
    folders: foldersAround(place.folder ?? ''),
    map: mapEntries(place.pathMap ?? {}),
    nearby: new WeakMap(),
    title: (place.modules?.size ?? 0) > 0 ? '' : (place.title ?? ''),
    go: new GoImports(index),
    packages: new Packages(index, groups),
    container: forms.some(isRooted) || sources.some(isRooted) ? yield* rootElsewhere(forms, read, index) : null,
  };
  const ask = (form: NameForm): AskedName => ({
    ...form,
    module: place.modules?.get(form.name) ?? null,
    readings: read(form),
  });
  return { forms, ask, scene };
}

const isRooted = ({ isAbsolute }: NameForm): boolean => isAbsolute;

const MAX_READINGS = 5_000_000;

/** A source that is the folder of the run, whichever that was, says nothing. Below too many of them no name is looked for. */
function sourcesOf(said: readonly string[], names: number): readonly NameForm[] {
  const sources = [...new Set(said)];
  if (sources.every((source) => /^(\.\/?)?$/.test(source))) return [];
  return (sources.length * names > MAX_READINGS ? ['\0'] : sources).map(formOf);
}

/** A report that names files below the checkout itself was made there, so no other root is looked for. Only absolute names tell. */
function* rootElsewhere(
  forms: readonly NameForm[],
  read: (form: NameForm) => readonly Reading[],
  index: TreeIndex,
): InTurns<string | null> {
  let steps = 0;
  for (const form of forms) {
    for (const { from } of read(form)) {
      if (from === 'checkout') return null;
      if (++steps % STEPS_A_TURN === 0) yield;
    }
  }
  return yield* containerRoot(elsewhere(forms, read), index);
}

function* elsewhere(forms: readonly NameForm[], read: (form: NameForm) => readonly Reading[]): Generator<Reading> {
  for (const form of forms) for (const reading of read(form)) if (reading.from === 'elsewhere') yield reading;
}

function readingsOf(form: NameForm, sources: readonly NameForm[], roots: readonly string[]): readonly Reading[] {
  if (form.isAbsolute || sources.length === 0) return [readingOf(form, 'unknown', roots)];
  return sources.map((source) => {
    const { isAbsolute, ignoresCase } = source;
    const path = below(source.path, form.path);
    return readingOf({ path, isAbsolute, ignoresCase: form.ignoresCase || ignoresCase }, 'source', roots);
  });
}

/** Both are plain paths, so that only one that climbs needs to be looked at again. */
const below = (folder: string, path: string): string =>
  folder === '' || folder === '/' || path.startsWith('../') ? joined(folder, path) : `${folder}/${path}`;

/** An absolute path below a root of the commit becomes a relative one; `from` is what a relative one begins at. */
function readingOf(
  { path, isAbsolute, ignoresCase }: Pick<NameForm, 'path' | 'isAbsolute' | 'ignoresCase'>,
  from: Reading['from'],
  roots: readonly string[],
): Reading {
  if (!isAbsolute) return { path, ignoresCase, from };
  for (const root of roots) {
    if (path.startsWith(root) && path[root.length] === '/')
      return { path: path.slice(root.length + 1), ignoresCase, from: 'checkout' };
  }
  return { path, ignoresCase, from: 'elsewhere' };
}

function foldersAround(folder: string): readonly string[] {
  const folders: string[] = [];
  for (let at = folder; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) folders.push(at);
  return folders;
}

function mapEntries(pathMap: Readonly<Record<string, string>>): readonly PathMapEntry[] {
  const plain = (path: string): string => path.replaceAll('\\', '/').replace(/\/+$/, '');
  return Object.entries(pathMap)
    .map(([from, to]) => ({ from: plain(from), to: joined('', plain(to)) }))
    .sort((a, b) => b.from.length - a.from.length);
}
