/**
 * The bulk advisory endpoint that npm itself asks: POST {name: [versions]}, answer {name: [advisory]}. The url comes from
 * the operator, redirects are refused, the answer is bounded, and a configured canary must come back vulnerable.
 */
import semver from 'semver';
import type { FeedAdvisory, FeedAnswer, FeedPort, FeedQuestion } from '../feed.ts';
import type { Severity } from '../verdict.ts';
import { exchangeJson } from './http-json.ts';

/** How an npm registry is asked. */
export interface NpmBulkOptions {
  /** Address of the bulk advisory endpoint. */
  readonly url: string;
  /** A package version with a known advisory: asked for each time, and its absence makes the answer `malformed`. */
  readonly canary?: {
    /** Name of the package. */
    readonly name: string;
    /** The version that has an advisory. */
    readonly version: string;
  };
  /** For one request, in ms; default 15,000. */
  readonly timeoutMs?: number;
  /** Bytes of one answer; default 16 MiB. */
  readonly limitBytes?: number;
}

const PER_REQUEST = 2_000;
const malformed = (reason: string): FeedAnswer => ({ kind: 'malformed', reason });
const isMap = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A feed over HTTP. */
export function npmBulkFeed(options: NpmBulkOptions): FeedPort {
  return {
    name: 'npm bulk advisories',
    ecosystems: ['npm'],
    query: async (packages, signal) => {
      const advisories: FeedAdvisory[] = [];
      for (let at = 0; at === 0 || at < packages.length; at += PER_REQUEST) {
        const answer = await ask(options, packages.slice(at, at + PER_REQUEST), signal);
        if (answer.kind !== 'ok') return answer;
        advisories.push(...answer.advisories);
      }
      return { kind: 'ok', advisories };
    },
  };
}

async function ask(
  options: NpmBulkOptions,
  packages: readonly FeedQuestion[],
  signal: AbortSignal,
): Promise<FeedAnswer> {
  const { url, canary, timeoutMs = 15_000, limitBytes = 16 * 1024 * 1024 } = options;
  const question = new Map(packages.map(({ name, versions }) => [name, versions]));
  if (canary !== undefined)
    question.set(canary.name, [...new Set([...(question.get(canary.name) ?? []), canary.version])]);
  const body = await exchangeJson({
    url,
    body: Object.fromEntries(question),
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    limitBytes,
  });
  if (body.kind !== 'json') return body;
  const answer = readAdvisories(body.value);
  if (answer.kind !== 'ok' || canary === undefined) return answer;
  const seen = answer.advisories.some(
    (one) => one.package === canary.name && semver.satisfies(canary.version, one.vulnerableVersions),
  );
  return seen ? answer : malformed('the canary package did not come back vulnerable');
}

/** Exported for its tests: an answer is the whole expected shape or it is malformed. */
export function readAdvisories(answer: unknown): FeedAnswer {
  if (!isMap(answer)) return malformed('the answer is not a JSON object');
  const advisories: FeedAdvisory[] = [];
  for (const [name, list] of Object.entries(answer)) {
    if (!Array.isArray(list)) return malformed('an entry of the answer is not a list');
    for (const one of list) {
      const advisory = readAdvisory(name, one);
      if (advisory === null) return malformed('an advisory lacks its id or its versions');
      advisories.push(advisory);
    }
  }
  return { kind: 'ok', advisories };
}

function readAdvisory(name: string, one: unknown): FeedAdvisory | null {
  if (!isMap(one)) return null;
  const { id, url, title, severity, vulnerable_versions: range } = one;
  if ((typeof id !== 'number' && typeof id !== 'string') || typeof range !== 'string') return null;
  if (semver.validRange(range) === null) return null;
  const link = typeof url === 'string' ? url : '';
  const aliases = [...link.matchAll(/GHSA(?:-[a-z0-9]{4}){3}|CVE-\d{4}-\d{4,}/gi)].map((match) => match[0]);
  return {
    id: String(id),
    aliases,
    package: name,
    severity: severityOf(severity),
    vulnerableVersions: range,
    url: link,
    title: typeof title === 'string' ? title : '',
  };
}

function severityOf(value: unknown): Severity {
  return value === 'low' || value === 'moderate' || value === 'high' || value === 'critical' ? value : 'unknown';
}
