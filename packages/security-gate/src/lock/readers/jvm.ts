/** The locks of Gradle (`gradle.lockfile`) and of Maven's lockfile plugin (`lockfile.json`). */
import { parseJson } from '../../adapters/json.ts';
import {
  type Fields,
  isMap,
  type LockAnswer,
  type LockedPackage,
  locked,
  lockOf,
  malformed,
  mapList,
  PACKAGE_LIMIT,
  text,
  textList,
} from '../locked-package.ts';

export function readGradle(content: string): LockAnswer {
  const found: LockedPackage[] = [];
  for (const [at, line] of content.split('\n').entries()) {
    const some = line.trim();
    if (some === '' || some.startsWith('#') || /^empty=[\w,.-]*$/.test(some)) continue;
    const match = /^([^:=\s]+:[^:=\s]+):([^:=\s]+)(?:=\S*)?$/.exec(some);
    if (match === null) return malformed(`line ${at + 1}: no dependency`);
    found.push(locked(match[1] ?? '', match[2] ?? ''));
  }
  return lockOf(found);
}

export function readMaven(content: string): LockAnswer {
  const lock = parseJson(content);
  if (!isMap(lock) || (lock['dependencies'] === undefined && lock['mavenPlugins'] === undefined))
    return malformed('not a JSON object with dependencies');
  const found: LockedPackage[] = [];
  const open: (readonly Fields[] | null)[] = [mapList(lock['dependencies']), mapList(lock['mavenPlugins'])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === null || found.length > PACKAGE_LIMIT) return malformed('dependencies that are no list of maps');
    for (const one of next) {
      const [group, artifact, version] = [text(one['groupId']), text(one['artifactId']), text(one['version'])];
      if (group === '' || artifact === '' || version === '') return malformed('a dependency without its three names');
      const sum = text(one['checksum']);
      const kind = text(one['checksumAlgorithm']).toLowerCase().replace('-', '');
      found.push(
        locked(`${group}:${artifact}`, version, {
          sources: textList(one['resolved']),
          hashes: textList(sum === '' ? '' : `${kind || 'sha256'}:${sum}`),
        }),
      );
      open.push(mapList(one['children']), mapList(one['dependencies']));
    }
  }
  return lockOf(found);
}
