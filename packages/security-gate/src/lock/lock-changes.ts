/**
 * Lock hygiene: what is wrong with a lockfile's change by itself, content swapped under a name, sources that were not there before,
 * archives of another package, scripts that would run. Only entries that no lockfile of base has are looked at.
 */
import type { LockChange } from '../verdict.ts';
import { namesOther } from './artifact-name.ts';
import type { BaseIndex, ReadLockfile } from './base-index.ts';
import { compareHashes, strengthOf } from './hashes.ts';
import type { LockedPackage } from './locked-package.ts';
import { shownText } from './shown-text.ts';
import { type Source, sourceOf } from './source.ts';

const CHANGE_LIMIT = 100;
type Fault = readonly [rule: LockChange['rule'], detail: string];

/** Changes of one lockfile, at most 100; packages with the same fault share one. */
export function lockChanges(lock: ReadLockfile, base: BaseIndex): readonly LockChange[] {
  const usesHashes = lock.packages.some(({ hashes }) => hashes.length > 0);
  const faults = new Map<string, { readonly fault: Fault; readonly names: string[] }>();
  for (const one of lock.packages) {
    if (base.has(one, lock.folder)) continue;
    for (const fault of faultsOf(one, { lock, base, usesHashes })) {
      const key = JSON.stringify(fault);
      const known = faults.get(key);
      if (known !== undefined) known.names.push(nameOf(one));
      else if (faults.size < CHANGE_LIMIT) faults.set(key, { fault, names: [nameOf(one)] });
    }
  }
  return [...faults.values()].map(({ fault: [rule, detail], names }) => ({
    rule,
    path: shownText(lock.path),
    package: shownText(names[0] ?? ''),
    detail: shownText(names.length > 1 ? `${detail} (and ${names.length - 1} more like it)` : detail),
  }));
}

const nameOf = ({ name, version }: LockedPackage): string => (version === '' ? name : `${name}@${version}`);

interface Ground {
  readonly lock: ReadLockfile;
  readonly base: BaseIndex;
  readonly usesHashes: boolean;
}

function faultsOf(one: LockedPackage, ground: Ground): readonly Fault[] {
  const sources = one.sources.map((address) => sourceOf(address, ground.lock.folder));
  const faults = [
    ...contentFaults(one, sources, ground),
    ...sources.flatMap((source) => sourceFaults(one, source, ground)),
  ];
  const isElsewhere = sources.some(({ kind }) => kind === 'elsewhere');
  if (!isElsewhere && one.role === 'package' && lacksHash(one, ground))
    faults.push(['lock/no-integrity', 'has no integrity, so any content is accepted']);
  if (one.hasScript) faults.push(...scriptFaults(one, ground));
  return faults;
}

/** The same version must have the same content, wherever base has it. */
function contentFaults(one: LockedPackage, sources: readonly Source[], { lock, base }: Ground): Fault[] {
  if (one.role !== 'package') return [];
  const { format } = lock;
  const twins = one.version === '' ? [] : base.sameVersion(one);
  const changes = twins.map((twin) => {
    const change = compareHashes(twin.one.hashes, one.hashes);
    const isSameFormat = twin.format === format.id;
    if (change === 'stronger' && !sources.every((source) => source.kind === 'host' && base.isPublic(source.url.host)))
      return twin.one.hashes.length > 0 && one.sources.length > 0 ? 'changed' : 'same';
    return isSameFormat || change === 'changed' ? change : 'same';
  });
  if (changes.length > 0 && changes.every((change) => change === 'changed' || change === 'other-files'))
    return [['lock/integrity-changed', 'the same version has another content than on base']];
  if (changes.length > 0 && changes.every((change) => change === 'weaker'))
    return [['lock/integrity-changed', 'the same version has lost the integrity that it has on base, or a part of it']];
  const strengths = base
    .sameName(one.name, format.id)
    .map(({ hashes }) => strengthOf(hashes))
    .filter((some) => some > 0);
  const strength = strengthOf(one.hashes);
  if (strength > 0 && strengths.length > 0 && strengths.every((some) => some > strength))
    return [['lock/weak-integrity', 'has a weaker kind of integrity than its other versions on base']];
  return [];
}

function sourceFaults(one: LockedPackage, source: Source, { lock, base }: Ground): Fault[] {
  switch (source.kind) {
    case 'inside':
      return [];
    case 'outside':
      return [['lock/link-outside', `points at ${source.path}, which is outside the repository`]];
    case 'elsewhere':
      return [['lock/not-from-registry', source.what]];
    case 'host': {
      const moved = movedFrom(one, source.place, { lock, base });
      if (moved !== null) return [['lock/other-package', `comes from ${source.place}, on base it comes from ${moved}`]];
      const isOpen = lock.format.ecosystem === 'Packagist' && source.place.startsWith('github.com/');
      if (!isOpen && !base.trusts(source.place) && !base.trusts(source.url.host))
        return [['lock/foreign-host', `comes from ${source.place}, which base does not use`]];
      if (one.role === 'index') return [];
      const { ecosystem } = lock.format;
      const other = namesOther(one, { ecosystem, url: source.url, isPublic: base.isPublic(source.url.host) });
      return other === null ? [] : [['lock/other-package', other]];
    }
  }
}

/** On a host that anybody can fill, a known package stays with its repository. */
function movedFrom(one: LockedPackage, place: string, { lock, base }: Omit<Ground, 'usesHashes'>): string | null {
  if (!place.includes('/')) return null;
  const before = base
    .sameName(one.name, lock.format.id)
    .flatMap(({ sources }) => sources.map((address) => sourceOf(address, lock.folder)))
    .flatMap((source) => (source.kind === 'host' && source.place.includes('/') ? [source.place] : []));
  return before.length === 0 || before.includes(place) ? null : (before[0] ?? null);
}

function lacksHash({ hashes }: LockedPackage, { lock, usesHashes }: Ground): boolean {
  if (lock.format.hashes === 'never') return false;
  const isBare = hashes.length === 0 || hashes.some((hash) => hash.endsWith(' none:'));
  return isBare && (lock.format.hashes === 'always' || usesHashes);
}

/** A known package that begins to run a script is how stolen accounts spread; a new one with a script is said. */
function scriptFaults(one: LockedPackage, { lock, base }: Ground): Fault[] {
  const before = base.sameName(one.name, lock.format.id);
  if (before.some(({ hasScript }) => hasScript)) return [];
  return before.length > 0
    ? [['lock/install-script', 'runs a script when it is installed, which no version on base does']]
    : [['lock/new-install-script', 'is new and runs a script when it is installed']];
}
