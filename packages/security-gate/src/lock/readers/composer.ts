/** composer.lock: each package has a `dist` (an archive) and a `source` (the repository it is of). */
import { parseJson } from '../../adapters/json.ts';
import {
  isMap,
  type LockAnswer,
  type LockedPackage,
  locked,
  lockOf,
  malformed,
  mapList,
  text,
  textList,
} from '../locked-package.ts';

export function readComposer(content: string): LockAnswer {
  const lock = parseJson(content);
  if (!isMap(lock) || lock['packages'] === undefined) return malformed('not a JSON object with packages');
  const found: LockedPackage[] = [];
  for (const group of ['packages', 'packages-dev'] as const) {
    const packages = mapList(lock[group] ?? []);
    if (packages === null) return malformed(`${group} is no list of maps`);
    for (const one of packages) {
      const [name, version] = [text(one['name']), text(one['version'])];
      const dist = isMap(one['dist']) ? one['dist'] : {};
      const source = isMap(one['source']) ? one['source'] : {};
      if (name === '' || version === '') return malformed('a package without a name or a version');
      const isFolder = text(dist['type']) === 'path';
      const repository = text(source['url']);
      const address = text(dist['url']) || (repository === '' ? '' : `git+${repository}`);
      found.push(
        locked(name.toLowerCase(), version, {
          sources: isFolder
            ? [`link:${text(dist['url'])}`]
            : textList(address, text(dist['url']) === '' ? '' : shown(repository)),
          hashes: textList(
            hashOf('sha1', text(dist['shasum'])),
            hashOf('commit', text(dist['reference']) || text(source['reference'])),
          ),
          role: isFolder ? 'local' : 'package',
        }),
      );
    }
  }
  return lockOf(found);
}

const hashOf = (kind: string, sum: string): string => (sum === '' ? '' : `${kind}:${sum}`);
/** Composer fetches the archive unless it is told to clone; both places are looked at. */
const shown = (repository: string): string =>
  /^https:/.test(repository) ? repository : repository.replace(/^(?:ssh:\/\/)?git@([^:/]+)[:/]/, 'https://$1/');
