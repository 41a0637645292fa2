/**
 * The refs of a repository of ours, by its files: a process for reading them would cost a fetch a third of its time, and one for each
 * ref that is ours alone a checkout a fifth. What is not plainly there, and what cannot be done, is left to git, which says why.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** More loose refs than this are read by git, which is quicker then and holds nobody up. */
const MOST_LOOSE = 256;

const SHA = /^(?!0{40})[0-9a-f]{40}$/;

/**
 * Object names by full ref name, below `refs/<kind>/`, in the order of git. Null where only git can tell: many loose refs, a symbolic
 * or a damaged one. Loose refs are read first and win: a ref that is being packed stands in either place, and for a while in both.
 */
export function readRefFiles(gitDir: string, kind: string): ReadonlyMap<string, string> | null {
  try {
    const loose = looseBelow(gitDir, `refs/${kind}`);
    const packed = loose === null ? null : packedBelow(gitDir, `refs/${kind}/`);
    if (loose === null || packed === null) return null;
    const all = [...new Map([...packed, ...loose])];
    return new Map(all.sort(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other))));
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).code !== 'string') throw error;
    return null;
  }
}

function looseBelow(gitDir: string, top: string): Map<string, string> | null {
  const found = new Map<string, string>();
  const folders = [top];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of readdirSync(join(gitDir, folder), { withFileTypes: true })) {
      const name = `${folder}/${entry.name}`;
      if (entry.isDirectory()) folders.push(name);
      else if (!entry.isFile() || found.size === MOST_LOOSE) return null;
      // The name of a lock is no name of a ref.
      else if (!name.endsWith('.lock')) {
        const sha = readIfThere(join(gitDir, name))?.trimEnd() ?? null;
        if (sha !== null && !SHA.test(sha)) return null;
        if (sha !== null) found.set(name, sha);
      }
    }
  }
  return found;
}

/** `<sha> <name>`; a line of `^` says what the tag before it points to, one of `#` is about the file. */
function packedBelow(gitDir: string, prefix: string): Map<string, string> | null {
  const found = new Map<string, string>();
  for (const line of (readIfThere(join(gitDir, 'packed-refs')) ?? '').split('\n')) {
    if (line === '' || line.startsWith('#') || line.startsWith('^')) continue;
    if (!SHA.test(line.slice(0, 40)) || line[40] !== ' ') return null;
    const name = line.slice(41);
    if (name.startsWith(prefix)) found.set(name, line.slice(0, 40));
  }
  return found;
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/**
 * Points a ref of ours at an object that is there, under the lock that git takes; as with git, it is on the disk before it counts.
 * False: not done.
 */
export async function writeOwnRef(gitDir: string, ref: string, sha: string): Promise<boolean> {
  const path = join(gitDir, ref);
  const lock = `${path}.lock`;
  let file: FileHandle;
  try {
    await mkdir(dirname(path), { recursive: true });
    file = await open(lock, 'wx');
  } catch (error) {
    if (!isOfDisk(error)) throw error;
    return false;
  }
  try {
    try {
      await file.writeFile(`${sha}\n`);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(lock, path);
    return true;
  } catch (error) {
    await rm(lock, { force: true });
    if (!isOfDisk(error)) throw error;
    return false;
  }
}

/** Nobody gets a turn while the locks stand. A packed ref is git's to remove. False: not done. */
export function removeOwnRef(gitDir: string, ref: string): boolean {
  const packed = join(gitDir, 'packed-refs');
  const path = join(gitDir, ref);
  return whileLocked(
    packed,
    () => !readIfThere(packed)?.includes(` ${ref}\n`) && whileLocked(path, () => removeLoose(path)),
  );
}

function whileLocked(path: string, body: () => boolean): boolean {
  const lock = `${path}.lock`;
  try {
    writeFileSync(lock, '', { flag: 'wx' });
  } catch (error) {
    if (!isOfDisk(error)) throw error;
    return false;
  }
  try {
    return body();
  } catch (error) {
    if (!isOfDisk(error)) throw error;
    return false;
  } finally {
    rmSync(lock, { force: true });
  }
}

function removeLoose(path: string): true {
  rmSync(path, { force: true });
  return true;
}

const isOfDisk = (error: unknown): boolean => typeof (error as NodeJS.ErrnoException).code === 'string';
