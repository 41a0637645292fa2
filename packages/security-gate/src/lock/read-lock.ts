/**
 * A package-lock.json of version 1, 2 or 3 as data: which versions it would install, from where, with which integrity.
 * No package manager runs. Version 2 holds two lists and different npm versions obey different ones, so both count.
 */
import { parseJson } from '../adapters/json.ts';

/** One installed package version. */
export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  readonly resolved: string;
  readonly integrity: string;
}

export type LockAnswer =
  | { readonly kind: 'lock'; readonly packages: readonly LockedPackage[] }
  | { readonly kind: 'unreadable'; readonly reason: string };

const PACKAGE_LIMIT = 200_000;
const NAME = /^(?:@[a-z0-9~._-]+\/)?[a-z0-9~._-]+$/i;
const unreadable = (reason: string): LockAnswer => ({ kind: 'unreadable', reason });
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const isMap = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads a lockfile; anything that is not clearly one is `unreadable`, never empty. */
export function readLock(bytes: Uint8Array): LockAnswer {
  const lock = parseJson(
    Buffer.from(bytes)
      .toString('utf8')
      .replace(/^\ufeff/, ''),
  );
  if (!isMap(lock)) return unreadable('not a JSON object');
  const version = lock['lockfileVersion'] ?? 1;
  if (version !== 1 && version !== 2 && version !== 3) return unreadable('an unknown lockfileVersion');
  const { packages, dependencies } = lock;
  if (version === 3 && packages === undefined) return unreadable('no packages in a lockfile of version 3');
  if (packages !== undefined && !isMap(packages)) return unreadable('packages is not a map');
  if (dependencies !== undefined && !isMap(dependencies)) return unreadable('dependencies is not a map');
  const found: LockedPackage[] = [];
  if (isMap(packages) && !readPackages(packages, found)) return unreadable('an entry of packages is not a map');
  if (version !== 3 && isMap(dependencies) && !readDependencies(dependencies, found))
    return unreadable('an entry of dependencies cannot be read');
  if (found.length > PACKAGE_LIMIT) return unreadable(`more than ${PACKAGE_LIMIT} packages`);
  return { kind: 'lock', packages: found };
}

function readPackages(packages: { readonly [key: string]: unknown }, found: LockedPackage[]): boolean {
  for (const [place, entry] of Object.entries(packages)) {
    if (!isMap(entry)) return false;
    const folder = place.lastIndexOf('node_modules/');
    if (folder === -1 || entry['link'] === true) continue; // the project itself or one of its workspaces
    const name = text(entry['name']) || place.slice(folder + 'node_modules/'.length);
    found.push(locked(name, entry));
  }
  return true;
}

function readDependencies(dependencies: { readonly [key: string]: unknown }, found: LockedPackage[]): boolean {
  const open: unknown[] = [dependencies];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (!isMap(next)) return false;
    for (const [name, entry] of Object.entries(next)) {
      if (!isMap(entry) || found.length > PACKAGE_LIMIT) return false;
      const alias = /^npm:((?:@[^/@]+\/)?[^@]+)@(.+)$/.exec(text(entry['version']));
      if (alias !== null) found.push(locked(alias[1] ?? '', { ...entry, version: alias[2] ?? '' }));
      else found.push(locked(name, entry));
      if (entry['dependencies'] !== undefined) open.push(entry['dependencies']);
    }
  }
  return true;
}

/** In version 1 a git or tarball dependency stands where its version would. */
function locked(name: string, entry: { readonly [key: string]: unknown }): LockedPackage {
  const version = text(entry['version']);
  const elsewhere = version.includes(':') || version.includes('/');
  return {
    name: NAME.test(name) ? name : 'unknown',
    version: elsewhere ? '' : version,
    resolved: text(entry['resolved']) || (elsewhere ? version : ''),
    integrity: text(entry['integrity']),
  };
}
