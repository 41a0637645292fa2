/**
 * Finds the executable before a shell is asked to become it, so that "cannot start" is an errno and not an exit code.
 */
import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { errnoOf } from './errno.ts';

export type FoundCommand =
  | { readonly kind: 'found'; readonly file: string }
  | { readonly kind: 'spawn-failed'; readonly errno: string; readonly message: string };

/** What execvp searches without a PATH. */
const DEFAULT_PATH = '/bin:/usr/bin';

/** As execvp(3): a name with a slash is a path from `cwd`, any other is searched in `path`. The answer is absolute, or from `.` where that is the directory. */
export function findCommand(command: string, cwd: string, path: string | undefined): FoundCommand {
  // Nobody enters the directory we stand in; we may have lost the right to.
  const directory = cwd === '.' ? null : probe(cwd, 'directory');
  if (directory !== null) return failed(directory, `cannot enter the directory ${cwd}`);
  if (command.includes('/')) {
    const file = within(cwd, command);
    const errno = probe(file, 'executable');
    return errno === null ? { kind: 'found', file } : failed(errno, `cannot execute ${command}`);
  }
  let worst = 'ENOENT';
  for (const folder of (path ?? DEFAULT_PATH).split(':')) {
    const file = within(cwd, folder, command);
    const errno = probe(file, 'executable');
    if (errno === null) return { kind: 'found', file };
    if (errno === 'EACCES') worst = errno;
  }
  return failed(worst, `${command} is not an executable in PATH`);
}

/** Where we stand ourselves may have been removed, so its name is not asked for. */
const within = (cwd: string, ...parts: string[]): string =>
  cwd === '.' && !parts.some(isAbsolute) ? `./${join(...parts)}` : resolve(cwd, ...parts);

/** The errno that using `path` would give, or null. */
function probe(path: string, as: 'directory' | 'executable'): string | null {
  try {
    const stat = statSync(path);
    if (as === 'directory') return stat.isDirectory() ? null : 'ENOTDIR';
    if (!stat.isFile()) return 'EACCES';
    accessSync(path, constants.X_OK);
    return null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_INVALID_ARG_VALUE') return 'EINVAL';
    const errno = errnoOf(error);
    if (errno !== null) return errno;
    throw error;
  }
}

const failed = (errno: string, message: string): FoundCommand => ({
  kind: 'spawn-failed',
  errno,
  message: `${errno}: ${message.slice(0, 300)}`,
});
