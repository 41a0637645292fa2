/**
 * The rules that place a name of a report on a file of the commit, in order: the first that knows an answer gives it. None
 * guesses: a name that fits several files is answered with all of them, and then it is none's.
 */
import { readingsBelow, restBelow } from './container-root.ts';
import { mayStandAnywhere } from './declared-package.ts';
import { joined } from './name-forms.ts';
import type { AskedName, Reading, Scene } from './scene.ts';

/** What a rule says about a name. */
export type Answer =
  /** `isLiteral`: the name itself says where the file is. Several: it could be each of them. */
  | { readonly kind: 'fits'; readonly files: readonly string[]; readonly isLiteral: boolean }
  /** It means a file of this project that is not in the commit; `at` are the places it can mean. */
  | { readonly kind: 'none'; readonly at: readonly string[] }
  /** It can mean these, and nothing says which root it begins at. */
  | { readonly kind: 'doubt'; readonly files: readonly string[] }
  /** It is a file of another project. */
  | { readonly kind: 'foreign'; readonly why: ForeignWhy };

/** Why a name is none of this project's. */
export type ForeignWhy = 'outside' | 'ignored' | 'submodule' | 'dependency';

/** One row of the table. Null: the rule has nothing to say, the next one is asked. */
export interface PlacingRule {
  readonly rule: string;
  readonly reason: string;
  readonly answer: (name: AskedName, scene: Scene) => Answer | null;
}

/** The table. */
export const RULES: readonly PlacingRule[] = [
  {
    rule: 'path-map',
    reason: 'the operator or the base knows; the longest beginning wins, and nothing else is tried for such a name',
    answer: mapped,
  },
  {
    rule: 'go-import',
    reason:
      "a Go profile names import paths; go.mod says which folder a module's is, nested ones and replaced ones included",
    answer: (name, scene) => (scene.format === 'go-coverprofile' ? goImport(name, scene) : null),
  },
  {
    rule: 'address',
    reason: 'what another machine serves is no file of this commit, whatever its name ends in',
    answer: ({ isRemote }) => (isRemote ? { kind: 'foreign', why: 'outside' } : null),
  },
  {
    rule: 'package',
    reason:
      'JaCoCo knows packages, not folders: some source root is before them, and its groups, or without any its title, name the module',
    answer: (name, scene) => (scene.format === 'jacoco' ? packaged(name, scene) : null),
  },
  {
    rule: 'tracked-name',
    reason: 'a file may have ? or \\ in its name: what git tracks letter by letter needs no undoing',
    answer: ({ name, path }, { index }) => (name !== path && index.has(name, false) ? fits([name], true) : null),
  },
  {
    rule: 'checkout',
    reason: 'an absolute name below the checkout, or one below a source folder in it, says where its file is',
    answer: inCheckout,
  },
  {
    rule: 'container',
    reason: 'a report made in a container knows one root; the absolute names tell which, as far as they agree',
    answer: inContainer,
  },
  {
    rule: 'root',
    reason:
      "a relative name begins at the folder of the run: the root, or one around the report's folder, as tools write below it",
    answer: fromRunFolder,
  },
  {
    rule: 'climbing',
    reason: 'a name that climbs out of the checkout is of no file in it, unless it began in an unknown folder',
    answer: climbing,
  },
  {
    rule: 'ending',
    reason: 'a relative name below an unnamed source root is known by its ending',
    answer: ({ readings, path, ignoresCase }, scene) =>
      readings[0]?.from === 'unknown' ? nearest(scene.index.below(path, ignoresCase), scene) : null,
  },
  {
    rule: 'go-import',
    reason: 'other formats made from a Go profile keep its names',
    answer: (name, scene) => (name.path.endsWith('.go') ? goImport(name, scene) : null),
  },
  {
    rule: 'declared-package',
    reason: 'Kotlin, Scala and Groovy files may stand outside the folder of their package; they declare it',
    answer: declared,
  },
];

const fits = (files: readonly string[], isLiteral: boolean): Answer => ({ kind: 'fits', files, isLiteral });
const each = (files: readonly string[]): readonly string[] => (files.length < 2 ? files : [...new Set(files)]);

function mapped(asked: AskedName, { map, index }: Scene): Answer | null {
  if (map.length === 0) return null;
  const { name, path, readings, module, ignoresCase } = asked;
  const full = module === null ? [] : [[...module.modules, module.plain].join('/')];
  const spelled = [name.replaceAll('\\', '/'), ...full, path, ...readings.map((reading) => reading.path)];
  for (const { from, to } of map) {
    const at = spelled.flatMap((text) => {
      const rest =
        from === '' ? (text.startsWith('/') ? null : text) : restBelow(`${from}/`, { path: text, ignoresCase });
      return rest === null ? [] : [joined(to, rest)];
    });
    if (at.length === 0) continue;
    const files = each(at.flatMap((place) => index.at(place, ignoresCase)));
    return files.length === 0 ? { kind: 'none', at: each(at) } : fits(files, true);
  }
  return null;
}

function goImport({ name, path, isAbsolute }: AskedName, { go }: Scene): Answer | null {
  return isAbsolute || name.startsWith('./') || path.startsWith('../') ? null : go.answer(path);
}

function packaged({ path, module, ignoresCase }: AskedName, scene: Scene): Answer | null {
  const files = scene.packages.files(module?.plain ?? path, module, ignoresCase);
  const titled = files.length < 2 || scene.title === '' ? [] : files.filter((file) => hasFolder(file, scene.title));
  return nearest(titled.length > 0 ? titled : files, scene);
}

const hasFolder = (file: string, folder: string): boolean => `/${file}`.includes(`/${folder}/`);

function inCheckout({ readings }: AskedName, { index }: Scene): Answer | null {
  const known = readings.filter(({ from }) => from === 'checkout' || from === 'source');
  if (known.length === 0) return null;
  const files = each(known.flatMap(({ path, ignoresCase }) => index.at(path, ignoresCase)));
  if (files.length > 0) return fits(files, true);
  return known.length === readings.length ? { kind: 'none', at: known.map(({ path }) => path) } : null;
}

function inContainer({ path, readings, ignoresCase, isAbsolute }: AskedName, scene: Scene): Answer | null {
  const { index, container } = scene;
  const elsewhere = readings.filter(({ from }) => from === 'elsewhere');
  if (elsewhere.length === 0) return null;
  const at = container === null ? [] : elsewhere.flatMap((reading) => restBelow(container, reading) ?? []);
  const files = each(at.flatMap((place) => index.at(place, ignoresCase)));
  if (files.length > 0) return fits(files, false);
  if (at.length > 0) return { kind: 'none', at };
  const possible = elsewhere.flatMap((reading: Reading) => readingsBelow(reading, index).map(([, rest]) => rest));
  if (possible.length > 0) return { kind: 'doubt', files: each(possible) };
  return isAbsolute ? OUTSIDE : doubtful(path, index, ignoresCase);
}

const OUTSIDE: Answer = { kind: 'foreign', why: 'outside' };

/** A file that the name may mean after all keeps it from being another project's. */
function doubtful(path: string, index: Scene['index'], ignoresCase: boolean): Answer {
  const atRoot = index.at(path, ignoresCase);
  const files = atRoot.length > 0 ? atRoot : index.below(path, ignoresCase);
  return files.length === 0 ? OUTSIDE : { kind: 'doubt', files };
}

function fromRunFolder({ path, readings, ignoresCase, origin }: AskedName, { index, folders }: Scene): Answer | null {
  if (readings[0]?.from !== 'unknown') return null;
  const climbs = path.startsWith('../');
  const begin = climbs ? folders.slice(0, 1) : folders;
  const beside = begin.flatMap((folder) => index.at(joined(folder, path), ignoresCase));
  const atRoot = climbs ? [] : index.at(path, ignoresCase);
  const files = each([...atRoot, ...beside]);
  return files.length === 0 ? null : fits(files, atRoot.length > 0 && origin === '');
}

function climbing({ path, ignoresCase }: AskedName, { index }: Scene): Answer | null {
  return path.startsWith('../') ? doubtful(path.replace(/^(?:\.\.\/)+/, ''), index, ignoresCase) : null;
}

function declared({ path, module, readings }: AskedName, scene: Scene): Answer | null {
  const plain = module?.plain ?? path;
  if (!mayStandAnywhere(plain) || readings[0]?.from !== 'unknown') return null;
  return nearest(scene.packages.declared(plain, module), scene);
}

/** Of several files the one around the report: a tool that runs in a folder writes below it, and names what is there. */
function nearest(files: readonly string[], { folders, nearby }: Scene): Answer | null {
  if (files.length === 0) return null;
  if (files.length === 1 || folders.length === 0) return fits(files, false);
  const known = nearby.get(files);
  if (known !== undefined) return fits(known, false);
  const around = folders.map((folder) => files.filter((file) => file.startsWith(`${folder}/`)));
  const here = around.find((some) => some.length > 0) ?? files;
  nearby.set(files, here);
  return fits(here, false);
}
