/**
 * pip-audit as a feed for PyPI. It is given pins that we wrote, with `--no-deps --disable-pip`, so that it resolves and
 * installs nothing; a file holds one version of each package, so several versions mean several runs.
 */
import type { FeedAdvisory, FeedAnswer, FeedPort, FeedQuestion } from '../feed.ts';
import { type Canary, missingCanaries } from '../feeds/canaries.ts';
import { isMap, mapList, text } from '../lock/locked-package.ts';
import { pypiName } from '../lock/pypi-name.ts';
import { runAdvisoryTool } from './advisory-tool.ts';

/** How pip-audit is run. */
export interface PipAuditOptions {
  /** The program; default `pip-audit`. */
  readonly command?: string;
  /** Ask this OSV service (its `/v1/query`) instead of PyPI's. */
  readonly osvUrl?: string;
  /** A package version that it must report; default jinja2 2.4.1. */
  readonly canary?: {
    /** Name of the package. */
    readonly name: string;
    /** The version that has an advisory. */
    readonly version: string;
  };
  /** For one run, in ms; default 60,000. */
  readonly timeoutMs?: number;
}

const ARGS = '--requirement requirements.txt --no-deps --disable-pip --format json --progress-spinner off'.split(' ');
const JINJA = { name: 'jinja2', version: '2.4.1' };
const RUNS = 20;
const NAME = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
const VERSION = /^[0-9A-Za-z][0-9A-Za-z.+!_-]*$/;
const malformed = (reason: string): FeedAnswer => ({ kind: 'malformed', reason });

/** A feed for PyPI. Its reports name no severity, so each vulnerability counts as high. */
export function pipAuditFeed(options: PipAuditOptions = {}): FeedPort {
  return { name: 'pip-audit', ecosystems: ['PyPI'], query: (packages, signal) => query(options, packages, signal) };
}

async function query(
  options: PipAuditOptions,
  packages: readonly FeedQuestion[],
  signal: AbortSignal,
): Promise<FeedAnswer> {
  const { command = 'pip-audit', osvUrl, timeoutMs = 60_000 } = options;
  const canary: Canary = { ...(options.canary ?? JINJA), ecosystem: 'PyPI' };
  const service = osvUrl === undefined ? [] : ['--vulnerability-service', 'osv', '--osv-url', osvUrl];
  const advisories: FeedAdvisory[] = [];
  for (const pins of layers(packages, canary)) {
    if (pins === 'too-many') return malformed(`more than ${RUNS} versions of one package`);
    const answer = await runAdvisoryTool({
      command,
      args: [...ARGS, ...service],
      files: { 'requirements.txt': [...pins].map(([name, version]) => `${name}==${version}\n`).join('') },
      accept: [0, 1],
      timeoutMs,
      signal,
    });
    if (answer.kind !== 'report') return answer;
    const read = readReport(answer.value, pins);
    if (typeof read === 'string') return malformed(read);
    advisories.push(...read);
  }
  if (missingCanaries([canary], advisories).length > 0)
    return malformed('the canary package did not come back vulnerable');
  return { kind: 'ok', advisories };
}

type Pins = Map<string, string>;

/** The n-th version of each package goes into the n-th file. What pip would read otherwise than as a pin is left out. */
function* layers(packages: readonly FeedQuestion[], canary: Canary): Generator<Pins | 'too-many'> {
  const wanted = new Map([[canary.name, new Set([canary.version])]]);
  for (const { name, versions } of packages) {
    const own = wanted.get(pypiName(name)) ?? new Set();
    for (const version of versions) if (VERSION.test(version)) own.add(version);
    if (NAME.test(pypiName(name))) wanted.set(pypiName(name), own);
  }
  const columns = [...wanted].map(([name, versions]) => ({ name, versions: [...versions] }));
  const depth = columns.reduce((most, { versions }) => Math.max(most, versions.length), 0);
  if (depth > RUNS) return yield 'too-many';
  for (let at = 0; at < depth; at += 1)
    yield new Map(
      columns.flatMap(({ name, versions: { [at]: version } }) => (version === undefined ? [] : [[name, version]])),
    );
}

/** The report must be about every pin that was given, or name why one was skipped. */
function readReport(value: unknown, pins: ReadonlyMap<string, string>): FeedAdvisory[] | string {
  const list = isMap(value) ? mapList(value['dependencies']) : null;
  if (list === null) return 'the report has no list of dependencies';
  const seen = new Set<string>();
  const found: FeedAdvisory[] = [];
  for (const one of list) {
    const name = pypiName(text(one['name']));
    seen.add(name);
    const vulns = mapList(one['vulns']);
    if (vulns === null) return `the entry of ${name} has no list of vulnerabilities`;
    for (const { id, aliases, description } of vulns) {
      if (text(id) === '') return 'a vulnerability without an id';
      found.push({
        id: text(id),
        aliases: Array.isArray(aliases) ? aliases.map(text).filter(Boolean) : [],
        ecosystem: 'PyPI',
        package: name,
        severity: 'unknown',
        vulnerableVersions: '',
        versions: [pins.get(name) ?? text(one['version'])],
        title: (text(description).split('\n', 1)[0] ?? '').slice(0, 200),
        url: `https://osv.dev/vulnerability/${encodeURIComponent(text(id))}`,
      });
    }
  }
  const lost = [...pins.keys()].find((name) => !seen.has(name));
  return lost === undefined ? found : `the report says nothing about ${lost}`;
}
