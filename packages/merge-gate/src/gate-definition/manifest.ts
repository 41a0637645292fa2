/** What a `package.json` says beyond its scripts that decides how tests run: settings of runners, programs, and where a runner comes from. */
import { parseJson } from '../adapters/json-text.ts';
import { type FilePair, type FileSide, shown, textOf } from './branch-files.ts';
import { type Finding, touchedFile } from './finding.ts';
import { isProgram, isRunnerPackage } from './programs.ts';
import type { Reach } from './reach.ts';
import { FROM_ELSEWHERE } from './settings-files.ts';

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const fields = (value: unknown): Fields => (isFields(value) ? value : {});

/** The object in a manifest, null when it holds none. npm ignores a byte order mark, and so does this. */
export function manifestOf(side: FileSide): Fields | null {
  const text = textOf(side);
  const value = text === null ? null : parseJson(text.replace(/^\ufeff/, ''));
  return isFields(value) ? value : null;
}

/** The scripts of a manifest. */
export const scriptsIn = (side: FileSide): ReadonlyMap<string, string> => stringsIn(manifestOf(side)?.['scripts']);

const stringsIn = (value: unknown): ReadonlyMap<string, string> =>
  new Map(Object.entries(fields(value)).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));

/** Settings that a runner or a package manager reads from the manifest. */
const TOLD =
  'jest mocha vitest ava nyc c8 tap jasmine babel cypress nx lerna turbo workspaces packageManager volta devEngines pnpm'.split(
    ' ',
  );
const DEPENDENCIES = 'dependencies devDependencies optionalDependencies peerDependencies'.split(' ');
const OVERRIDES = 'overrides resolutions'.split(' ');

/** Compares both sides of a changed manifest. A version bump is no finding, whatever it is of. */
export function manifestFindings(path: string, pair: FilePair, reach: Reach): readonly Finding[] {
  const [before, after] = [manifestOf(pair.before), manifestOf(pair.after)];
  if (pair.before.kind === 'opaque' || pair.after.kind === 'opaque') return [unread(path, pair)];
  if (before === null && pair.before.kind === 'text') return [touchedFile(path)];
  const [was, is] = [before ?? {}, after ?? {}];
  const differs = (name: string): boolean => stable(was[name]) !== stable(is[name]);
  const fresh = before === null;
  const finding = (weight: Finding['weight'], name: string, sides: readonly [unknown, unknown]): Finding => ({
    weight,
    path,
    name,
    before: stable(sides[0]),
    after: sides[1] === undefined ? null : stable(sides[1]),
  });
  return [
    ...TOLD.filter((name) => differs(name) && !(fresh && name === 'packageManager')).map((name) =>
      finding('warn', name, [was[name], is[name]]),
    ),
    ...managers(was, is).map(([name, sides]) => finding('block', name, sides)),
    ...(differs('wireit') ? [finding('block', 'wireit', [was['wireit'], is['wireit']])] : []),
    ...programsOf(was, is, reach).map((name) =>
      finding('block', `bin.${name}`, [binsIn(was).get(name), binsIn(is).get(name)]),
    ),
    ...DEPENDENCIES.flatMap((group) =>
      originsOf(fields(was[group]), fields(is[group]), reach).map((name) =>
        finding('block', `${group}.${name}`, [fields(was[group])[name], fields(is[group])[name]]),
      ),
    ),
    ...OVERRIDES.filter((name) => differs(name)).flatMap((name) =>
      overridden(was[name], is[name]).map((weight) => finding(weight, name, [was[name], is[name]])),
    ),
    ...(differs('name') && typeof is['name'] === 'string' && isRunnerPackage(is['name'])
      ? [finding('block', 'name', [was['name'], is['name']])]
      : []),
  ];
}

type Sides = readonly [unknown, unknown];

/** A package manager from an address, and what pnpm 10 takes from the manifest: runners from elsewhere, and plugins. */
function managers(was: Fields, is: Fields): readonly (readonly [string, Sides])[] {
  const manager: Sides = [was['packageManager'], is['packageManager']];
  const [before, after] = [fields(was['pnpm']), fields(is['pnpm'])];
  const plugins: Sides = [before['configDependencies'], after['configDependencies']];
  const replaced: Sides = [before['overrides'], after['overrides']];
  return [
    ...(stable(manager[0]) !== stable(manager[1]) && FROM_ELSEWHERE.test(` ${manager[1]}`)
      ? [['packageManager', manager] as const]
      : []),
    ...(stable(plugins[0]) !== stable(plugins[1]) ? [['pnpm.configDependencies', plugins] as const] : []),
    ...(overridden(...replaced).includes('block') ? [['pnpm.overrides', replaced] as const] : []),
  ];
}

/** What a `composer.json` decides: its scripts, where programs and packages lie, which plugins run, and which files are loaded first. */
export function composerChanges({ before, after }: FilePair): readonly {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}[] {
  const [was, is] = [manifestOf(before) ?? {}, manifestOf(after) ?? {}].map((manifest) => {
    const { 'vendor-dir': vendor, 'bin-dir': bin, 'allow-plugins': plugins } = fields(manifest['config']);
    return {
      scripts: manifest['scripts'],
      config: { vendor, bin, plugins },
      repositories: manifest['repositories'],
      files: ['autoload', 'autoload-dev'].map((name) => fields(manifest[name])['files']),
    };
  });
  if (was === undefined || is === undefined) return [];
  return (['scripts', 'config', 'repositories', 'files'] as const)
    .map((name) => ({ name, before: stable(was[name]), after: stable(is[name]) }))
    .filter((one) => one.before !== one.after);
}

/** A side that is no text of a bearable size cannot be said to be the same. */
export const unread = (path: string, { before, after }: FilePair): Finding => ({
  weight: 'block',
  path,
  name: 'as a whole, because it cannot be read',
  before: shown(before).slice(0, 300),
  after: after.kind === 'absent' ? null : shown(after).slice(0, 300),
});

/** Equal for equal values, whatever the order of their keys. */
function stable(value: unknown): string {
  const sorted = (_name: string, one: unknown): unknown =>
    isFields(one) ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1))) : one;
  return value === undefined ? '' : (JSON.stringify(value, sorted) ?? '');
}

/** Programs that installing puts before the PATH: a workspace that brings a `node` or a `jest` is run as such. */
function programsOf(was: Fields, is: Fields, reach: Reach): readonly string[] {
  const [before, after] = [binsIn(was), binsIn(is)];
  return [...new Set([...before.keys(), ...after.keys()])].filter(
    (name) => before.get(name) !== after.get(name) && (name === '*' || isProgram(name) || reach.programs.has(name)),
  );
}

function binsIn(manifest: Fields): ReadonlyMap<string, string> {
  const { bin, name } = manifest;
  const dir = fields(manifest['directories'])['bin'];
  const own = typeof bin === 'string' && typeof name === 'string' ? { [name.replace(/^@[^/]*\//, '')]: bin } : bin;
  return new Map([...stringsIn(own), ...(dir === undefined ? [] : [['*', stable(dir)] as const])]);
}

/** Runners that come from outside the registries, where base has another version of them. */
const originsOf = (was: Fields, is: Fields, reach: Reach): readonly string[] =>
  Object.keys(is).filter(
    (name) =>
      (isRunnerPackage(name) || reach.programs.has(name)) &&
      stable(was[name]) !== stable(is[name]) &&
      (typeof is[name] !== 'string' || FROM_ELSEWHERE.test(` ${is[name]}`)),
  );

/** An override of a runner: by another version it is told, by something else it stops. */
function overridden(was: unknown, is: unknown): readonly Finding['weight'][] {
  const [before, after] = [pairsIn(was), pairsIn(is)];
  const changed = [...after].filter(([name, value]) => before.get(name) !== value && namesRunner(name));
  if (changed.some(([, value]) => FROM_ELSEWHERE.test(` ${value}`))) return ['block'];
  return changed.length > 0 ? ['warn'] : [];
}

const namesRunner = (path: string): boolean =>
  path.split('>').some((part) => isRunnerPackage(part.replace(/(?<=.)@.*$/, '').replace(/^.*\*\*\//, '')));

function pairsIn(value: unknown, above = '', depth = 0): ReadonlyMap<string, string> {
  const own = Object.entries(fields(value)).flatMap(([name, inner]) => {
    const at = above === '' ? name : `${above}>${name}`;
    if (typeof inner === 'string') return [[at, inner] as const];
    return depth < 20 ? [...pairsIn(inner, at, depth + 1)] : [];
  });
  return new Map(own);
}
