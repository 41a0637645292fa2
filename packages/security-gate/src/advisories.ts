/** Advisories of head against those of base: only a (package, advisory) pair that base does not have can block. */
import semver from 'semver';
import type { FeedAdvisory, FeedQuestion } from './feed.ts';
import type { ReadLockfile } from './lock/base-index.ts';
import type { Ecosystem } from './lock/locked-package.ts';
import { pypiName } from './lock/pypi-name.ts';
import { sanitizeText } from './sanitize-text.ts';
import type { Advisory, Severity } from './verdict.ts';

/** Installed versions, by ecosystem and name. */
export type Installed = ReadonlyMap<string, ReadonlySet<string>>;

const RANK: { readonly [S in Severity]: number } = { low: 1, moderate: 2, high: 3, unknown: 3, critical: 4 };
const keyOf = (ecosystem: Ecosystem, name: string): string => `${ecosystem} ${nameIn(ecosystem, name)}`;
const nameIn = (ecosystem: Ecosystem, name: string): string => (ecosystem === 'PyPI' ? pypiName(name) : name);

/** What lockfiles install. A package of npm whose version is none is no question for a feed. */
export function installedBy(locks: Iterable<ReadLockfile>): Map<string, Set<string>> {
  const installed = new Map<string, Set<string>>();
  for (const { format, packages } of locks) {
    if (!format.isAsked) continue;
    for (const { name, version, role } of packages) {
      if (version === '' || role === 'local' || role === 'index') continue;
      if (format.ecosystem === 'npm' && semver.valid(version) === null) continue;
      const key = keyOf(format.ecosystem, name);
      installed.set(key, (installed.get(key) ?? new Set()).add(askedVersion(format.ecosystem, version)));
    }
  }
  return installed;
}

/** Go's advisories leave the `v` out; a gem's version carries its platform behind it. */
function askedVersion(ecosystem: Ecosystem, version: string): string {
  if (ecosystem === 'Go') return version.replace(/^v/, '').replace(/\+incompatible$/, '');
  return ecosystem === 'RubyGems' ? version.replace(/-.*$/, '') : version;
}

/** All versions of both ends for every package that head installs. */
export function questionsOf(before: Installed, after: Installed): FeedQuestion[] {
  return [...after].map(([key, versions]) => ({
    ecosystem: ecosystemOf(key),
    name: key.slice(key.indexOf(' ') + 1),
    versions: [...new Set([...versions, ...(before.get(key) ?? [])])],
  }));
}

/** How many package versions of an ecosystem head installs and base does not. */
export function addedTo(ecosystem: Ecosystem, before: Installed, after: Installed): number {
  const own = [...after].filter(([key]) => ecosystemOf(key) === ecosystem);
  return own.reduce(
    (sum, [key, versions]) => sum + [...versions].filter((one) => before.get(key)?.has(one) !== true).length,
    0,
  );
}

const ecosystemOf = (key: string): Ecosystem => key.slice(0, key.indexOf(' ')) as Ecosystem;

export interface SortedAdvisories {
  readonly introduced: readonly Advisory[];
  readonly preexisting: readonly Advisory[];
  readonly belowThreshold: readonly Advisory[];
}

/** Sorts what a feed said. Entries that share a name are one advisory, and the worst severity among them counts. */
export function sortAdvisories(
  advisories: readonly FeedAdvisory[],
  sides: { readonly before: Installed; readonly after: Installed; readonly minSeverity: Severity },
): SortedAdvisories {
  const sorted = { introduced: [] as Advisory[], preexisting: [] as Advisory[], belowThreshold: [] as Advisory[] };
  for (const group of groups(advisories)) {
    const versions = [...new Set(group.flatMap((one) => hits(one, sides.after)))];
    const first = group.find((one) => hits(one, sides.after).length > 0);
    if (first === undefined) continue;
    const severity = worst(group);
    const isOld = group.some((one) => hits(one, sides.before).length > 0);
    const list = isOld
      ? sorted.preexisting
      : RANK[severity] < RANK[sides.minSeverity]
        ? sorted.belowThreshold
        : sorted.introduced;
    list.push(
      toAdvisory(first, {
        versions,
        severity,
        names: [...new Set(group.flatMap(({ id, aliases }) => [id, ...aliases]))],
      }),
    );
  }
  return sorted;
}

function hits(one: FeedAdvisory, installed: Installed): string[] {
  const versions = [...(installed.get(keyOf(one.ecosystem ?? 'npm', one.package)) ?? [])];
  const { versions: named } = one;
  if (named !== undefined) return versions.filter((version) => named.includes(version));
  return versions.filter((version) => semver.satisfies(version, one.vulnerableVersions, { includePrerelease: true }));
}

/** An advisory goes by several names; one in common makes two entries the same for a package. */
function groups(advisories: readonly FeedAdvisory[]): FeedAdvisory[][] {
  const byName = new Map<string, FeedAdvisory[]>();
  for (const one of advisories) {
    const names = [one.id, ...one.aliases].map((alias) => `${keyOf(one.ecosystem ?? 'npm', one.package)} ${alias}`);
    const joined = new Set(names.flatMap((name) => byName.get(name) ?? []));
    const group = [...joined, one];
    for (const member of group)
      for (const alias of [member.id, ...member.aliases])
        byName.set(`${keyOf(one.ecosystem ?? 'npm', one.package)} ${alias}`, group);
  }
  return [...new Set(byName.values())];
}

/** A known severity says more than an unknown one. */
const worst = (group: readonly FeedAdvisory[]): Severity =>
  group.reduce<Severity>(
    (most, { severity }) =>
      most === 'unknown' || (severity !== 'unknown' && RANK[severity] > RANK[most]) ? severity : most,
    'unknown',
  );

const toAdvisory = (
  one: FeedAdvisory,
  more: { readonly versions: readonly string[]; readonly severity: Severity; readonly names: readonly string[] },
): Advisory => ({
  id: sanitizeText(one.id),
  aliases: more.names.filter((name) => name !== one.id).map(sanitizeText),
  package: sanitizeText(one.package),
  versions: more.versions,
  severity: more.severity,
  title: sanitizeText(one.title ?? ''),
  url: sanitizeText(one.url ?? ''),
});
