/** pnpm-lock.yaml of versions 5, 6 and 9; one that holds several documents counts with all of them. */
import { readYaml } from '../../adapters/yaml.ts';
import {
  type Fields,
  isMap,
  type LockAnswer,
  type LockedPackage,
  locked,
  lockOf,
  malformed,
  text,
  textList,
} from '../locked-package.ts';

const GROUPS = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;

export function readPnpm(content: string): LockAnswer {
  const yaml = readYaml(content);
  if (yaml.kind === 'malformed') return yaml;
  const found: LockedPackage[] = [];
  const members = new Set<string>();
  if (yaml.documents.length === 0) return malformed('no YAML document');
  for (const lock of yaml.documents) {
    if (!isMap(lock)) return malformed('not a YAML map');
    const major = /^(\d+)(?:\.\d+)*$/.exec(text(lock['lockfileVersion']))?.[1];
    if (major !== '5' && major !== '6' && major !== '9') return malformed('an unknown lockfileVersion');
    const packages = lock['packages'] === '' ? {} : (lock['packages'] ?? {});
    if (!isMap(packages)) return malformed('packages is not a map');
    for (const [key, entry] of Object.entries(packages)) {
      if (!isMap(entry)) return malformed('an entry of packages is not a map');
      const one = readPackage(key, entry, major === '5');
      if (one === null) return malformed(`the package ${key.slice(0, 80)} has no resolution that can be read`);
      found.push(one);
    }
    for (const part of [packages, isMap(lock['snapshots']) ? lock['snapshots'] : {}])
      for (const one of Object.values(part)) if (isMap(one)) for (const link of linksOf('.', one)) found.push(link);
    const importers = lock['importers'] ?? { '.': lock };
    if (!isMap(importers)) return malformed('importers is not a map');
    for (const [folder, importer] of Object.entries(importers)) {
      if (!isMap(importer)) return malformed('an importer is not a map');
      members.add(folder);
      if (folder !== '.') found.push(locked(folder, '', { sources: [`link:${folder}`], role: 'local' }));
      for (const link of linksOf(folder, importer)) found.push(link);
    }
  }
  return lockOf(found, { members: [...members] });
}

/** Keys: `/name/1.0.0_peers` (5), `/name@1.0.0(peers)` (6), `name@1.0.0` (9); a foreign tarball's key is its address. */
function readPackage(key: string, entry: Fields, isOld: boolean): LockedPackage | null {
  const { resolution } = entry;
  if (!isMap(resolution)) return null;
  const bare = key.replace(/^\//, '').replace(/\(.*$/s, '');
  const parts = (isOld ? /^((?:@[^/]+\/)?[^/]+)\/([^/_]+)/ : /^((?:@[^/]+\/)?[^@]+)@(.+)$/s).exec(bare);
  const name = text(entry['name']) || (parts?.[1] ?? bare);
  const version = text(entry['version']) || (parts?.[2] ?? '');
  const { type, repo, commit, directory, tarball, integrity, path } = resolution;
  const hashes = text(integrity).split(/\s+/).filter(Boolean);
  const hasScript = entry['requiresBuild'] === 'true';
  if (type === 'directory' || directory !== undefined)
    return locked(name, '', { sources: [`link:${text(directory)}`], role: 'local' });
  if (type === 'git' || repo !== undefined)
    return locked(name, version, {
      sources: [`git+${text(repo)}`],
      hashes: textList(`commit:${text(commit)}`),
      hasScript,
    });
  if (hashes.length === 0 && text(tarball) === '' && type === undefined) return null;
  const plain = version.includes(':') || version.includes('/') ? '' : version;
  return locked(name, plain, { sources: textList(tarball, text(tarball) === '' ? text(path) : ''), hashes, hasScript });
}

function linksOf(folder: string, importer: Fields): LockedPackage[] {
  return GROUPS.flatMap((group) => {
    const listed = importer[group];
    if (!isMap(listed)) return [];
    return Object.entries(listed).flatMap(([name, wanted]) => {
      const version = isMap(wanted) ? text(wanted['version']) : text(wanted);
      if (!version.startsWith('link:')) return [];
      return [locked(name, '', { sources: [`link:${folder}/${version.slice('link:'.length)}`], role: 'local' })];
    });
  });
}
