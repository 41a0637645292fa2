/**
 * Every setting of the service: name, default, meaning. The only reader of `ORCH_…`.
 * `.env.example` is printed from this table and a test compares the two; names are frozen, see docs/compat.md.
 */
import { z } from 'zod';
import { type Credentials, isCredential, readCredentials } from './platform/credentials.ts';
import { closestMatch } from './platform/did-you-mean.ts';
import { type Environment, processEnvironment } from './platform/process-environment.ts';
import { canary, count, flag, hostNames, list, percent, seconds, text } from './platform/setting-values.ts';

export interface SettingRow {
  /** Where code finds the value: `group.key`, units last. */
  readonly path: `${string}.${string}`;
  readonly schema: z.ZodType<unknown, string>;
  readonly byDefault: string;
  readonly about: string;
}
const row = <Path extends SettingRow['path'], T>(
  path: Path,
  schema: z.ZodType<T, string>,
  byDefault: string,
  about: string,
) => ({ path, schema, byDefault, about });

/** The table of settings. Durations are read in seconds and kept in milliseconds; percentages are kept in ppm. */
export const SETTINGS = {
  ORCH_HOST: row(
    'server.host',
    text,
    '127.0.0.1',
    'address to listen on; loopback unless you put a TLS proxy in front',
  ),
  ORCH_HOST_NAMES: row(
    'server.hostNames',
    hostNames,
    '',
    'names, without port, that a proxy or a browser calls the service by, besides localhost and ORCH_HOST; comma-separated',
  ),
  ORCH_PORT: row('server.port', count(0), '8787', 'port to listen on; 0 picks a free one'),
  ORCH_DATA_DIR: row('storage.dataDir', text, '.gatehouse', 'where the store, mirrors, slots, reports and logs live'),
  ORCH_DATABASE_URL: row('storage.databaseUrl', text, '', 'empty: SQLite in the data directory'),
  ORCH_LOG_FILE: row('log.file', text, '', 'where the log is written; empty: standard error'),
  ORCH_LOG_MAX_MIB: row('log.maxMib', count(1), '50', 'size from which the log file is moved aside; five are kept'),
  ORCH_RETENTION_DAYS: row('storage.retentionDays', count(1), '30', 'how long logs and reports are kept'),
  ORCH_API_TOKEN: row(
    'server.apiToken',
    text,
    '',
    'one bearer token with every right; empty: made at first start in the data directory',
  ),
  ORCH_API_TOKENS_FILE: row(
    'server.apiTokensFile',
    text,
    '',
    'file of `name scope sha256` lines; scopes are read, operate, admin',
  ),
  ORCH_SELF_REPO: row(
    'repositories.self',
    text,
    '',
    'the repository this service itself is built from; never restarted by it',
  ),
  ORCH_MAX_CONCURRENCY: row('limits.agents', count(1), '2', 'agents at work at once'),
  ORCH_MAX_GATE_RUNS: row('limits.gateRuns', count(1), '1', 'gate commands at work at once'),
  ORCH_MAX_DEVELOPER_RETRIES: row(
    'limits.developerRetries',
    count(0),
    '3',
    'how often a failed change goes back before a person is asked',
  ),
  ORCH_REAPER_MAX_RUNNING_S: row('limits.reaperMs', seconds, '2700', 'longest a single gate command may run'),
  ORCH_STANDSTILL_S: row(
    'limits.standstillMs',
    seconds,
    '900',
    'how long something due may stay undone before an alert says that a task stands still',
  ),
  ORCH_SERIAL_GATE_PER_REPO: row(
    'repositories.serialGate',
    flag,
    'false',
    'true: one active task per repository at a time',
  ),
  ORCH_POLL_S: row('repositories.pollMs', seconds, '5', 'how often forges are asked for moved branches'),
  ORCH_ISOLATION: row(
    'commands.isolation',
    z.enum(['', 'auto', 'none', 'uid', 'bwrap']),
    '',
    'what separates commands of a repository from the service: auto, bwrap, uid, none; empty: auto in a new data directory',
  ),
  ORCH_RUN_AS: row(
    'commands.runAs',
    text,
    '',
    'users of commands under uid: a name, an id or a range of ids such as 3000-3015, with :GROUP; only root may serve so',
  ),
  ORCH_ISOLATION_READ: row(
    'commands.isolationRead',
    list,
    '',
    'paths that commands under bwrap may read besides the system and the PATH',
  ),
  ORCH_ISOLATION_WRITE: row('commands.isolationWrite', list, '', 'paths that they may write, too'),
  ORCH_MERGE_GATE_ENABLED: row('merge.enabled', flag, 'true', 'merge gate on'),
  ORCH_MERGE_GATE_REPOS: row(
    'merge.repos',
    list,
    '*',
    'repositories in scope; * is all, empty is ORCH_SELF_REPO or all',
  ),
  ORCH_MERGE_RETEST_TIMEOUT_S: row('merge.retestTimeoutMs', seconds, '900', 'longest `test.timeout`, and its default'),
  ORCH_MERGE_CERTIFICATE_RUNS: row(
    'merge.certificateRuns',
    count(10),
    '10',
    'test runs, of branch and main together, that may be spent on blaming one branch',
  ),
  ORCH_MERGE_DEFER_MAX_S: row(
    'merge.deferMaxMs',
    seconds,
    '86400',
    'longest a task waits for its turn before a person is told',
  ),
  ORCH_MERGE_INFRA_RETRY_MAX: row(
    'merge.infraRetryMax',
    count(0),
    '3',
    'how often infrastructure trouble is retried before a person is told',
  ),
  ORCH_MERGE_INFRA_BACKOFF_S: row('merge.infraBackoffMs', seconds, '15', 'pause before the first such retry; doubles'),
  ORCH_MERGE_LEASE_TTL_S: row('merge.leaseTtlMs', seconds, '120', 'a merge lease not renewed for this long is stale'),
  ORCH_SUBPROCESS_TREE_KILL_ENABLED: row(
    'commands.treeKill',
    flag,
    'true',
    'off: plain spawn, leftovers survive (kill-switch)',
  ),
  ORCH_MERGE_INFRA_RETRY_ENABLED: row(
    'merge.infraRetry',
    flag,
    'true',
    'off: a timeout counts as a failed test (kill-switch)',
  ),
  ORCH_MERGE_RETEST_SKIP_WHEN_CURRENT_ENABLED: row(
    'merge.skipWhenCurrent',
    flag,
    'true',
    'off: always run the re-test (kill-switch)',
  ),
  ORCH_MERGE_RETEST_TIMEOUT_VALIDATION_ENABLED: row(
    'merge.validateTimeouts',
    flag,
    'true',
    'off: deadlines are not checked (kill-switch)',
  ),
  ORCH_MERGE_METRICS_ENABLED: row('merge.metrics', flag, 'true', 'off: no merge counters (kill-switch)'),
  ORCH_COVERAGE_ENABLED: row('coverage.enabled', flag, 'true', 'coverage gate on'),
  ORCH_COVERAGE_REPOS: row(
    'coverage.repos',
    list,
    '*',
    'repositories in scope; * is all, empty is ORCH_SELF_REPO or all',
  ),
  ORCH_COVERAGE_MODE: row(
    'coverage.mode',
    z.enum(['absolute', 'baseline', 'both']),
    'both',
    'what a coverage verdict compares',
  ),
  ORCH_COVERAGE_MIN: row(
    'coverage.minPpm',
    z.union([z.literal('').transform(() => null), percent]),
    '',
    'least coverage in percent; empty: none',
  ),
  ORCH_COVERAGE_EPSILON: row(
    'coverage.epsilonPpm',
    percent,
    '0.1',
    'tolerated loss against the baseline in percentage points',
  ),
  ORCH_COVERAGE_FAIL_CLOSED: row('coverage.failClosed', flag, 'false', 'true: unknown coverage always blocks'),
  ORCH_COVERAGE_TIMEOUT_S: row('coverage.timeoutMs', seconds, '900', 'longest `coverage.timeout`, and its default'),
  ORCH_PYTHON: row(
    'coverage.python',
    text,
    '',
    'interpreter of the Python coverage presets; empty: the first of .venv, python3, python that fits',
  ),
  ORCH_SECURITY_GATE_ENABLED: row('security.enabled', flag, 'true', 'security gate on'),
  ORCH_SECURITY_GATE_REPOS: row(
    'security.repos',
    list,
    '*',
    'repositories in scope; * is all, empty is ORCH_SELF_REPO or all',
  ),
  ORCH_SECURITY_DEP_AUDIT_ENABLED: row(
    'security.audit',
    flag,
    'true',
    'audit new dependencies when a feed is configured',
  ),
  ORCH_SECURITY_DEP_AUDIT_FAIL_CLOSED: row(
    'security.auditFailClosed',
    flag,
    'false',
    'true: an unreachable advisory feed defers the change',
  ),
  ORCH_SECURITY_DEP_SEVERITY: row(
    'security.severity',
    z.enum(['low', 'moderate', 'high', 'critical']),
    'high',
    'least severity that blocks',
  ),
  ORCH_SECURITY_DEP_FEED_URL: row(
    'security.feedUrl',
    text,
    '',
    'npm bulk advisory endpoint; empty: no audit, said loudly',
  ),
  ORCH_SECURITY_DEP_FEED_CANARY: row(
    'security.feedCanary',
    canary,
    'minimist@0.0.8',
    'name@version the feed must call vulnerable, or its answers are not believed; none: no canary',
  ),
  ORCH_SECURITY_REQUIRE_ENGINE: row(
    'security.requireEngine',
    z.enum(['', 'gitleaks']),
    '',
    'gitleaks: refuse to answer without it',
  ),
  ORCH_SECURITY_GITLEAKS: row(
    'security.gitleaks',
    text,
    'gitleaks',
    'gitleaks program, used beside the embedded rules where it is found; off: not used',
  ),
  ORCH_SECURITY_TIMEOUT_S: row('security.timeoutMs', seconds, '120', 'deadline of one security scan'),
  ORCH_OSV_URL: row('security.osvUrl', text, '', 'OSV service for dependency audits, for example https://api.osv.dev'),
  ORCH_OSV_DATABASE: row(
    'security.osvDatabase',
    text,
    '',
    'folder of a local OSV database (ECOSYSTEM/all.zip), asked without a network; empty: none',
  ),
  ORCH_SECURITY_PIP_AUDIT: row(
    'security.pipAudit',
    text,
    '',
    'pip-audit program as one more feed for Python packages; empty: none',
  ),
  ORCH_SECURITY_OSV_SCANNER: row(
    'security.osvScanner',
    text,
    '',
    'osv-scanner program as one more advisory feed; empty: none',
  ),
  ORCH_SECURITY_DEP_HOSTS: row(
    'security.depHosts',
    list,
    '',
    'hosts that lockfiles may fetch packages from, besides those that main uses already and the public registries',
  ),
  ORCH_GITEA_URL: row(
    'forges.giteaUrl',
    text,
    '',
    'address of a Gitea or Forgejo; repositories below it use the credential gitea',
  ),
  ORCH_GITEA_TOKEN: row('forges.giteaToken', text, '', 'its token: the credential gitea'),
  ORCH_GITEA_WEBHOOK_SECRET: row('forges.giteaWebhookSecret', text, '', 'secret of its webhooks'),
  ORCH_GITHUB_URL: row(
    'forges.githubUrl',
    text,
    'https://github.com',
    'address of GitHub; repositories below it use the credential github',
  ),
  ORCH_GITHUB_TOKEN: row(
    'forges.githubToken',
    text,
    '',
    'its token, or app:ID:PATH of a GitHub App and its private key: the credential github',
  ),
  ORCH_GITHUB_WEBHOOK_SECRET: row('forges.githubWebhookSecret', text, '', 'secret of its webhooks'),
  ORCH_FORGE_COMMANDERS: row(
    'forges.commanders',
    list,
    '',
    'people who may command in comments where the forge does not tell us who may write',
  ),
  ORCH_QUEUE_LABEL: row(
    'forges.queueLabel',
    text,
    'gatehouse',
    'label that queues a pull request; gone, it takes it back',
  ),
  ORCH_QUEUE_ON_APPROVAL: row(
    'forges.queueOnApproval',
    flag,
    'false',
    'true: a pull request that was approved at its head is queued, too',
  ),
  ORCH_DELETE_LANDED_BRANCHES: row(
    'forges.deleteLanded',
    flag,
    'true',
    'the branch of a pull request is deleted once its forge shows it as merged',
  ),
  ORCH_MERGE_CI_WAIT_S: row(
    'merge.ciWaitMs',
    seconds,
    '3600',
    'longest a tested commit keeps the head of the line for required checks of the forge',
  ),
  ORCH_TELEGRAM_TOKEN: row('notify.telegramToken', text, '', 'token of the Telegram bot that tells alerts'),
  ORCH_TELEGRAM_CHAT_ID: row('notify.telegramChat', text, '', 'chat that it tells them in'),
  ORCH_TELEGRAM_URL: row('notify.telegramUrl', text, 'https://api.telegram.org', 'address of the Bot API'),
  ORCH_NOTIFY_WEBHOOK_URL: row('notify.webhookUrl', text, '', 'webhook that gets alerts: plain JSON, Slack or Discord'),
  ORCH_NOTIFY_WEBHOOK_SECRET: row('notify.webhookSecret', text, '', 'secret that plain JSON is signed with'),
  ORCH_NOTIFY_FILE: row(
    'notify.file',
    text,
    '',
    'YAML file of routes: which alerts go where, and quiet hours; empty: every alert to each receiver',
  ),
  ORCH_PLANE_URL: row('tracker.planeUrl', text, '', 'address of a Plane; empty: no tracker'),
  ORCH_PLANE_TOKEN: row('tracker.planeToken', text, '', 'API key of the user that comments there'),
  ORCH_PLANE_WEBHOOK_SECRET: row('tracker.planeWebhookSecret', text, '', 'secret of its webhook, as Plane showed it'),
  ORCH_PLANE_WORKSPACE: row('tracker.planeWorkspace', text, '', 'slug of the workspace'),
  ORCH_PLANE_PROJECTS: row(
    'tracker.planeProjects',
    list,
    '',
    'which project asks for work in which repository: `WEB=shop, API=backend`',
  ),
  ORCH_PLANE_STATES: row(
    'tracker.planeStates',
    list,
    'start=To Analyse, approve=Approved, stop=STOP',
    'names of the statuses that ask for something',
  ),
  ORCH_STOP_STATUS_ENABLED: row(
    'tracker.stopStatus',
    flag,
    'true',
    'off: nobody can stop a task, at the tracker, by a command, over HTTP or at the board (kill-switch)',
  ),
  ORCH_STOP_GRACE_S: row('commands.graceMs', seconds, '10', 'time between TERM and KILL when a task is stopped'),
} as const satisfies Record<string, SettingRow>;

export type SettingName = keyof typeof SETTINGS;
type Table = typeof SETTINGS;
type Group = Table[SettingName]['path'] extends `${infer Name}.${string}` ? Name : never;
type KeyIn<Of extends Group, Name extends SettingName> = Table[Name]['path'] extends `${Of}.${infer Key}` ? Key : never;
/** Parsed settings by group and key: durations in ms, percentages in ppm, flags as booleans. */
export type Settings = {
  readonly [Of in Group]: {
    readonly [Name in SettingName as KeyIn<Of, Name>]: z.output<Table[Name]['schema']>;
  };
} & {
  readonly credentials: Credentials;
  /** The service chose the isolation by itself; see policy/isolation.ts. */
  readonly isIsolationChosen?: true;
};

export type SettingsAnswer =
  | { readonly kind: 'settings'; readonly settings: Settings; readonly warnings: readonly string[] }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

/** A list of repositories: empty, it means another scope than where it is unset. */
const isScope = (path: SettingRow['path']): boolean => path.endsWith('.repos');

/** Parses an environment. An empty variable counts as unset, unless it is a scope; an unknown ORCH_ name is a warning with the nearest name. */
export function parseSettings(environment: Environment): SettingsAnswer {
  const problems: string[] = [];
  const parsed: Record<string, Record<string, unknown>> = {};
  for (const [name, { path, schema, byDefault }] of Object.entries<SettingRow>(SETTINGS)) {
    const given = environment[name];
    const isUnset = given === undefined || (given === '' && !isScope(path));
    const answer = schema.safeParse(isUnset ? byDefault : given);
    const [group = '', key = ''] = path.split('.');
    if (answer.success) parsed[group] = { ...parsed[group], [key]: answer.data };
    else
      problems.push(`${name}: ${answer.error.issues[0]?.message ?? 'is not valid'} (it is ${JSON.stringify(given)})`);
  }
  const credentials = readCredentials(environment);
  const warnings = Object.keys(environment)
    .filter((name) => name.startsWith('ORCH_') && !(name in SETTINGS) && !isCredential(name))
    .map((name) => `${name} is not a setting; did you mean ${closestMatch(name, Object.keys(SETTINGS))}?`);
  return problems.length > 0
    ? { kind: 'invalid', problems }
    : { kind: 'settings', settings: { ...parsed, credentials } as unknown as Settings, warnings };
}

/** The settings of this process, with `more` (from the command line) on top. */
export const readSettings = (more: Environment = {}): SettingsAnswer =>
  parseSettings({ ...processEnvironment(), ...more });
