/** Where the landing branch of a mirror is, read from its files: a process for it would cost every checkout a tenth of its time. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readText } from './disk.ts';

/** Landing branches of a mirror, the present one last; see protected.ts. */
export const LANDING_NAMES = 'gatehouse-protected';

/** A branch by its short name. */
export interface MainRef {
  readonly name: string;
  readonly sha: string;
}

const SHA = /^[0-9a-f]{40}$/;

/** Null for a repository that was not opened as a mirror, or whose landing branch is gone. */
export async function readMain(mirror: string): Promise<MainRef | null> {
  const names = (await readText(join(mirror, LANDING_NAMES)))?.split('\n').filter((name) => name !== '') ?? [];
  const name = names.at(-1);
  if (name === undefined) return null;
  const loose = (await readRef(join(mirror, 'refs/heads', name))) ?? (await packed(mirror, name));
  return SHA.test(loose) ? { name, sha: loose } : null;
}

/** Another branch may stand in the way: `main/x` makes a directory of `main`, and `a` a file of the directory of `a/main`. */
async function readRef(path: string): Promise<string | null> {
  try {
    return (await readFile(path, 'latin1')).trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') return null;
    throw error;
  }
}

async function packed(mirror: string, name: string): Promise<string> {
  const refs = (await readText(join(mirror, 'packed-refs'))) ?? '';
  const at = refs.indexOf(` refs/heads/${name}\n`);
  return at < 40 ? '' : refs.slice(at - 40, at);
}
