/** A lockfile against those of base, without a repository. */
import { indexBase, type ReadLockfile } from '../src/lock/base-index.ts';
import { folderOf, formatOf } from '../src/lock/formats.ts';
import { lockChanges } from '../src/lock/lock-changes.ts';
import { readLock } from '../src/lock/read-lock.ts';
import { SRI } from './lock-samples.ts';

export const OTHER = `sha512-${'B'.repeat(86)}==`;
export const PUBLIC = 'https://registry.npmjs.org';

function lockAt(path: string, text: string): ReadLockfile {
  const format = formatOf(path);
  if (format === null) throw new Error(`${path} has no reader`);
  const answer = readLock(new TextEncoder().encode(text), format.id);
  if (answer.kind === 'malformed') throw new Error(`${path}: ${answer.reason}`);
  return { path, folder: folderOf(path), format, packages: answer.packages };
}

/** Rules of the faults that a lockfile has against base's lockfiles. */
export function faults(
  head: readonly [path: string, text: string],
  ...base: (readonly [path: string, text: string])[]
) {
  const lock = lockAt(...head);
  const index = indexBase(
    base.map((one) => lockAt(...one)),
    lock.format.ecosystem,
    new Set(),
  );
  return lockChanges(lock, index).map(({ rule }) => rule);
}

export interface NpmEntry {
  readonly [key: string]: unknown;
}
export const npm = (packages: { readonly [place: string]: NpmEntry }): string =>
  JSON.stringify({ lockfileVersion: 3, packages: { '': {}, ...packages } });
export const entry = (name: string, version: string, more: NpmEntry = {}): NpmEntry => ({
  version,
  resolved: `${PUBLIC}/${name}/-/${name}-${version}.tgz`,
  integrity: SRI,
  ...more,
});
export const GOOD = { 'node_modules/good': entry('good', '1.0.0') };
export const NPM = 'package-lock.json';
