/** What base has of one ecosystem, by the questions that a new entry of a lockfile is asked. */
import type { Format, FormatId } from './formats.ts';
import { PUBLIC_HOSTS } from './formats.ts';
import type { Ecosystem, LockedPackage } from './locked-package.ts';
import { sourceOf } from './source.ts';

/** A lockfile that was read. */
export interface ReadLockfile {
  readonly path: string;
  readonly folder: string;
  readonly format: Format;
  readonly packages: readonly LockedPackage[];
}

export interface BasePackage {
  readonly one: LockedPackage;
  readonly format: FormatId;
}

export interface BaseIndex {
  has(one: LockedPackage, folder: string): boolean;
  /** The same name and version, in any lockfile. */
  sameVersion(one: LockedPackage): readonly BasePackage[];
  /** The same name in lockfiles of a format. */
  sameName(name: string, format: FormatId): readonly LockedPackage[];
  /** Whether packages may come from a place: base uses it, the operator named it, or nothing says otherwise. */
  trusts(place: string): boolean;
  isPublic(host: string): boolean;
}

/** `trusted` are hosts that the operator or base's own configuration names. */
export function indexBase(
  locks: readonly ReadLockfile[],
  ecosystem: Ecosystem,
  trusted: ReadonlySet<string>,
): BaseIndex {
  const related = locks.filter(({ format }) => format.ecosystem === ecosystem);
  const identities = new Set<string>();
  const versions = new Map<string, BasePackage[]>();
  const names = new Map<string, LockedPackage[]>();
  const places = new Set<string>();
  for (const lock of related)
    for (const one of lock.packages) {
      identities.add(identity(one, lock.folder));
      grow(versions, `${one.name} ${one.version}`, { one, format: lock.format.id });
      grow(names, `${lock.format.id} ${one.name}`, one);
      for (const address of one.sources) {
        const source = sourceOf(address, lock.folder);
        if (source.kind === 'host') places.add(source.place);
      }
    }
  const publicHosts = new Set(PUBLIC_HOSTS[ecosystem]);
  // A base that fetches everything from hosts of its own must not be led to the public registry.
  const allowsPublic = places.size === 0 || [...places].some((place) => publicHosts.has(place));
  return {
    has: (one, folder) => identities.has(identity(one, folder)),
    sameVersion: ({ name, version }) => versions.get(`${name} ${version}`) ?? [],
    sameName: (name, id) => names.get(`${id} ${name}`) ?? [],
    trusts: (place) => places.has(place) || trusted.has(place) || (allowsPublic && publicHosts.has(place)),
    isPublic: (host) => publicHosts.has(host),
  };
}

function grow<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/** A path means something only from where its lockfile stands. */
const identity = ({ name, version, sources, hashes, hasScript }: LockedPackage, folder: string): string =>
  JSON.stringify([name, version, sources, hashes, hasScript, sources.some(isRelative) ? folder : '']);

const isRelative = (address: string): boolean => !/^[a-z][a-z0-9+.-]*:\/\//i.test(address);
