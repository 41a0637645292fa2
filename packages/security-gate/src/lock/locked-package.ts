/** What every reader of a lockfile answers, whatever the format: which package versions, from where, with which hashes. */

/** Where a package lives, in the words of the OSV format. */
export type Ecosystem = 'npm' | 'PyPI' | 'Go' | 'crates.io' | 'Maven' | 'Packagist' | 'RubyGems';

/** One installed package version, or one package source that a file names (`role: 'index'`). */
export interface LockedPackage {
  readonly name: string;
  /** Empty where the file names none. */
  readonly version: string;
  /** Addresses it is fetched from; empty: the registry that the package manager is set to. */
  readonly sources: readonly string[];
  /** `sha512-…`, `sha256:…`, each after `FILE ` where the format says which file it is of. */
  readonly hashes: readonly string[];
  /** `bundled`: comes inside another package. `local`: a folder of the repository. `index`: no package, a place to look in. */
  readonly role: 'package' | 'bundled' | 'local' | 'index';
  /** Whether the file says that installing it runs a script of its own. */
  readonly hasScript: boolean;
}

/** What a file says besides its packages. */
export interface LockRemarks {
  /** What the file leaves open, in words for the verdict. */
  readonly notes?: readonly string[];
  /** Folders whose manifests it locks, relative to its own; absent where the format does not say. */
  readonly members?: readonly string[];
}

/** What a reader answers. */
export type LockAnswer =
  | (LockRemarks & { readonly kind: 'lock'; readonly packages: readonly LockedPackage[] })
  | { readonly kind: 'malformed'; readonly reason: string };

/** More packages than this are no lockfile. */
export const PACKAGE_LIMIT = 200_000;

export const malformed = (reason: string): LockAnswer => ({ kind: 'malformed', reason });
export const lockOf = (packages: readonly LockedPackage[], remarks: LockRemarks = {}): LockAnswer => ({
  kind: 'lock',
  packages,
  ...remarks,
});

/** A package with the usual rest filled in. */
export const locked = (name: string, version: string, more: Partial<LockedPackage> = {}): LockedPackage => ({
  name,
  version,
  sources: [],
  hashes: [],
  role: 'package',
  hasScript: false,
  ...more,
});

export type Fields = { readonly [key: string]: unknown };
export const isMap = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const text = (value: unknown): string => (typeof value === 'string' ? value : '');
export const textList = (...values: readonly unknown[]): readonly string[] =>
  values.flatMap((value) => (typeof value === 'string' && value !== '' ? [value] : []));
/** The maps of a list; null when the value is no list of maps. Absent counts as empty. */
export function mapList(value: unknown): readonly Fields[] | null {
  if (value === undefined) return [];
  return Array.isArray(value) && value.every(isMap) ? value : null;
}
