/** Full object names and paths as the only things that may stand on a git command line. */
import { invariant } from '@gatehouse/verdict';
import type { Sha } from './outcome.ts';

const FULL_NAME = /^[0-9a-f]{40}$/;

/** True for a full lower-case SHA-1 object name. Total. */
export function isSha(value: unknown): value is Sha {
  return typeof value === 'string' && FULL_NAME.test(value);
}

/** Asserts a full object name; a caller that passes a branch name here has a bug, not a red branch. */
export function expectSha(value: unknown, what: string): asserts value is Sha {
  invariant(isSha(value), `${what} is a full object name`);
}

/** True for a path that can stand in a git tree: relative, no empty, `.`, `..` or `.git` part, no NUL. */
export function isTreePath(value: unknown): value is string {
  if (typeof value !== 'string' || value === '' || value.length > 4096 || value.includes('\0')) return false;
  return !FORBIDDEN_PART.test(value);
}

const FORBIDDEN_PART = /(?:^|\/)(?:\.{0,2}|\.[gG][iI][tT])(?:\/|$)/;
