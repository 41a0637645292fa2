/** A local database of OSV records (`ECOSYSTEM/all.zip`), looked through in the worker thread: it has hundreds of thousands. */
import { parseJson } from '../adapters/json.ts';
import { readWhole } from '../adapters/whole-file.ts';
import { zipContent, zipEntries } from '../adapters/zip.ts';
import { isAffected } from '../feeds/osv-affected.ts';
import { type Ecosystem, isMap } from '../lock/locked-package.ts';
import { pypiName } from '../lock/pypi-name.ts';

/** Which records of one archive are about these package versions. */
export interface DatabaseTask {
  readonly kind: 'osv-database';
  readonly file: string;
  readonly ecosystem: Ecosystem;
  readonly packages: readonly { readonly name: string; readonly versions: readonly string[] }[];
}

/** Records with what they hit, and when the newest record of the whole archive was changed. */
export type DatabaseAnswer =
  | {
      readonly kind: 'records';
      readonly newest: string;
      readonly hits: readonly {
        readonly name: string;
        readonly versions: readonly string[];
        readonly record: unknown;
      }[];
    }
  | { readonly kind: 'unreachable' | 'malformed'; readonly reason: string };

const malformed = (reason: string): DatabaseAnswer => ({ kind: 'malformed', reason });

/** Every entry must be readable: a record that was skipped would read as none. */
export function searchDatabase({ file, ecosystem, packages }: DatabaseTask): DatabaseAnswer {
  const zip = readWhole(file);
  if (typeof zip === 'string') return { kind: 'unreachable', reason: zip };
  const entries = zipEntries(zip);
  if (entries === null) return malformed('the database is no whole zip archive');
  const asked = new Map(packages.map((one) => [keyOf(ecosystem, one.name), one]));
  const hits: { name: string; versions: readonly string[]; record: unknown }[] = [];
  let newest = '';
  for (const entry of entries) {
    if (!entry.name.endsWith('.json')) continue;
    const content = zipContent(zip, entry)?.toString('utf8');
    const modified = /"modified"\s*:\s*"([^"]+)"/.exec(content ?? '')?.[1];
    if (content === undefined || modified === undefined) return malformed(`${entry.name.slice(0, 80)} cannot be read`);
    if (modified > newest) newest = modified;
    const names = new Set(
      [...content.matchAll(/"name"\s*:\s*"([^"\\]+)"/g)].map((match) => keyOf(ecosystem, match[1] ?? '')),
    );
    const about = [...names].flatMap((name) => asked.get(name) ?? []);
    if (about.length === 0) continue;
    const record = parseJson(content);
    if (!isMap(record)) return malformed(`${entry.name.slice(0, 80)} is no record`);
    for (const { name, versions } of about) {
      const affected = versions.filter((version) => isAffected(record, { ecosystem, name, version }));
      if (affected.length > 0) hits.push({ name, versions: affected, record });
    }
  }
  return { kind: 'records', newest, hits };
}

const keyOf = (ecosystem: Ecosystem, name: string): string => (ecosystem === 'PyPI' ? pypiName(name) : name);
