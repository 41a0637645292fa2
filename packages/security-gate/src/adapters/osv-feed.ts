/**
 * OSV over HTTP: `POST /v1/querybatch` names the vulnerabilities of each package version, `GET /v1/vulns/ID` tells about
 * one. Each batch carries a canary of every ecosystem in it; an ecosystem whose canary does not come back is a gap.
 */
import type { FeedAdvisory, FeedAnswer, FeedPort, FeedQuestion } from '../feed.ts';
import { believed, CANARIES, type Canary, canariesFor } from '../feeds/canaries.ts';
import { type OsvRecord, readOsvRecord } from '../feeds/osv-record.ts';
import { ECOSYSTEMS } from '../lock/formats.ts';
import { type Ecosystem, isMap, mapList, text } from '../lock/locked-package.ts';
import { exchangeJson } from './http-json.ts';

/** How an OSV service is asked. */
export interface OsvOptions {
  /** Address of the service, for example `https://api.osv.dev`. */
  readonly url: string;
  /** Package versions that must come back vulnerable; default: a well-known one of each ecosystem. */
  readonly canaries?: readonly Canary[];
  /** For one request, in ms; default 15,000. */
  readonly timeoutMs?: number;
  /** Bytes of one answer; default 16 MiB. */
  readonly limitBytes?: number;
}

const PER_BATCH = 1_000;
const PAGES = 20;
const RECORDS = 5_000;
const AT_ONCE = 8;
type Refusal = { readonly kind: 'unreachable' | 'malformed'; readonly reason: string };
const malformed = (reason: string): Refusal => ({ kind: 'malformed', reason });

/** One package version and the ids that the service named for it. */
interface Asked {
  readonly ecosystem: Ecosystem;
  readonly name: string;
  readonly version: string;
  readonly ids: Set<string>;
}

/** A feed for every ecosystem. */
export function osvFeed(options: OsvOptions): FeedPort {
  return { name: 'OSV', ecosystems: ECOSYSTEMS, query: (packages, signal) => query(options, packages, signal) };
}

async function query(options: OsvOptions, packages: readonly FeedQuestion[], signal: AbortSignal): Promise<FeedAnswer> {
  const canaries = canariesFor(packages, options.canaries ?? CANARIES);
  const asked: Asked[] = packages.flatMap(({ ecosystem = 'npm', name, versions }) =>
    versions.map((version) => ({ ecosystem, name, version, ids: new Set<string>() })),
  );
  for (const { ecosystem, name, version } of canaries) asked.push({ ecosystem, name, version, ids: new Set() });
  for (let at = 0; at < asked.length; at += PER_BATCH) {
    const fault = await askBatch(options, asked.slice(at, at + PER_BATCH), signal);
    if (fault !== null) return fault;
  }
  const ids = [...new Set(asked.flatMap((one) => [...one.ids]))];
  if (ids.length > RECORDS) return malformed(`more than ${RECORDS} vulnerabilities`);
  const records = await readRecords(options, ids, signal);
  if ('kind' in records) return records;
  return believed(canaries, toAdvisories(asked, records));
}

/** Pages through the answers of one batch; null when all are read. */
async function askBatch(options: OsvOptions, batch: readonly Asked[], signal: AbortSignal): Promise<Refusal | null> {
  let open = batch.map((one) => ({ one, token: '' }));
  for (let page = 0; open.length > 0; page += 1) {
    if (page >= PAGES) return malformed(`an answer of more than ${PAGES} pages`);
    const queries = open.map(({ one: { ecosystem, name, version }, token }) => ({
      package: { ecosystem, name },
      version,
      ...(token === '' ? {} : { page_token: token }),
    }));
    const answer = await exchange(options, { path: '/v1/querybatch', body: { queries } }, signal);
    if (answer.kind !== 'json') return answer;
    const results = isMap(answer.value) ? mapList(answer.value['results']) : null;
    if (results?.length !== open.length) return malformed('not one result for each question');
    const next: typeof open = [];
    for (const [index, result] of results.entries()) {
      const vulns = mapList(result['vulns']);
      const one = open[index]?.one;
      if (vulns === null || one === undefined || vulns.some(({ id }) => text(id) === ''))
        return malformed('a vulnerability without an id');
      for (const { id } of vulns) one.ids.add(text(id));
      if (text(result['next_page_token']) !== '') next.push({ one, token: text(result['next_page_token']) });
    }
    open = next;
  }
  return null;
}

async function readRecords(
  options: OsvOptions,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, OsvRecord> | Refusal> {
  const records = new Map<string, OsvRecord>();
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const answers = await Promise.all(
      ids.slice(at, at + AT_ONCE).map(async (id) => {
        const path = `/v1/vulns/${encodeURIComponent(id)}`;
        return { id, answer: await exchange(options, { path }, signal) };
      }),
    );
    for (const { id, answer } of answers) {
      if (answer.kind !== 'json') return answer;
      const record = readOsvRecord(answer.value);
      if (record === null || record.id !== id) return malformed(`the record of ${id.slice(0, 40)} is of another one`);
      records.set(id, record);
    }
  }
  return records;
}

function toAdvisories(asked: readonly Asked[], records: ReadonlyMap<string, OsvRecord>): FeedAdvisory[] {
  const found = new Map<string, FeedAdvisory & { readonly versions: string[] }>();
  for (const { ecosystem, name, version, ids } of asked)
    for (const id of ids) {
      const record = records.get(id);
      if (record === undefined || record.isWithdrawn) continue;
      const key = `${ecosystem} ${name} ${id}`;
      const { aliases, severity, title, url } = record;
      const one = found.get(key) ?? {
        id,
        aliases,
        severity,
        title,
        url,
        ecosystem,
        package: name,
        vulnerableVersions: '',
        versions: [],
      };
      if (!one.versions.includes(version)) one.versions.push(version);
      found.set(key, one);
    }
  return [...found.values()];
}

const exchange = (
  { url, timeoutMs = 15_000, limitBytes = 16 * 1024 * 1024 }: OsvOptions,
  { path, body }: { readonly path: string; readonly body?: unknown },
  signal: AbortSignal,
) =>
  exchangeJson({
    url: `${url.replace(/\/+$/, '')}${path}`,
    body,
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    limitBytes,
  });
