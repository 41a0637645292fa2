/** Makes and removes the HOME and the TMPDIR of a run. */
import { access, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { removeTree } from '@gatehouse/proc-group';
import { homePlace, type NamedPlace, namesOf, type PrivateHome, tempPlace } from '../home.ts';
import { codeOf } from './system-error.ts';

/** `unmade`: neither beside the checkout nor in the temporary directory; each command then has a HOME for itself. */
export type MadeHome =
  | { readonly kind: 'made'; readonly home: PrivateHome }
  | { readonly kind: 'unmade'; readonly reason: string };

/** A fresh HOME and TMPDIR for a run in the checkout `dir`. Only a name for commits is in them. */
export async function makeHome(dir: string): Promise<MadeHome> {
  const system = tmpdir();
  const beside = homePlace(resolve(dir));
  const home = (await make(beside)) ?? (await make({ ...beside, parent: system }));
  if (home === null) return { kind: 'unmade', reason: `no HOME can be made in ${beside.parent} or ${system}` };
  const temp = (await make(tempPlace(resolve(dir), system))) ?? home;
  if (!(await tried(writeFile(join(home, '.gitconfig'), GIT_IDENTITY))))
    return { kind: 'unmade', reason: `nothing can be written to a HOME in ${dirname(home)}` };
  const rustup = join(homedir(), '.rustup');
  const toolchains = (await tried(access(rustup))) ? { RUSTUP_HOME: rustup } : {};
  return { kind: 'made', home: { home, temp, toolchains } };
}

/** Lowest in rank: what a repository or a command sets of its own wins. */
const GIT_IDENTITY = '[user]\n\tname = Gatehouse\n\temail = gatehouse@localhost\n';

async function tried(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (codeOf(error)?.startsWith('E') === true) return false;
    throw error;
  }
}

/** Null when nothing is left; else what is, in words. The HOME goes last: it is what leads a later clean-up here. */
export async function removeHome({ home, temp }: Pick<PrivateHome, 'home' | 'temp'>): Promise<string | null> {
  const left: string[] = [];
  for (const path of new Set([temp, home])) {
    const removed = await removeTree(path);
    if (removed.kind === 'left') left.push(`${path} (${removed.errno})`);
    if (removed.kind === 'crashed') left.push(`${path} (${removed.error.message})`);
  }
  return left.length === 0 ? null : `left behind: ${left.join(', ')}`;
}

/** Removes every HOME and TMPDIR of the checkout `dir`, whose runs have ended. Answers what could not be removed. */
export async function removeHomes(dir: string): Promise<readonly string[]> {
  const system = tmpdir();
  const beside = homePlace(resolve(dir));
  const left: string[] = [];
  for (const place of [tempPlace(resolve(dir), system), beside, { ...beside, parent: system }])
    for (const path of namesOf(place, await namesIn(place.parent))) {
      const removed = await removeTree(path);
      if (removed.kind !== 'removed') left.push(path);
    }
  return left;
}

async function make({ parent, prefix }: NamedPlace): Promise<string | null> {
  try {
    return await mkdtemp(join(parent, prefix));
  } catch (error) {
    if (codeOf(error)?.startsWith('E') === true) return null;
    throw error;
  }
}

async function namesIn(parent: string): Promise<readonly string[]> {
  try {
    return await readdir(parent);
  } catch (error) {
    if (codeOf(error)?.startsWith('E') === true) return [];
    throw error;
  }
}
