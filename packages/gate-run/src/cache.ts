/**
 * Directories that outlive a run, such as a package manager's downloads. Each run has a copy of its own; what a green one
 * leaves is moved to a place of the caller's choice, and who may read it there is the caller's to decide. Pure.
 */
import type { PrivateHome } from './home.ts';

/** The directories, where they come from and where they go. */
export interface RunCache {
  /** `~/…` is below HOME, anything else below the checkout. */
  readonly paths: readonly string[];
  /** A directory that an earlier run filled. Copied and never linked: this run must not write through. Null: none. */
  readonly from: string | null;
  /** Where what a green run leaves goes, as a new directory on the same disk as HOME. Null: nowhere. */
  readonly into: string | null;
  /** More than this is not kept. Default 2 GiB. */
  readonly limitBytes?: number | undefined;
}

/** One directory of a cache. */
export interface CachePlace {
  readonly root: 'home' | 'checkout';
  /** Below the root. */
  readonly path: string;
  /** Its name in the places it comes from and goes to. */
  readonly entry: string;
}

const PLAIN = /^(?:~\/)?[\w.@+-]+(?:\/[\w.@+-]+)*$/;
const STEERS = /(?:^|\/)\.(?:\.|git)?(?:\/|$)/i;
const MOST = 20;

/** Why the paths cannot be used; null: they can. */
export function cachePathsFault(paths: unknown): string | null {
  if (!Array.isArray(paths) || paths.length > MOST) return `must be a list of at most ${MOST} paths`;
  const wrong = paths.find(
    (path) => typeof path !== 'string' || path.length > 200 || !PLAIN.test(path) || STEERS.test(path),
  );
  if (wrong !== undefined) return 'must hold plain paths such as ~/.npm or node_modules';
  const isInside = (path: string, at: number) =>
    paths.some((other: string, place) => place !== at && `${path}/`.startsWith(`${other}/`));
  return paths.some(isInside) ? 'must not hold a path twice, nor one below another' : null;
}

export const cachePlaces = ({ paths }: RunCache): readonly CachePlace[] =>
  paths.map((path) => ({
    root: path.startsWith('~/') ? ('home' as const) : ('checkout' as const),
    path: path.replace(/^~\//, ''),
    entry: encodeURIComponent(path),
  }));

/** Where the roots of a run are. */
export interface CacheRoots {
  readonly home: PrivateHome;
  readonly dir: string;
}

/** The directory that a place is relative to. */
export const rootOf = ({ root }: CachePlace, { home, dir }: CacheRoots): string => (root === 'home' ? home.home : dir);
