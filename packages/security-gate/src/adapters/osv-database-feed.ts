/**
 * OSV without a network: `DIR/ECOSYSTEM/all.zip`, as the OSV project publishes them. A database without its canary, or
 * whose newest record is old, is blind.
 */
import { join } from 'node:path';
import type { FeedAdvisory, FeedAnswer, FeedGap, FeedPort, FeedQuestion } from '../feed.ts';
import { CANARIES, type Canary, missingCanaries } from '../feeds/canaries.ts';
import { readOsvRecord } from '../feeds/osv-record.ts';
import { ECOSYSTEMS } from '../lock/formats.ts';
import type { Ecosystem } from '../lock/locked-package.ts';
import type { DatabaseAnswer, DatabaseTask } from '../worker/osv-database.ts';
import { startWorker } from './worker-thread.ts';

/** Where the database is and how old it may be. */
export interface OsvDatabaseOptions {
  /** The folder that holds `npm/all.zip`, `PyPI/all.zip` and so on. */
  readonly dir: string;
  /** The newest record of an archive may be this old; default 7 days. */
  readonly maxAgeMs?: number;
  /** Package versions that must come back vulnerable; default: a well-known one of each ecosystem. */
  readonly canaries?: readonly Canary[];
}

const WEEK_MS = 7 * 24 * 3_600_000;

/** A feed for every ecosystem that the folder has an archive of; the others are gaps. */
export function osvDatabaseFeed(options: OsvDatabaseOptions): FeedPort {
  return {
    name: 'OSV database',
    ecosystems: ECOSYSTEMS,
    query: (packages, signal) => query(options, packages, signal),
  };
}

async function query(
  options: OsvDatabaseOptions,
  packages: readonly FeedQuestion[],
  signal: AbortSignal,
): Promise<FeedAnswer> {
  const worker = startWorker<DatabaseTask, DatabaseAnswer>(signal);
  const advisories: FeedAdvisory[] = [];
  const gaps: FeedGap[] = [];
  const asked = Map.groupBy(packages, ({ ecosystem = 'npm' }) => ecosystem);
  try {
    for (const [ecosystem, about] of asked) {
      const found = await search(options, { ecosystem, about }, worker.ask);
      if ('reason' in found) gaps.push({ ecosystem, ...found });
      else advisories.push(...found.advisories);
    }
  } finally {
    await worker.close();
  }
  const [first] = gaps;
  if (first !== undefined && gaps.length === asked.size) return { kind: first.kind, reason: first.reason };
  return { kind: 'ok', advisories, gaps };
}

type Found = { readonly advisories: readonly FeedAdvisory[] } | Pick<FeedGap, 'kind' | 'reason'>;

async function search(
  { dir, maxAgeMs = WEEK_MS, canaries = CANARIES }: OsvDatabaseOptions,
  { ecosystem, about }: { readonly ecosystem: Ecosystem; readonly about: readonly FeedQuestion[] },
  ask: ReturnType<typeof startWorker<DatabaseTask, DatabaseAnswer>>['ask'],
): Promise<Found> {
  const own = canaries.filter((canary) => canary.ecosystem === ecosystem);
  const wanted = new Map<string, Set<string>>();
  for (const { name, versions } of [...about, ...own.map(({ name, version }) => ({ name, versions: [version] }))])
    wanted.set(name, new Set([...(wanted.get(name) ?? []), ...versions]));
  const packages = [...wanted].map(([name, versions]) => ({ name, versions: [...versions] }));
  const answer = await ask({ kind: 'osv-database', file: join(dir, ecosystem, 'all.zip'), ecosystem, packages });
  if (answer.kind === 'engine-failed') return { kind: 'unreachable', reason: answer.reason };
  if (answer.kind !== 'records') return answer;
  const advisories: FeedAdvisory[] = [];
  for (const { name, versions, record } of answer.hits) {
    const read = readOsvRecord(record);
    if (read === null) return { kind: 'malformed', reason: 'a record without an id' };
    const { id, aliases, severity, title, url, isWithdrawn } = read;
    if (!isWithdrawn)
      advisories.push({
        id,
        aliases,
        severity,
        title,
        url,
        ecosystem,
        package: name,
        vulnerableVersions: '',
        versions,
      });
  }
  if (missingCanaries(own, advisories).length > 0)
    return { kind: 'malformed', reason: `the database of ${ecosystem} does not know its canary` };
  const ageMs = Date.now() - Date.parse(answer.newest);
  if (!(ageMs <= maxAgeMs))
    return {
      kind: 'malformed',
      reason: `the newest record of ${ecosystem} is ${Math.floor(ageMs / 86_400_000)} days old`,
    };
  return { advisories };
}
