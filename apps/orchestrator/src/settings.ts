/**
 * Every setting of the service: name, default, meaning. The only reader of the process environment.
 * `.env.example` is printed from this table and a test compares the two; names are frozen, see docs/compat.md.
 */
import { z } from 'zod';
import { closestMatch } from './platform/did-you-mean.ts';

const flag = z
  .enum(['true', 'false', '1', '0', 'on', 'off', 'yes', 'no'])
  .transform((text) => ['true', '1', 'on', 'yes'].includes(text));
const seconds = z
  .string()
  .regex(/^\d+(\.\d+)?$/, 'must be seconds, for example 900')
  .transform((text) => Math.round(Number(text) * 1000))
  .refine((ms) => ms > 0 && ms <= 30 * 86_400_000, 'must be between 0 and 30 days');
const count = (least: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= least && value <= 1_000_000, `must be at least ${least}`);
const percent = z
  .string()
  .regex(/^\d{1,3}(\.\d{1,4})?$/, 'must be a percentage with at most 4 decimals, for example 0.1')
  .transform((text) => Math.round(Number(text) * 10_000))
  .refine((ppm) => ppm <= 1_000_000, 'must be at most 100');
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);
const text = z.string().max(4096);
/** A name that is reserved: any other value than its default would promise what nothing does yet. */
const reserved = (only: string) =>
  z
    .string()
    .refine(
      (value) => value === only,
      only === '' ? 'is not built yet; leave it empty' : `only ${only} is built so far`,
    );
const canary = z
  .string()
  .regex(/^(none|(@?[^@\s]+)@([^@\s]+))$/, 'must be name@version or none')
  .transform((word) => {
    const at = word.lastIndexOf('@');
    return at < 1 ? null : { name: word.slice(0, at), version: word.slice(at + 1) };
  });

interface Row {
  readonly schema: z.ZodType<unknown, string>;
  readonly byDefault: string;
  readonly about: string;
}
const row = <T>(schema: z.ZodType<T, string>, byDefault: string, about: string) => ({ schema, byDefault, about });

/** The table of settings. Durations are read in seconds and kept in milliseconds; percentages are kept in ppm. */
export const SETTINGS = {
  ORCH_HOST: row(text, '127.0.0.1', 'address to listen on; loopback unless you put a TLS proxy in front'),
  ORCH_PORT: row(count(0), '8787', 'port to listen on; 0 picks a free one'),
  ORCH_DATA_DIR: row(text, '.gatehouse', 'where the store, mirrors, slots, reports and logs live'),
  ORCH_DATABASE_URL: row(text, '', 'empty: SQLite in the data directory'),
  ORCH_RETENTION_DAYS: row(count(1), '30', 'how long logs and reports are kept'),
  ORCH_API_TOKEN: row(text, '', 'one bearer token with every right; empty: made at first start in the data directory'),
  ORCH_API_TOKENS_FILE: row(text, '', 'file of `name scope sha256` lines; scopes are read, operate, admin'),
  ORCH_SELF_REPO: row(text, '', 'the repository this service itself is built from; never restarted by it'),
  ORCH_MAX_CONCURRENCY: row(count(1), '2', 'agents at work at once'),
  ORCH_MAX_GATE_RUNS: row(count(1), '1', 'gate commands at work at once'),
  ORCH_MAX_DEVELOPER_RETRIES: row(count(0), '3', 'how often a failed change goes back before a person is asked'),
  ORCH_REAPER_MAX_RUNNING_S: row(seconds, '2700', 'longest a single gate command may run'),
  ORCH_SERIAL_GATE_PER_REPO: row(flag, 'false', 'true: one active task per repository at a time'),
  ORCH_POLL_S: row(seconds, '5', 'how often forges are asked for moved branches'),
  ORCH_ISOLATION: row(reserved('none'), 'none', 'what separates tests from the service: none, uid, bwrap'),
  ORCH_MERGE_GATE_ENABLED: row(flag, 'true', 'merge gate on'),
  ORCH_MERGE_GATE_REPOS: row(list, '*', 'repositories in scope; * is all, empty is ORCH_SELF_REPO or all'),
  ORCH_MERGE_RETEST_TIMEOUT_S: row(seconds, '900', 'deadline of one test run'),
  ORCH_MERGE_DEFER_MAX_S: row(seconds, '86400', 'longest a task waits for its turn before a person is told'),
  ORCH_MERGE_INFRA_RETRY_MAX: row(count(0), '3', 'how often infrastructure trouble is retried before a person is told'),
  ORCH_MERGE_INFRA_BACKOFF_S: row(seconds, '15', 'pause before the first such retry; doubles'),
  ORCH_MERGE_LEASE_TTL_S: row(seconds, '120', 'a merge lease not renewed for this long is stale'),
  ORCH_SUBPROCESS_TREE_KILL_ENABLED: row(flag, 'true', 'off: plain spawn, leftovers survive (kill-switch)'),
  ORCH_MERGE_INFRA_RETRY_ENABLED: row(flag, 'true', 'off: a timeout counts as a failed test (kill-switch)'),
  ORCH_MERGE_RETEST_SKIP_WHEN_CURRENT_ENABLED: row(flag, 'true', 'off: always run the re-test (kill-switch)'),
  ORCH_MERGE_RETEST_TIMEOUT_VALIDATION_ENABLED: row(flag, 'true', 'off: deadlines are not checked (kill-switch)'),
  ORCH_MERGE_METRICS_ENABLED: row(flag, 'true', 'off: no merge counters (kill-switch)'),
  ORCH_COVERAGE_ENABLED: row(flag, 'true', 'coverage gate on'),
  ORCH_COVERAGE_REPOS: row(list, '*', 'repositories in scope'),
  ORCH_COVERAGE_MODE: row(z.enum(['absolute', 'baseline', 'both']), 'both', 'what a coverage verdict compares'),
  ORCH_COVERAGE_MIN: row(
    z.union([z.literal('').transform(() => null), percent]),
    '',
    'least coverage in percent; empty: none',
  ),
  ORCH_COVERAGE_EPSILON: row(percent, '0.1', 'tolerated loss against the baseline in percentage points'),
  ORCH_COVERAGE_FAIL_CLOSED: row(flag, 'false', 'true: coverage that cannot be measured blocks'),
  ORCH_COVERAGE_TIMEOUT_S: row(seconds, '900', 'deadline of one coverage run'),
  ORCH_PYTHON: row(reserved(''), '', 'interpreter for Python coverage; empty: python3 or python'),
  ORCH_SECURITY_GATE_ENABLED: row(flag, 'true', 'security gate on'),
  ORCH_SECURITY_GATE_REPOS: row(list, '*', 'repositories in scope'),
  ORCH_SECURITY_DEP_AUDIT_ENABLED: row(flag, 'true', 'audit new dependencies when a feed is configured'),
  ORCH_SECURITY_DEP_AUDIT_FAIL_CLOSED: row(flag, 'false', 'true: an unreachable advisory feed defers the change'),
  ORCH_SECURITY_DEP_SEVERITY: row(
    z.enum(['low', 'moderate', 'high', 'critical']),
    'high',
    'least severity that blocks',
  ),
  ORCH_SECURITY_DEP_FEED_URL: row(text, '', 'npm bulk advisory endpoint; empty: no audit, said loudly'),
  ORCH_SECURITY_DEP_FEED_CANARY: row(
    canary,
    'minimist@0.0.8',
    'name@version the feed must call vulnerable, or its answers are not believed; none: no canary',
  ),
  ORCH_SECURITY_REQUIRE_ENGINE: row(reserved(''), '', 'gitleaks: refuse to answer without it'),
  ORCH_SECURITY_TIMEOUT_S: row(seconds, '120', 'deadline of one security scan'),
  ORCH_OSV_URL: row(reserved(''), '', 'OSV service for dependency audits'),
  ORCH_STOP_STATUS_ENABLED: row(flag, 'true', 'tracker status STOP cancels a task (kill-switch)'),
  ORCH_STOP_GRACE_S: row(seconds, '10', 'time between TERM and KILL when a task is stopped'),
} as const satisfies Record<string, Row>;

export type SettingName = keyof typeof SETTINGS;
/** Parsed settings by name: durations in ms, percentages in ppm, flags as booleans. */
export type Settings = { readonly [Name in SettingName]: z.output<(typeof SETTINGS)[Name]['schema']> };
export type Environment = { readonly [name: string]: string | undefined };

export type SettingsAnswer =
  | { readonly kind: 'settings'; readonly settings: Settings; readonly warnings: readonly string[] }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

/** Parses an environment. An empty variable counts as unset; an unknown ORCH_ name is a warning with the nearest name. */
export function parseSettings(environment: Environment): SettingsAnswer {
  const problems: string[] = [];
  const parsed: Record<string, unknown> = {};
  for (const [name, { schema, byDefault }] of Object.entries<Row>(SETTINGS)) {
    const given = environment[name];
    const answer = schema.safeParse(given === undefined || given === '' ? byDefault : given);
    if (answer.success) parsed[name] = answer.data;
    else
      problems.push(`${name}: ${answer.error.issues[0]?.message ?? 'is not valid'} (it is ${JSON.stringify(given)})`);
  }
  const warnings = Object.keys(environment)
    .filter((name) => name.startsWith('ORCH_') && !(name in SETTINGS))
    .map((name) => `${name} is not a setting; did you mean ${closestMatch(name, Object.keys(SETTINGS))}?`);
  return problems.length > 0
    ? { kind: 'invalid', problems }
    : { kind: 'settings', settings: parsed as Settings, warnings };
}

/** The settings of this process, with `overrides` (from the command line) on top. */
export const readSettings = (overrides: Environment = {}): SettingsAnswer =>
  parseSettings({ ...process.env, ...overrides });

/** What children may inherit is decided elsewhere; this is only the lookup path and the home of this process. */
export const processEnvironment = (): Environment => process.env;

/** The text of `.env.example`. */
export function envExample(): string {
  const lines = Object.entries<Row>(SETTINGS).map(
    ([name, { byDefault, about }]) => `# ${about}\n${name}=${byDefault}\n`,
  );
  return `# Gatehouse settings with their defaults. Generated: npm run -s gatehouse -- doctor --print-env\n\n${lines.join('\n')}`;
}
