import { types } from 'node:util';

/** The code with which an operating system refused, or null for anything else, which is a bug and travels on. */
export function codeOf(thrown: unknown): string | null {
  const code = types.isNativeError(thrown) && 'code' in thrown ? thrown.code : null;
  return typeof code === 'string' ? code : null;
}

/** ENOENT is also what making a directory and its parents answers on a read-only disk. */
const PLACE_UNUSABLE = new Set([
  'ENOENT',
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOSPC',
  'EDQUOT',
  'EIO',
  'ENOTDIR',
  'EMFILE',
  'ENFILE',
]);

/** True when a directory cannot be used, now or by this user: full, denied, read-only, gone, broken. */
export const placeIsUnusable = (thrown: unknown): boolean => PLACE_UNUSABLE.has(codeOf(thrown) ?? '');
