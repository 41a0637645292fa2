/**
 * A package-lock.json of version 1, 2 or 3: version 2 holds two lists and different npm versions obey different ones, so
 * both count.
 */
import { parseJson } from '../../adapters/json.ts';
import {
  type Fields,
  isMap,
  type LockAnswer,
  type LockedPackage,
  locked,
  lockOf,
  malformed,
  PACKAGE_LIMIT,
  text,
  textList,
} from '../locked-package.ts';

const NAME = /^(?:@[a-z0-9~._-]+\/)?[a-z0-9~._-]+$/i;

/** Anything that is not clearly a lockfile is `malformed`, never empty. */
export function readNpm(content: string): LockAnswer {
  const lock = parseJson(content);
  if (!isMap(lock)) return malformed('not a JSON object');
  const version = lock['lockfileVersion'] ?? 1;
  if (version !== 1 && version !== 2 && version !== 3) return malformed('an unknown lockfileVersion');
  const { packages, dependencies } = lock;
  if (version === 3 && packages === undefined) return malformed('no packages in a lockfile of version 3');
  if (packages !== undefined && !isMap(packages)) return malformed('packages is not a map');
  if (dependencies !== undefined && !isMap(dependencies)) return malformed('dependencies is not a map');
  const found: LockedPackage[] = [];
  if (isMap(packages) && !readPackages(packages, found)) return malformed('an entry of packages is not a map');
  if (version !== 3 && isMap(dependencies) && !readDependencies(dependencies, found))
    return malformed('an entry of dependencies cannot be read');
  if (!isMap(packages)) return lockOf(found);
  return lockOf(found, { members: Object.keys(packages).filter((place) => !place.includes('node_modules/')) });
}

function readPackages(packages: Fields, found: LockedPackage[]): boolean {
  for (const [place, entry] of Object.entries(packages)) {
    if (!isMap(entry)) return false;
    const folder = place.lastIndexOf('node_modules/');
    const name = text(entry['name']) || place.slice(folder + 'node_modules/'.length);
    if (entry['link'] === true) found.push(local(name, `link:${text(entry['resolved'])}`));
    else if (folder !== -1) found.push(installed(name, entry));
    else if (place !== '') found.push(local(text(entry['name']) || place, `link:${place}`));
  }
  return true;
}

const local = (name: string, source: string): LockedPackage =>
  locked(NAME.test(name) ? name : 'unknown', '', { sources: [source], role: 'local' });

function readDependencies(dependencies: Fields, found: LockedPackage[]): boolean {
  const open: unknown[] = [dependencies];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (!isMap(next)) return false;
    for (const [name, entry] of Object.entries(next)) {
      if (!isMap(entry) || found.length > PACKAGE_LIMIT) return false;
      const alias = /^npm:((?:@[^/@]+\/)?[^@]+)@(.+)$/.exec(text(entry['version']));
      if (alias !== null) found.push(installed(alias[1] ?? '', { ...entry, version: alias[2] ?? '' }));
      else found.push(installed(name, entry));
      if (entry['dependencies'] !== undefined) open.push(entry['dependencies']);
    }
  }
  return true;
}

/** In version 1 a git, tarball or folder dependency stands where its version would. */
function installed(name: string, entry: Fields): LockedPackage {
  const version = text(entry['version']);
  const elsewhere = version.includes(':') || version.includes('/');
  const isBundled = entry['inBundle'] === true || entry['bundled'] === true;
  const source = text(entry['resolved']) || (elsewhere ? version : '');
  const isFolder = text(entry['integrity']) === '' && /^file:/.test(source) && !/\.(?:tgz|tar\.gz|tar)$/.test(source);
  return locked(NAME.test(name) ? name : 'unknown', elsewhere ? '' : version, {
    sources: textList(source),
    hashes: text(entry['integrity']).split(/\s+/).filter(Boolean),
    role: isFolder ? 'local' : isBundled && source === '' ? 'bundled' : 'package',
    hasScript: entry['hasInstallScript'] === true,
  });
}
