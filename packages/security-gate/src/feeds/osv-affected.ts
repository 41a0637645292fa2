/** Whether a version is affected, as the OSV format defines it: it is listed, or lies in a range between events. */
import semver from 'semver';
import { type Ecosystem, type Fields, isMap, mapList, text } from '../lock/locked-package.ts';
import { pypiName } from '../lock/pypi-name.ts';

/** Whether a record is about a version of a package. Ranges of git commits say nothing about versions. */
export function isAffected(
  record: Fields,
  { ecosystem, name, version }: { readonly ecosystem: Ecosystem; readonly name: string; readonly version: string },
): boolean {
  return (mapList(record['affected']) ?? []).some((one) => {
    const about = one['package'];
    if (!isMap(about) || text(about['ecosystem']).split(':')[0] !== ecosystem) return false;
    const same = ecosystem === 'PyPI' ? pypiName(text(about['name'])) === pypiName(name) : text(about['name']) === name;
    if (!same) return false;
    const listed = Array.isArray(one['versions']) ? one['versions'] : [];
    if (listed.includes(version)) return true;
    return (mapList(one['ranges']) ?? []).some((range) => inRange(range, version));
  });
}

/** The events of a range in their order: the last one at or before the version decides. */
function inRange(range: Fields, version: string): boolean {
  const type = text(range['type']);
  if (type !== 'SEMVER' && type !== 'ECOSYSTEM') return false;
  const events = (mapList(range['events']) ?? []).flatMap((event) =>
    (['introduced', 'fixed', 'last_affected'] as const).flatMap((kind) =>
      text(event[kind]) === '' ? [] : [{ kind, at: text(event[kind]) }],
    ),
  );
  events.sort((a, b) => compareVersions(a.at, b.at));
  let affected = false;
  for (const { kind, at } of events) {
    const order = at === '0' ? -1 : compareVersions(at, version);
    if (kind === 'introduced' && order <= 0) affected = true;
    if (kind === 'fixed' && order <= 0) affected = false;
    if (kind === 'last_affected' && order < 0) affected = false;
  }
  return affected;
}

/** Semantic versions by their rule. Others number by number: `1.0rc1`, `1.0` and `1.0.RELEASE`, `1.0.post1`, `1.0.1`. */
export function compareVersions(left: string, right: string): number {
  if (left === right) return 0;
  if (left === '0' || right === '0') return left === '0' ? -1 : 1;
  if (semver.valid(left) !== null && semver.valid(right) !== null) return semver.compare(left, right);
  const [a, b] = [partsOf(left), partsOf(right)];
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const [one, other] = [a[at] ?? '0', b[at] ?? '0'];
    if (one === other) continue;
    const [number, word] = [/^\d+$/.test(one), /^\d+$/.test(other)];
    if (number && word) {
      const order = Number(one) - Number(other);
      if (order !== 0) return order;
    } else if (number !== word) return number ? 1 : -1;
    else return one < other ? -1 : 1;
  }
  return 0;
}

const partsOf = (version: string): readonly string[] =>
  version
    .toLowerCase()
    .replace(/^v/, '')
    .replace(/\+.*$/, '')
    .replace(/[.-]?(?:final|ga|release)\b/g, '')
    .replace(/[.-]?(?:post|patch|sp|rev)(?=[.-]?\d)/g, '.0.')
    .match(/\d+|[a-z]+/g) ?? [];
