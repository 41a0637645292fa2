/** yarn.lock: the first version has a syntax of its own, later ones are YAML and have `__metadata`. */
import { readYaml } from '../../adapters/yaml.ts';
import {
  isMap,
  type LockAnswer,
  type LockedPackage,
  locked,
  lockOf,
  malformed,
  text,
  textList,
} from '../locked-package.ts';

export const readYarn = (content: string): LockAnswer =>
  /^["']?__metadata["']?\s*:/m.test(content) ? readBerry(content) : readClassic(content);

interface Entry {
  readonly patterns: readonly string[];
  readonly fields: Map<string, string>;
}

function readClassic(content: string): LockAnswer {
  const found: LockedPackage[] = [];
  const seen = new Set<string>();
  let entry: Entry | null = null;
  let number = 0;
  for (const line of content.split('\n')) {
    number += 1;
    if (/^\s*(?:#.*)?$/.test(line)) continue;
    const head = /^(\S.*):$/.exec(line);
    if (head !== null) {
      if (entry !== null) found.push(classicPackage(entry));
      entry = { patterns: (head[1] ?? '').split(/,\s*/).map(unquote), fields: new Map() };
      for (const pattern of entry.patterns) {
        if (pattern.indexOf('@', 1) === -1) return malformed(`line ${number} names no package and range`);
        if (seen.has(pattern)) return malformed(`${pattern.slice(0, 80)} stands twice`);
        seen.add(pattern);
      }
      continue;
    }
    const field = /^ {2}(\S+?)(?::|\s+(.+))$/.exec(line);
    if (entry === null || (field === null && !/^ {4,}\S/.test(line))) return malformed(`line ${number} cannot be read`);
    const [, key = '', value] = field ?? [];
    if (value === undefined) continue;
    if (entry.fields.has(key)) return malformed(`line ${number} gives ${key.slice(0, 40)} a second time`);
    entry.fields.set(key, unquote(value.trim()));
  }
  if (entry !== null) found.push(classicPackage(entry));
  const nameless = found.find(({ version }) => version === '');
  if (nameless !== undefined) return malformed(`${nameless.name.slice(0, 80)} has no version`);
  return found.length === 0 && !/yarn lockfile v1/.test(content)
    ? malformed('no entry of a yarn lockfile')
    : lockOf(found);
}

const unquote = (some: string): string => (/^".*"$/s.test(some) ? some.slice(1, -1) : some);

function classicPackage({ patterns, fields }: Entry): LockedPackage {
  const { name, range } = splitPattern(patterns[0] ?? '');
  const [address = '', hash = ''] = (fields.get('resolved') ?? '').split('#', 2);
  const alias = /^npm:((?:@[^/@]+\/)?[^@]+)(?:@|$)/.exec(range)?.[1];
  const sum = fields.get('integrity')?.split(/\s+/) ?? [];
  const isGit = /^git|\.git$|^ssh:/.test(address);
  const isFolder = address === '' && /^(?:file|link|portal):/.test(range);
  return locked(alias ?? name, fields.get('version') ?? '', {
    sources: isFolder
      ? [`link:${range.replace(/^\w+:/, '')}`]
      : textList(isGit && !address.startsWith('git') ? `git+${address}` : address),
    hashes: sum.length > 0 ? sum : textList(hash === '' ? '' : isGit ? `commit:${hash}` : `sha1:${hash}`),
    role: isFolder ? 'local' : 'package',
  });
}

/** `name@range`, where the name may have a scope. */
function splitPattern(pattern: string): { readonly name: string; readonly range: string } {
  const at = pattern.indexOf('@', 1);
  return at === -1 ? { name: pattern, range: '' } : { name: pattern.slice(0, at), range: pattern.slice(at + 1) };
}

function readBerry(content: string): LockAnswer {
  const yaml = readYaml(content);
  if (yaml.kind === 'malformed') return yaml;
  const lock = yaml.documents[0];
  if (yaml.documents.length !== 1 || !isMap(lock)) return malformed('not one YAML map');
  const meta = lock['__metadata'];
  if (!isMap(meta) || !/^\d{1,2}$/.test(text(meta['version']))) return malformed('an unknown version in __metadata');
  const found: LockedPackage[] = [];
  const members: string[] = [];
  for (const [key, entry] of Object.entries(lock)) {
    if (key === '__metadata') continue;
    const resolution = isMap(entry) ? text(entry['resolution']) : '';
    if (!isMap(entry) || resolution === '') return malformed(`${key.slice(0, 80)} has no resolution`);
    const checksum = text(entry['checksum']).replace(/^(.*)\/(.*)$/, 'yarn-$1:$2');
    const hashes = textList(checksum === '' || checksum.includes(':') ? checksum : `yarn:${checksum}`);
    const one = berryPackage(resolution);
    const isOnlySomewhere = hashes.length === 0 && text(entry['conditions']) !== '';
    if (resolution.includes('@workspace:')) members.push(resolution.replace(/^.*@workspace:/s, ''));
    found.push({ ...one, version: text(entry['version']), hashes: isOnlySomewhere ? ['platform:unfetched'] : hashes });
  }
  return lockOf(found, { members });
}

/** A locator: `name@npm:1.0.0`, `@workspace:`, `@patch:`, an address, … with parameters after `::`. */
function berryPackage(resolution: string): LockedPackage {
  const { name, range } = splitPattern(resolution);
  const [reference = '', parameters = ''] = range.split('::', 2);
  const archive = new URLSearchParams(parameters).get('__archiveUrl');
  if (reference.startsWith('npm:')) return locked(name, '', { sources: textList(archive ?? '') });
  if (reference.startsWith('workspace:'))
    return locked(name, '', { sources: [`link:${reference.slice(10)}`], role: 'local' });
  const folder = /^(?:link|portal):(.*)$/s.exec(reference)?.[1];
  if (folder !== undefined) return locked(name, '', { sources: [`link:${folder}`], role: 'local' });
  if (reference.startsWith('patch:')) return patched(name, reference);
  const isGit = /\.git(?:#|$)|^git|^ssh:|#commit=/.test(reference);
  return locked(name, '', { sources: [isGit && !reference.startsWith('git') ? `git+${reference}` : reference] });
}

/** `patch:name@npm%3A1.0.0#PATCH`: the package itself under a patch that stands in the repository or in yarn. */
function patched(name: string, reference: string): LockedPackage {
  const inner = splitPattern(decode(reference.slice('patch:'.length).split('#', 1)[0] ?? ''));
  const isPlain = inner.name === name && /^npm:[^/]*$/.test(inner.range);
  return locked(name, '', { sources: isPlain ? [] : [`patch:${reference.slice(6)}`] });
}

const decode = (some: string): string =>
  URL.parse(`x:${some}`) === null ? some : some.replace(/%3A/gi, ':').replace(/%2F/gi, '/').replace(/%40/g, '@');
