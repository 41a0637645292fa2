/** What is wrong with a lockfile's change by itself: content swapped under a name, sources that were not there before. */
import { sanitizeText } from '../sanitize-text.ts';
import type { LockChange } from '../verdict.ts';
import type { LockedPackage } from './read-lock.ts';

/** A lockfile's packages at both ends; null where there is no such file. */
export interface LockPair {
  readonly path: string;
  readonly base: readonly LockedPackage[] | null;
  readonly head: readonly LockedPackage[] | null;
  /** Whether a package.json still stands beside it at head. */
  readonly manifestLeft: boolean;
}

const CHANGE_LIMIT = 100;

/** Changes of one lockfile, at most 100. Hosts that base uses in any lockfile, and `trustedHosts`, are not foreign. */
export function lockChanges(pair: LockPair, trustedHosts: ReadonlySet<string>): readonly LockChange[] {
  const { path, base, head } = pair;
  const change = (rule: LockChange['rule'], locked: LockedPackage | null, detail: string): LockChange => ({
    rule,
    path: sanitizeText(path),
    package: locked === null ? '' : `${sanitizeText(locked.name)}@${sanitizeText(locked.version)}`,
    detail: sanitizeText(detail),
  });
  if (head === null)
    return base !== null && pair.manifestLeft
      ? [change('lock/deleted', null, 'the lockfile is gone, its package.json is not')]
      : [];
  const before = new Map((base ?? []).map((one) => [`${one.name}@${one.version}`, one]));
  const same = new Set((base ?? []).map(identity));
  const changes: LockChange[] = [];
  for (const one of head) {
    if (changes.length >= CHANGE_LIMIT) break;
    if (same.has(identity(one))) continue;
    const old = before.get(`${one.name}@${one.version}`);
    if (old !== undefined && old.integrity !== '' && one.integrity !== old.integrity)
      changes.push(change('lock/integrity-changed', one, 'the same version has another content than on base'));
    const source = sourceOf(one.resolved);
    if (source.kind === 'elsewhere') changes.push(change('lock/not-from-registry', one, source.what));
    else if (source.kind === 'host' && trustedHosts.size > 0 && !trustedHosts.has(source.host))
      changes.push(change('lock/foreign-host', one, `comes from ${source.host}, which base does not use`));
    else if (source.kind === 'host' && one.integrity === '')
      changes.push(change('lock/no-integrity', one, 'has no integrity, so any content is accepted'));
  }
  return changes;
}

/** Hosts that packages of a lockfile come from. */
export function hostsOf(packages: readonly LockedPackage[]): readonly string[] {
  return packages.flatMap(({ resolved }) => {
    const source = sourceOf(resolved);
    return source.kind === 'host' ? [source.host] : [];
  });
}

const identity = ({ name, version, resolved, integrity }: LockedPackage): string =>
  JSON.stringify([name, version, resolved, integrity]);

type Source = { kind: 'none' } | { kind: 'host'; host: string } | { kind: 'elsewhere'; what: string };

function sourceOf(resolved: string): Source {
  if (resolved === '') return { kind: 'none' };
  const url = URL.parse(resolved);
  if (url?.protocol === 'https:') return { kind: 'host', host: url.host };
  if (url?.protocol === 'http:') return { kind: 'elsewhere', what: `comes over plain http from ${url.host}` };
  return { kind: 'elsewhere', what: `is installed from ${url?.protocol ?? 'a place'} and not from a registry` };
}
