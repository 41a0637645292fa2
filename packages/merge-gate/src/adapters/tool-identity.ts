/** What a program file is, without running it: an upgrade in place or another version first on PATH changes it. */
import { realpathSync, statSync } from 'node:fs';
import { codeOf } from './system-error.ts';

const UNREADABLE = new Set(['ENOENT', 'EACCES', 'EPERM', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);

/** Real path, size and modification time on one line; `absent` when the path leads nowhere. */
export function toolIdentity(path: string): string {
  try {
    const real = realpathSync(path);
    const { size, mtimeMs } = statSync(real);
    return `${real} ${size} ${mtimeMs}`;
  } catch (thrown) {
    if (UNREADABLE.has(codeOf(thrown) ?? '')) return 'absent';
    throw thrown;
  }
}
