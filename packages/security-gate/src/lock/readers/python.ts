/** The locks of Python's package managers: poetry, pdm, uv, PEP 751 (pylock.toml) and Pipfile.lock. */
import { parseJson } from '../../adapters/json.ts';
import { readToml } from '../../adapters/toml.ts';
import {
  type Fields,
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
import { pypiName } from '../pypi-name.ts';

/** poetry.lock and pdm.lock. The hashes of old ones stand in `metadata.files`. */
export function readPoetry(content: string): LockAnswer {
  const toml = readToml(content);
  if (toml.kind === 'malformed') return toml;
  const packages = mapList(toml.table['package']);
  const metadata = toml.table['metadata'];
  if (packages === null || !isMap(metadata)) return malformed('no list of packages or no metadata');
  const old = isMap(metadata['files']) ? metadata['files'] : {};
  const found: LockedPackage[] = [];
  for (const one of packages) {
    const name = text(one['name']);
    const files = mapList(one['files'] ?? old[name]);
    const source = one['source'] ?? {};
    if (name === '' || files === null || !isMap(source)) return malformed('a package without a name or with odd files');
    const hashes = files.map((file) => `${text(file['file']) || fileOf(text(file['url']))} ${text(file['hash'])}`);
    found.push({ ...poetrySource(name, source, one), version: text(one['version']), hashes });
  }
  return lockOf(found);
}

/** poetry names the kind in `source.type`; pdm writes `git`, `path` and `url` beside the name. */
function poetrySource(name: string, source: Fields, one: Fields): LockedPackage {
  const type = text(source['type']) || ['git', 'path', 'url'].find((kind) => text(one[kind]) !== '') || '';
  const url = text(source['url']) || text(one[type]);
  const isFolder = type === 'directory' || type === 'path';
  const address = isFolder ? `link:${url}` : type === 'git' ? `git+${url}` : type === 'file' ? `file:${url}` : url;
  return locked(pypiName(name), '', {
    sources: textList(type === '' ? '' : address),
    role: isFolder ? 'local' : 'package',
  });
}

/** uv.lock: each package has a source, and each of its files an address. */
export function readUv(content: string): LockAnswer {
  const toml = readToml(content);
  if (toml.kind === 'malformed') return toml;
  const packages = mapList(toml.table['package']);
  if (packages === null || toml.table['version'] === undefined) return malformed('no version or no list of packages');
  if (toml.table['version'] !== 1) return malformed('an unknown version');
  return readEach(packages, (one) => {
    const source = one['source'];
    if (!isMap(source)) return null;
    const { registry, url, git, path, directory, editable, virtual } = source;
    const folder = text(directory) || text(editable) || text(virtual);
    if (folder !== '') return { sources: [`link:${folder}`], role: 'local' };
    if (text(git) !== '') return { sources: [`git+${text(git)}`] };
    if (text(path) !== '') return { sources: [`file:${text(path)}`] };
    return { sources: textList(registry, url) };
  });
}

/** pylock.toml (PEP 751). */
export function readPylock(content: string): LockAnswer {
  const toml = readToml(content);
  if (toml.kind === 'malformed') return toml;
  const packages = mapList(toml.table['packages']);
  if (packages === null || !text(toml.table['lock-version']).startsWith('1.'))
    return malformed('no list of packages or an unknown lock-version');
  return readEach(packages, (one) => {
    const { vcs, directory, archive } = one;
    if (isMap(directory)) return { sources: [`link:${text(directory['path'])}`], role: 'local' };
    if (isMap(vcs)) return { sources: [`git+${text(vcs['url']) || text(vcs['path'])}`] };
    if (isMap(archive))
      return { sources: [text(archive['url']) || `file:${text(archive['path'])}`], hashes: hashesOf(archive, '') };
    return { sources: textList(one['index']) };
  });
}

/** Files of a package: `sdist` and `wheels`, each with an address, `hash` (uv) or `hashes` (PEP 751). */
function readEach(packages: readonly Fields[], place: (one: Fields) => Partial<LockedPackage> | null): LockAnswer {
  const found: LockedPackage[] = [];
  for (const one of packages) {
    const name = text(one['name']);
    const at = place(one);
    const files = mapList([...(one['sdist'] === undefined ? [] : [one['sdist']]), ...listed(one['wheels'])]);
    if (name === '' || at === null || files === null)
      return malformed(`a package cannot be read: ${name.slice(0, 80)}`);
    const sources = files.map(
      (file) => text(file['url']) || (text(file['path']) === '' ? '' : `file:${text(file['path'])}`),
    );
    const hashes = files.flatMap((file) =>
      hashesOf(file, text(file['name']) || fileOf(text(file['url']) || text(file['path']))),
    );
    const unhashed = files
      .filter((file) => hashesOf(file, '').length === 0)
      .map((file) => `${text(file['name']) || fileOf(text(file['url']))} none:`);
    found.push(
      locked(pypiName(name), text(one['version']), {
        ...at,
        sources: textList(...(at.sources ?? []), ...sources),
        hashes: [...(at.hashes ?? []), ...hashes, ...(hashes.length > 0 ? unhashed : [])],
      }),
    );
  }
  return lockOf(found);
}

const listed = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];
const fileOf = (address: string): string => address.replace(/[?#].*$/s, '').slice(address.lastIndexOf('/') + 1);

function hashesOf(file: Fields, name: string): readonly string[] {
  const { hash, hashes } = file;
  const all = [
    ...textList(hash),
    ...(isMap(hashes) ? Object.entries(hashes).map(([kind, sum]) => `${kind}:${text(sum)}`) : []),
  ];
  return all.map((sum) => (name === '' ? sum : `${name} ${sum}`));
}

/** Pipfile.lock: its `_meta.sources` are places to look in. */
export function readPipfile(content: string): LockAnswer {
  const lock = parseJson(content);
  if (!isMap(lock) || !isMap(lock['_meta'])) return malformed('not a JSON object with _meta');
  const places = mapList(lock['_meta']['sources']);
  if (places === null) return malformed('the sources are no list');
  const found = places.map((one) =>
    locked(`source ${text(one['name'])}`, '', { sources: [text(one['url'])], role: 'index' }),
  );
  for (const [group, packages] of Object.entries(lock)) {
    if (group === '_meta') continue;
    if (!isMap(packages)) return malformed(`${group.slice(0, 40)} is not a map`);
    for (const [name, one] of Object.entries(packages)) {
      if (!isMap(one)) return malformed(`${name.slice(0, 80)} is not a map`);
      const hashes = textList(...listed(one['hashes']));
      const { git, path, file } = one;
      const source = text(git) !== '' ? `git+${text(git)}` : text(path) !== '' ? `link:${text(path)}` : text(file);
      found.push(
        locked(pypiName(name), text(one['version']).replace(/^==/, ''), {
          sources: textList(source),
          hashes,
          role: text(path) !== '' && text(git) === '' ? 'local' : 'package',
        }),
      );
    }
  }
  return lockOf(found);
}
