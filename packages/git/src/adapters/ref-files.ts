/**
 * The refs of a repository of ours, read from its files: a process for it would cost a fetch a third of its time. What is not
 * plainly there is left to git.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

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
