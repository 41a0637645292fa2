/** Where the git directory of a checkout is: found by its files, as git would, from any directory inside. */
import { access, readFile, realpath } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { absent, kindOf } from './disk.ts';

/** The git directory of the checkout around `path`, or of the bare repository at it; null: there is none. */
export async function gitDirectoryAt(path: string): Promise<string | null> {
  if (await isGitDirectory(path)) return path;
  for (let at = path; ; at = dirname(at)) {
    const own = join(at, '.git');
    const kind = await kindOf(own);
    if (kind === 'directory') return own;
    if (kind === 'file') return linked(own);
    if (at === dirname(at)) return null;
  }
}

async function isGitDirectory(path: string): Promise<boolean> {
  if (await absent(join(path, 'HEAD'))) return false;
  return !(await absent(join(path, 'objects'))) || !(await absent(join(path, 'commondir')));
}

const GIT_FILE = /^gitdir: ([^\0\n]+)\n*$/;

/** A linked work tree and a submodule have a file in place of the directory. */
async function linked(file: string): Promise<string | null> {
  const found = GIT_FILE.exec(await readFile(file, 'utf8'))?.[1];
  if (found === undefined) return null;
  const gitDir = resolve(dirname(file), found);
  return (await absent(gitDir)) ? null : gitDir;
}

/** The path without links; null where nothing is. */
export async function realPathOf(path: string): Promise<string | null> {
  try {
    await access(path);
    return await realpath(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES' || code === 'ELOOP') return null;
    throw error;
  }
}
