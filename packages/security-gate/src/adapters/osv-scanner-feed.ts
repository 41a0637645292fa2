/**
 * osv-scanner as a feed. It is given a list of packages that we wrote in its own format, and a configuration of ours, so
 * that no `osv-scanner.toml` of anybody is read.
 */
import type { FeedAdvisory, FeedAnswer, FeedPort, FeedQuestion } from '../feed.ts';
import { believed, CANARIES, type Canary, canariesFor } from '../feeds/canaries.ts';
import { readOsvRecord } from '../feeds/osv-record.ts';
import { ECOSYSTEMS } from '../lock/formats.ts';
import { type Ecosystem, type Fields, isMap, mapList, text } from '../lock/locked-package.ts';
import { runAdvisoryTool } from './advisory-tool.ts';

/** How osv-scanner is run. */
export interface OsvScannerOptions {
  /** The program; default `osv-scanner`. */
  readonly command?: string;
  /** A local database instead of the service: the folder that holds `osv-scanner/ECOSYSTEM/all.zip`. */
  readonly databaseDir?: string;
  /** Package versions that it must report; default: a well-known one of each ecosystem. */
  readonly canaries?: readonly Canary[];
  /** For one run, in ms; default 60,000. */
  readonly timeoutMs?: number;
}

const ARGS = 'scan source --config config.toml --format json'.split(' ');
const malformed = (reason: string): FeedAnswer => ({ kind: 'malformed', reason });

/** A feed for every ecosystem. */
export function osvScannerFeed(options: OsvScannerOptions = {}): FeedPort {
  return { name: 'osv-scanner', ecosystems: ECOSYSTEMS, query: (packages, signal) => query(options, packages, signal) };
}

async function query(
  options: OsvScannerOptions,
  packages: readonly FeedQuestion[],
  signal: AbortSignal,
): Promise<FeedAnswer> {
  const { command = 'osv-scanner', databaseDir, timeoutMs = 60_000 } = options;
  const canaries = canariesFor(packages, options.canaries ?? CANARIES);
  const asked = [
    ...packages.flatMap(({ ecosystem = 'npm', name, versions }) =>
      versions.map((version) => ({ name, version, ecosystem })),
    ),
    ...canaries,
  ];
  const list = { results: [{ packages: asked.map((one) => ({ package: one })) }] };
  const offline = databaseDir === undefined ? [] : ['--offline', '--offline-vulnerabilities'];
  const answer = await runAdvisoryTool({
    command,
    args: [...ARGS, ...offline, '--lockfile', 'osv-scanner:packages.json'],
    files: { 'packages.json': JSON.stringify(list), 'config.toml': '' },
    ...(databaseDir === undefined ? {} : { env: { OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY: databaseDir } }),
    accept: [0, 1],
    timeoutMs,
    signal,
  });
  if (answer.kind !== 'report') return answer;
  const read = readReport(answer.value);
  if (typeof read === 'string') return malformed(read);
  return believed(canaries, read);
}

/** Only packages with vulnerabilities are in a report, so the canaries alone say whether it is whole. */
function readReport(value: unknown): FeedAdvisory[] | string {
  const results = isMap(value) ? mapList(value['results']) : null;
  if (results === null) return 'the report has no list of results';
  const found: FeedAdvisory[] = [];
  for (const result of results)
    for (const entry of mapList(result['packages']) ?? []) {
      const fault = readEntry(entry, found);
      if (fault !== null) return fault;
    }
  return found;
}

function readEntry(entry: Fields, found: FeedAdvisory[]): string | null {
  const one = entry['package'];
  const vulns = mapList(entry['vulnerabilities']);
  if (!isMap(one) || vulns === null) return 'a package that cannot be read';
  const ecosystem = ECOSYSTEMS.find((known) => known === text(one['ecosystem']));
  if (ecosystem === undefined) return 'a package of an unknown ecosystem';
  for (const vuln of vulns) {
    const record = readOsvRecord(vuln);
    if (record === null) return 'a vulnerability that cannot be read';
    if (record.isWithdrawn) continue;
    const { id, aliases, severity, title, url } = record;
    found.push({
      id,
      aliases,
      severity,
      title,
      url,
      ecosystem: ecosystem satisfies Ecosystem,
      package: text(one['name']),
      vulnerableVersions: '',
      versions: [text(one['version'])],
    });
  }
  return null;
}
