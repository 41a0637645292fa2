/** Finds on the disk what a world is made of, and gives a checkout to another user. Answers a reason where that cannot be had. */
import { accessSync, constants, type Dirent, lstatSync, readdirSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { removeTree } from '@gatehouse/proc-group';
import { homePlace, type PrivateHome } from '../home.ts';
import {
  type HiddenPlace,
  isShown,
  KERNEL_PLACES,
  type OwnUser,
  type OwnWorld,
  type VisiblePaths,
  type World,
  worldLine,
} from '../isolation.ts';
import { codeOf } from './system-error.ts';
import { callTool } from './system-tool.ts';

/** What the commands of one run are started with. */
export interface OpenWorld {
  readonly kind: 'open';
  readonly inside?: readonly string[];
  readonly runAs?: { readonly uid: number; readonly gid: number };
  /** Takes back what was made for it; answers what could not be. */
  readonly close: () => Promise<string | null>;
}

export type OpenedWorld = OpenWorld | { readonly kind: 'closed'; readonly reason: string };

interface Place {
  readonly dir: string;
  readonly home: PrivateHome;
  readonly visible: VisiblePaths;
  readonly signal: AbortSignal | undefined;
}

/** What the system refuses comes back in words. */
async function orWhy(what: string, work: () => Promise<OpenedWorld>): Promise<OpenedWorld> {
  try {
    return await work();
  } catch (error) {
    const code = codeOf(error);
    if (code?.startsWith('E') !== true) throw error;
    return { kind: 'closed', reason: `${what} cannot be had: ${(error as Error).message}` };
  }
}

/** A world for one run, whose setup and command share /tmp. */
export const openWorld = (isolation: OwnWorld, place: Place): Promise<OpenedWorld> =>
  orWhy('isolation by bwrap', async () => {
    const program = await systemProgram('bwrap');
    if (program === null) return { kind: 'closed', reason: 'isolation by bwrap: bubblewrap is not installed' };
    const dir = resolve(place.dir);
    const scratch = await makeScratch(dir);
    const world = await worldOf(isolation, { ...place, dir }, { program, scratch });
    return { kind: 'open', inside: worldLine(world), close: () => removeScratch(scratch) };
  });

/** Of the system, never of a PATH that somebody set. */
async function systemProgram(name: string): Promise<string | null> {
  for (const place of ['/usr/local/bin', '/usr/bin', '/bin']) {
    const path = join(place, name);
    if ((await realOf(path)) !== null) return path;
  }
  return null;
}

/** Named as a HOME of the checkout, so that one of a killed process is found as those are. */
async function makeScratch(dir: string): Promise<string> {
  const { parent, prefix } = homePlace(dir);
  const scratch = await mkdtemp(join(parent, prefix));
  for (const part of ['tmp', 'var-tmp']) {
    await mkdir(join(scratch, part));
    await chmod(join(scratch, part), 0o1777);
  }
  return scratch;
}

async function removeScratch(scratch: string): Promise<string | null> {
  const removed = await removeTree(scratch);
  return removed.kind === 'removed' ? null : `left behind: ${scratch}`;
}

async function worldOf(
  { network, tools: named, read, write, hidden }: OwnWorld,
  { dir, home, visible }: Place,
  { program, scratch }: { readonly program: string; readonly scratch: string },
): Promise<World> {
  const known = await reached([...named, ...Object.values(home.toolchains), ...(await linkedSystem()), ...read]);
  const { linkedPrograms } = await import('./linked-programs.ts');
  const linked = linkedPrograms(named.filter((path) => known.includes(path) && !OF_THE_SYSTEM.includes(path)));
  const tools = [...known, ...linked];
  const own = [...new Set([home.home, home.temp, dir])];
  return {
    isRoot: process.geteuid?.() === 0,
    program,
    leader: await systemProgram('setsid'),
    network,
    read: tools,
    hidden: [
      ...(await existing(KERNEL_PLACES)),
      ...(await existing(hidden)).filter(({ path }) => isShown(path, tools)),
      ...secretsBelow('/etc', 4),
      ...secretsBelow('/opt', 3),
      ...[...named, ...linked]
        .filter((path) => tools.includes(path) && !isShown(path, []))
        .flatMap((path) => secretsBelow(path, 2)),
    ],
    write: [...(await existing(write)).map(({ path }) => path), ...own, ...(visible.write ?? [])],
    lent: [...(await borrowedObjects(`${dir}.git/objects`)), ...(await reached(visible.read ?? []))],
    scratch: { tmp: join(scratch, 'tmp'), varTmp: join(scratch, 'var-tmp') },
    dir,
  };
}

/** What a distribution links there leads to nothing that a world does not show; what a person links into /usr/local may. */
const OF_THE_SYSTEM: readonly string[] = ['/usr', '/bin', '/sbin'];

/** Of a machine, where they are links to places that a world does not show. */
const LINKED: readonly string[] = ['/etc/resolv.conf', '/etc/hosts', '/etc/localtime', '/etc/ssl/certs'];

async function linkedSystem(): Promise<readonly string[]> {
  const real = await Promise.all(LINKED.map(realOf));
  return real.filter((path): path is string => path !== null && !isShown(path, []));
}

/** As they are named, but only those that we get to ourselves: a PATH may lead through another's home. */
async function reached(paths: readonly string[]): Promise<readonly string[]> {
  const real = await Promise.all(paths.map(realOf));
  return paths.filter((_, at) => real[at] !== null);
}

/** Without links, and only what is there. */
async function existing(paths: readonly string[]): Promise<readonly HiddenPlace[]> {
  const found: HiddenPlace[] = [];
  for (const path of paths) {
    const real = await realOf(path);
    if (real === null) continue;
    found.push({ path: real, kind: (await stat(real)).isDirectory() ? 'directory' : 'file' });
  }
  return found;
}

async function realOf(path: string): Promise<string | null> {
  try {
    return await realpath(path);
  } catch (error) {
    if (UNREACHED.has(codeOf(error) ?? '')) return null;
    throw error;
  }
}

const UNREACHED = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP']);

/** What a checkout borrows its objects from, and what that borrows from in turn: a checkout without them is damaged. */
async function borrowedObjects(objects: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (let at: string | null = objects; at !== null && found.length < MOST_LENDERS; ) {
    at = await alternateOf(at);
    if (at !== null) found.push(at);
  }
  return found;
}

const MOST_LENDERS = 5;

async function alternateOf(objects: string): Promise<string | null> {
  try {
    const text = await readFile(join(objects, 'info/alternates'), 'utf8');
    const path = text.split('\n')[0] ?? '';
    return path.startsWith('/') ? resolve(path) : null;
  } catch (error) {
    if (UNREACHED.has(codeOf(error) ?? '')) return null;
    throw error;
  }
}

/**
 * What not everybody may read, and bare repositories: keys and settings of services stand in places that programs are read from.
 * Only what we may read ourselves needs to be covered. In one go: a thousand entries take some milliseconds so, and ten times as long
 * one promise at a time.
 */
function secretsBelow(root: string, depth: number): readonly HiddenPlace[] {
  const found: HiddenPlace[] = [];
  const open: { readonly dir: string; readonly depth: number }[] = [{ dir: root, depth }];
  for (let next = open.pop(), left = MOST_DIRECTORIES; next !== undefined && left > 0; next = open.pop(), left -= 1) {
    const at = next;
    const entries = entriesOf(at.dir);
    const names = new Set(entries.map(({ name }) => name));
    if (['HEAD', 'objects', 'refs'].every((name) => names.has(name))) {
      found.push({ path: at.dir, kind: 'directory' });
      continue;
    }
    for (const entry of entries) {
      const path = join(at.dir, entry.name);
      if (!entry.isDirectory() && !entry.isFile()) continue;
      if (isOurSecret(path, entry.isDirectory()))
        found.push({ path, kind: entry.isDirectory() ? 'directory' : 'file' });
      else if (entry.isDirectory() && at.depth > 1) open.push({ dir: path, depth: at.depth - 1 });
    }
  }
  return found;
}

const MOST_DIRECTORIES = 2000;

function entriesOf(dir: string): readonly Dirent[] {
  try {
    return readdirSync(dir, { withFileTypes: true });
  } catch (error) {
    if (UNREACHED.has(codeOf(error) ?? '')) return [];
    throw error;
  }
}

function isOurSecret(path: string, isDirectory: boolean): boolean {
  const readers = isDirectory ? 0o5 : 0o4;
  const mode = lstatSync(path, { throwIfNoEntry: false })?.mode ?? readers;
  return (mode & readers) !== readers && mayRead(path);
}

function mayRead(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch (error) {
    if (UNREACHED.has(codeOf(error) ?? '')) return false;
    throw error;
  }
}

const taken = new Set<number>();

/** Gives the checkout, HOME and TMPDIR to a user that no other run at work has, as long as there are enough of them. */
export const openAsUser = (isolation: OwnUser, { dir: named, home, visible, signal }: Place): Promise<OpenedWorld> =>
  orWhy('isolation by uid', async () => {
    if (process.geteuid?.() !== 0) return { kind: 'closed', reason: 'isolation by uid needs a service of root' };
    const dir = resolve(named);
    const barred = await barredTo([dir, home.home, home.temp, ...(await borrowedObjects(`${dir}.git/objects`))]);
    if (barred !== null)
      return { kind: 'closed', reason: `isolation by uid: other users cannot get through ${barred} (chmod o+x)` };
    const uid = isolation.uids.find((id) => !taken.has(id)) ?? isolation.uids[0] ?? 0;
    taken.add(uid);
    const free = (): void => void taken.delete(uid);
    const owner = `${uid}:${isolation.gid}`;
    const places = [...new Set([dir, home.home, home.temp, ...(visible.write ?? [])])];
    const given = await callTool('chown', ['-Rh', owner, '--', ...places], { timeoutMs: CHOWN_MS, signal });
    if (given === null) {
      free();
      return { kind: 'closed', reason: `isolation by uid: ${dir} cannot be given to user ${uid}` };
    }
    await chmod(dir, 0o700);
    return {
      kind: 'open',
      runAs: { uid, gid: isolation.gid },
      close: async () => {
        free();
        // Whoever has this user next finds the door of this checkout shut.
        await chown(dir, 0, 0);
        return null;
      },
    };
  });

const CHOWN_MS = 120_000;

/** The first directory on the way to one of the paths that lets no stranger through; null: the way is free. */
async function barredTo(paths: readonly string[]): Promise<string | null> {
  for (const path of paths)
    for (let at = dirname(path); at !== '/'; at = dirname(at)) if (((await stat(at)).mode & 0o1) === 0) return at;
  return null;
}
