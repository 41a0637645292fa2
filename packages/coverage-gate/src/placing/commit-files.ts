/** The files of the measured commit, from git's own data: nothing that a command wrote into the slot has a say. */
import { type GitFailed, type GitRepo, ignoredPaths, listTree, readObjects, type TreeEntry } from '@gatehouse/git';
import type { Crashed } from '@gatehouse/verdict';
import { eachInTurns, type InTurns, inTurns } from '../adapters/turns.ts';
import { declaredPackage, mayStandAnywhere } from './declared-package.ts';
import { parseGoMod } from './go-modules.ts';
import type { GoModule, PlacingTree } from './tree-index.ts';

/** A commit in a repository. */
export interface CommitRef {
  readonly git: GitRepo;
  /** Full object name. */
  readonly commit: string;
  readonly signal?: AbortSignal | undefined;
}

/** What the commit holds. Names that are the same text, as bytes that are no UTF-8 become, are not in `files`. */
export interface CommitFiles {
  readonly kind: 'listed';
  /** Regular files and the names of their content. */
  readonly files: ReadonlyMap<string, string>;
  /** Every regular file, whatever its name. */
  readonly tracked: ReadonlySet<string>;
  readonly blobs: ReadonlySet<string>;
  readonly links: ReadonlyMap<string, string>;
  readonly submodules: ReadonlySet<string>;
}

/** Lists the commit. */
export async function readCommitFiles({ git, commit, signal }: CommitRef): Promise<CommitFiles | GitFailed | Crashed> {
  const listed = await listTree({ repo: git, commit, signal });
  if (listed.kind !== 'listed') return listed;
  return inTurns(sortEntries(listed.entries));
}

function* sortEntries(entries: readonly TreeEntry[]): InTurns<CommitFiles> {
  const files = new Map<string, string>();
  const tracked = new Set<string>();
  const blobs = new Set<string>();
  const twice = new Set<string>();
  const links = new Map<string, string>();
  const submodules = new Set<string>();
  yield* eachInTurns(entries, ({ path, type, mode, oid }) => {
    if (type === 'commit') submodules.add(path);
    else if (mode === '120000') links.set(path, oid);
    else if (type !== 'blob') return;
    else if (tracked.has(path)) twice.add(path);
    else {
      files.set(path, oid);
      tracked.add(path);
      blobs.add(oid);
    }
  });
  for (const path of twice) files.delete(path);
  return { kind: 'listed', files, tracked, blobs, links, submodules };
}

const MAX_SMALL_BYTES = 1024 * 1024;
const GO_FILE = /(^|\/)go\.(mod|work)$/;

/** Reads those few contents that say what names mean: links, Go's modules, and sources that declare their package. */
export async function readPlacingTree(
  { git, signal }: CommitRef,
  { files, links, submodules }: CommitFiles,
  names: Iterable<string>,
): Promise<PlacingTree | GitFailed | Crashed> {
  const wanted = new Map<string, string>([...links]);
  for (const path of await inTurns(neededFor(names, files))) wanted.set(path, files.get(path) ?? '');
  const texts = new Map<string, string>();
  const read = await readObjects({
    repo: git,
    signal,
    oids: [...new Set(wanted.values())],
    maxObjectBytes: MAX_SMALL_BYTES,
    onObject: ({ oid, bytes }) => texts.set(oid, Buffer.from(bytes).toString('utf8')),
  });
  if (read.kind !== 'read') return read;
  const textAt = (path: string): string => texts.get(wanted.get(path) ?? '') ?? '';
  const goModules: GoModule[] = [];
  const goDependencies = new Set<string>();
  const packages = new Map<string, string>();
  for (const path of wanted.keys()) {
    if (links.has(path)) continue;
    if (mayStandAnywhere(path)) packages.set(path, declaredPackage(textAt(path), path));
    else if (GO_FILE.test(path)) {
      const said = parseGoMod(textAt(path), path.slice(0, Math.max(0, path.lastIndexOf('/'))));
      goModules.push(...said.modules);
      for (const dependency of said.dependencies) goDependencies.add(dependency);
    }
  }
  const own = new Set(goModules.map(({ path }) => path));
  return {
    tracked: files,
    links: new Map([...links.keys()].map((path) => [path, textAt(path)])),
    submodules,
    goModules,
    goDependencies: [...goDependencies].filter((path) => !own.has(path)),
    packages,
  };
}

/** Files of the commit whose content may matter for one of the names. */
function* neededFor(names: Iterable<string>, files: ReadonlyMap<string, string>): InTurns<string[]> {
  let hasGo = false;
  const bases = new Set<string>();
  yield* eachInTurns(names, (name) => {
    hasGo ||= name.endsWith('.go');
    if (mayStandAnywhere(name)) bases.add(baseOf(name));
  });
  const needed: string[] = [];
  yield* eachInTurns(hasGo || bases.size > 0 ? files.keys() : [], (path) => {
    if ((hasGo && GO_FILE.test(path)) || bases.has(baseOf(path))) needed.push(path);
  });
  return needed;
}

const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** How many lines each of these contents has, by its name. */
export async function readLineCounts(
  { git, signal }: CommitRef,
  oids: ReadonlySet<string>,
): Promise<ReadonlyMap<string, number> | GitFailed | Crashed> {
  const counts = new Map<string, number>();
  const read = await readObjects({
    repo: git,
    signal,
    oids: [...oids],
    onObject: ({ oid, bytes }) => counts.set(oid, lineCount(bytes)),
  });
  return read.kind === 'read' ? counts : read;
}

const NEWLINE = 10;
const RETURN = 13;

/** Lines that a tool can number: the text behind the last line break is one, too, as editors and some tools count. */
export function lineCount(bytes: Uint8Array): number {
  let count = 1;
  const hasReturns = bytes.includes(RETURN);
  for (let at = hasReturns ? 0 : bytes.indexOf(NEWLINE); at >= 0 && at < bytes.length; ) {
    const byte = bytes[at];
    if (byte === NEWLINE || (byte === RETURN && bytes[at + 1] !== NEWLINE)) count++;
    at = hasReturns ? at + 1 : bytes.indexOf(NEWLINE, at + 1);
  }
  return count;
}

/** Those of the paths that the commit's own ignore files leave out. */
export async function readIgnored(
  { git, commit, signal }: CommitRef,
  paths: readonly string[],
): Promise<ReadonlySet<string> | GitFailed | Crashed> {
  if (paths.length === 0) return new Set();
  const listed = await ignoredPaths({ repo: git, commit, paths, signal });
  return listed.kind === 'listed' ? new Set(listed.paths) : listed;
}
