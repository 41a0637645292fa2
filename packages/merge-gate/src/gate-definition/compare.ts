/**
 * Did the branch change what the trusted command means? `npm test` is trusted, but what it runs, and which programs that
 * resolves to, stands in files of the branch. Compares base with the tested commit, so that main's own changes are not
 * counted. What cannot be read counts as changed; adding what base left to a tool's default is a change, too.
 */
import { posix } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type BranchFiles, type FilePair, textOf } from './branch-files.ts';
import { anyOf, decidingFile, lookersInto } from './deciding-files.ts';
import type { DecidingText } from './deciding-text.ts';
import { type ChangedDefinition, type Finding, shadow, touchedFile } from './finding.ts';
import { type FollowedScripts, followScripts, type RunText } from './follow-scripts.ts';
import { isLockfile, lockfileFindings } from './lockfiles.ts';
import { composerChanges, manifestFindings, unread } from './manifest.ts';
import { plainSpelling } from './plain-spelling.ts';
import { type Family, familiesOf, headOf, programName } from './programs.ts';
import type { Reach } from './reach.ts';
import { SETTINGS, type SettingsFile } from './settings-files.ts';
import { isFixture, isReached, nodeModulesShadow, pathShadow, pythonShadow } from './shadows.ts';
import { commandsIn } from './shell-words.ts';

export interface DefinitionAnswer {
  /** What can make every test pass unseen. */
  readonly changes: readonly ChangedDefinition[];
  /** Changed files that decide what is tested without being the command: configuration of runners, scripts it names. */
  readonly touched: readonly ChangedDefinition[];
}

const SETTINGS_FILES = anyOf(SETTINGS.map(({ file }) => file));
const MAX_LOCKFILE_BYTES = 16 * 1_048_576;
/** Other work has its turn in between. */
const PATHS_AT_ONCE = 1000;
const MANIFEST = /(?:^|\/)package\.json$/i;

/** Judges a branch against `commands` (setup and test command), which run in the root. */
export async function compareDefinitions(commands: readonly string[], files: BranchFiles): Promise<DefinitionAnswer> {
  const root = await files.list('');
  await files.prefetch([...files.changed].filter(isReadWhole));
  await files.prefetch([...files.changed].filter(isLockfile), MAX_LOCKFILE_BYTES);
  const followed = await followScripts(commands, files);
  const reach = await reachOf(followed, root, files);
  const findings = [...followed.findings];
  let judged = 0;
  for (const path of files.changed) {
    findings.push(...(await judgeSpellings(path, reach, files)));
    judged += 1;
    if (judged % PATHS_AT_ONCE === 0) await setImmediate();
  }
  findings.push(...namedFiles(followed.texts, files.changed).map(touchedFile));
  const once = withoutEchoes([...new Map(findings.map((one) => [`${one.path}\0${one.name}`, one])).values()], files);
  const changes = once.filter(({ weight }) => weight === 'block');
  const stopped = new Set(changes.map(({ path }) => path));
  const touched = once.filter(({ weight, path }) => weight === 'warn' && !stopped.has(path));
  return { changes: changes.map(plain), touched: touched.map(plain).sort(byPath) };
}

/** What is found at a link is found at the file behind it as well, mostly: told once. */
function withoutEchoes(findings: readonly Finding[], { aliases }: BranchFiles): readonly Finding[] {
  const found = new Set(findings.flatMap(({ path, weight }) => [path, `${path}\0${weight}`]));
  return findings.filter(({ path, weight }) => {
    const real = aliases.get(path);
    return real === undefined || !found.has(weight === 'block' ? `${real}\0block` : real);
  });
}

const plain = ({ weight: _weight, ...change }: Finding): ChangedDefinition => change;
const byPath = (a: ChangedDefinition, b: ChangedDefinition): number =>
  a.path < b.path ? -1 : a.path > b.path ? 1 : a.name < b.name ? -1 : 1;

const isReadWhole = (path: string): boolean =>
  (MANIFEST.test(path) && !path.includes('node_modules/')) ||
  /(?:^|\/)composer\.json$/i.test(path) ||
  SETTINGS_FILES.test(path);

async function reachOf(
  { texts, dirs, everywhere }: FollowedScripts,
  root: ReadonlyMap<string, string>,
  files: BranchFiles,
): Promise<Reach> {
  const commands = texts.flatMap(({ text }) => commandsIn(text));
  const went = commands.filter(([first]) => first === 'cd').map(([, dir = '']) => dir.replace(/^(?:\.\/)+|\/+$/g, ''));
  const all = new Set([...dirs, ...went.filter((dir) => dir !== '' && !/^\/|\.\.|[$*]/.test(dir))]);
  for (const dir of all) if (!dirs.has(dir)) await files.list(dir);
  return {
    families: familiesOf(commands, root),
    programs: new Set(commands.flatMap((words) => headOf(words) ?? []).map(programName)),
    dirs: all,
    everywhere,
    searched: new Set(texts.flatMap(({ text }) => variableDirs('PATH', text))),
    imported: new Set(['', ...all, ...texts.flatMap(({ text }) => variableDirs('PYTHONPATH', text))]),
    root,
  };
}

/** Directories of the repository that a text puts into a variable: `PATH=$PWD/bin:$PATH`. */
function variableDirs(name: string, text: string): readonly string[] {
  const here = text.replace(/\$\(pwd\)|\$\{?PWD\}?|`pwd`/g, '.');
  const found = here.matchAll(new RegExp(`(?:^|[\\s;&|("'])${name}=["']?([^\\s"';&|)]+)`, 'g'));
  return [...found]
    .flatMap(([, value = '']) => value.split(':'))
    .map((dir) => dir.replace(/^(?:\.\/)+|\/+$/g, ''))
    .filter((dir) => dir !== '' && !/^[/~]|\$|\.\./.test(dir));
}

/** A path that some file systems take for another one is judged as that one, too, and told as it is spelled. */
async function judgeSpellings(path: string, reach: Reach, files: BranchFiles): Promise<readonly Finding[]> {
  const own = await judgePath(path, reach, files);
  const plain = plainSpelling(path);
  if (plain === path || own.length > 0) return own;
  const found = await judgePath(plain, reach, { read: () => files.read(path) });
  return found.map((one) => ({ ...one, path }));
}

async function judgePath(path: string, reach: Reach, files: Pick<BranchFiles, 'read'>): Promise<readonly Finding[]> {
  const installed = nodeModulesShadow(path, reach) ?? pythonShadow(path, reach) ?? pathShadow(path, reach);
  if (installed !== null) return [installed];
  if (path.includes('node_modules/')) return [];
  const row = decidingFile(path);
  if (row?.weight === 'block') return [shadow(weightFor(row.readBy, reach), path, row.name)];
  const lookers = lookersInto(path);
  if (lookers.some((family) => reach.families.has(family)) && (await files.read(path)).after.kind === 'opaque')
    return [shadow('block', path, 'leads elsewhere, and tools look into it')];
  if (MANIFEST.test(path)) {
    const found = manifestFindings(path, await files.read(path), reach);
    const dir = path.slice(0, -'/package.json'.length);
    return isReached(reach, dir) ? found : found.map((one) => (isInstalled(one) && !isFixture(dir) ? one : told(one)));
  }
  if (isLockfile(path)) return lockfileFindings(path, await files.read(path));
  const settings = SETTINGS_FILES.test(path) ? SETTINGS.filter(({ file }) => file.test(path)) : [];
  if (settings.length > 0) {
    const pair = await files.read(path);
    return settings.flatMap((one) => settingsFindings(path, pair, { one, reach }));
  }
  if (/(?:^|\/)composer\.json$/i.test(path)) return composerFindings(path, await files.read(path), reach);
  if (row === null) return [];
  const isUnread = row.readBy.length > 0 && weightFor(row.readBy, reach) === 'warn';
  return isUnread ? [] : [touchedFile(path)];
}

/** A workspace is installed wherever it lies, under its name and with its programs. */
const isInstalled = ({ name }: Finding): boolean => name === 'name' || name.startsWith('bin.');

const told = (finding: Finding): Finding => ({ ...finding, weight: 'warn' });

const weightFor = (families: readonly Family[], { families: reached }: Reach): Finding['weight'] =>
  families.some((family) => reached.has(family)) ? 'block' : 'warn';

const NOTHING: DecidingText = { block: '', warn: '' };

function settingsFindings(
  path: string,
  pair: FilePair,
  { one, reach }: { readonly one: SettingsFile; readonly reach: Reach },
): readonly Finding[] {
  const dir = path.split('/').slice(0, -1).join('/');
  const away = one.whereRun === true && !isReached(reach, dir);
  const weight = away || weightFor(one.readBy, reach) === 'warn' ? 'warn' : 'block';
  if (pair.before.kind === 'opaque' || pair.after.kind === 'opaque') return [{ ...unread(path, pair), weight }];
  const [was, is] = [pair.before, pair.after].map((side) => {
    const text = textOf(side);
    return text === null ? NOTHING : one.read(text);
  });
  const { name } = one;
  if (was === undefined || is === undefined) return [];
  if (was.block !== is.block) return [{ weight, path, name, before: was.block, after: is.block }];
  if (was.warn !== is.warn) return [{ weight: 'warn', path, name, before: was.warn, after: is.warn }];
  return [];
}

/** `composer test` runs a script of the manifest, like `npm test`; a directory of programs or a repository brings others. */
function composerFindings(path: string, pair: FilePair, reach: Reach): readonly Finding[] {
  if (pair.before.kind === 'opaque' || pair.after.kind === 'opaque') return [unread(path, pair)];
  return composerChanges(pair).map(({ name, before, after }) => {
    const runs = name === 'scripts' ? reach.programs.has('composer') : name === 'config' && reach.families.has('php');
    return { weight: runs ? 'block' : 'warn', path, name, before, after };
  });
}

/** Changed files that a text of base names, relative to where it runs, or reaches through a link the branch changed. */
function namedFiles(texts: readonly RunText[], changed: ReadonlySet<string>): readonly string[] {
  const meant = texts.flatMap(({ text, dir }) =>
    commandsIn(text)
      .flatMap(filesMeant)
      .flatMap((path) => (dir === '' ? [path] : [path, `${dir}/${path}`])),
  );
  return [...new Set(meant.flatMap((path) => [path, ...above(path)]))].filter((path) => changed.has(path));
}

/** What node adds to a path that is no file. */
const ENDINGS = '.js .mjs .cjs .ts .mts .cts /index.js /index.mjs /index.cjs /index.ts'.split(' ');

function filesMeant(words: readonly string[]): readonly string[] {
  const plain = words
    .flatMap((word) => [word, ...word.split('=').slice(1)])
    .filter((word) => word !== '')
    .map((word) => posix.normalize(word).replace(/\/+$/, ''));
  const byNode = /^(?:node|tsx|ts-node|bun|deno)$/.test(programName(headOf(words) ?? ''));
  const completed = plain
    .filter((word) => byNode || word.includes('/'))
    .flatMap((word) => ENDINGS.map((end) => word + end));
  const module = words[words.indexOf('-m') + 1] ?? '';
  const imported = words.includes('-m') && /^[A-Za-z_][\w.]*$/.test(module) ? module.replaceAll('.', '/') : null;
  return [...plain, ...completed, ...(imported === null ? [] : [`${imported}.py`, `${imported}/__main__.py`])];
}

/** The directories on the way to a path; one that itself changed is a link or a submodule. */
const above = (path: string): readonly string[] => {
  const parts = path.split('/').slice(0, 20);
  return parts.slice(1).map((_, at) => parts.slice(0, at + 1).join('/'));
};
