/**
 * The health of a whole repository: everything a commit holds, or all of its history, scanned and audited as if a change had added
 * it to nothing. No change is to blame for what is found.
 */
import { type GitRepo, standAlone } from '@gatehouse/git';
import { type CheckVerdict, type Crashed, type Finding, neverRaise } from '@gatehouse/verdict';
import type { AuditRequest } from './audit.ts';
import { auditAsked } from './audit-asked.ts';
import type { SecurityPolicy } from './compute-verdict.ts';
import { dependencyPart } from './dependency-verdict.ts';
import { gitFault } from './new-objects.ts';
import { type ScanRequest, scan } from './scan.ts';
import { secretPart } from './secret-verdict.ts';
import type { DependencyAudit, SecretScan } from './verdict.ts';
import { OF_MAIN } from './words.ts';

/** What may be given to `auditRepository`. */
export interface RepositoryAuditRequest
  extends Pick<ScanRequest, 'allow' | 'largeBytes' | 'engine' | 'requireEngine' | 'timeoutMs' | 'nowMs' | 'signal'> {
  /** The bare repository that holds the commit; two commits without a ref are written to it. */
  readonly git: GitRepo;
  /** Full object name; its own settings of engines and package managers count. */
  readonly commit: string;
  /** Also what earlier commits hold; default: what stands in the commit. */
  readonly history?: boolean;
  /** Null: dependencies are not audited. A text instead of a feed says why there is none. */
  readonly audit: {
    /** Where known vulnerabilities are asked for, or why nobody is. */
    readonly feed: AuditRequest['feed'] | string;
    /** The lowest severity that is a finding. */
    readonly minSeverity: AuditRequest['minSeverity'];
    /** Hosts that packages may come from besides the public ones and those that the commit's settings name. */
    readonly trustedHosts?: AuditRequest['trustedHosts'];
  } | null;
  /** What is a finding and what a warning. */
  readonly policy: SecurityPolicy;
}

/** What a repository holds. */
export interface RepositoryAudit {
  /** `pass`: nothing was found, and everything was looked at. */
  readonly check: CheckVerdict;
  /** What the scan answered, whatever it was. */
  readonly scan: SecretScan | Crashed;
  /** Null when the dependency audit is switched off. */
  readonly audit: DependencyAudit | Crashed | null;
}

const SHA = /^[0-9a-f]{40}$/;
/** Whoever cleans up needs them all; a fingerprint of each costs 30 ms of processor time. */
const LISTED = 500;
const closedScan = neverRaise('security-gate.scanSecrets', scan);

/** See `auditRepository` in index.ts. */
export async function auditWhole(request: RepositoryAuditRequest): Promise<RepositoryAudit> {
  if (typeof request !== 'object' || request === null) return broken('the request is not an object');
  const { git, commit, history = false, policy, signal } = request;
  if (typeof git?.gitDir !== 'string') return broken('git is not a repository');
  if (!SHA.test(String(commit))) return broken('commit must be a full object name');
  const ends = await standAlone({ repo: git, commit, ...(signal === undefined ? {} : { signal }) });
  if (ends.kind !== 'made') return broken(gitFault(ends).reason);
  const { empty: base, alone } = ends;
  const found = await closedScan({
    ...request,
    base,
    head: history ? commit : alone,
    settingsFrom: commit,
    listed: LISTED,
  });
  const scanned = found.kind === 'scanned' ? onCommit(found, alone, commit) : found;
  const audited = withoutNews(
    await auditAsked({ git, base, head: alone, settingsFrom: commit, signal }, request.audit),
    policy?.depFailClosed === true,
  );
  return { check: checkOf({ scanned, audited }, policy, commit), scan: scanned, audit: audited };
}

/** What stands in the tree stands in the commit that was asked about. */
function onCommit<Scan extends Extract<SecretScan, { readonly kind: 'scanned' }>>(
  found: Scan,
  alone: string,
  commit: string,
): Scan {
  const named = (findings: Scan['findings']): Scan['findings'] =>
    findings.map((one) => (one.commit === alone ? { ...one, commit } : one));
  return { ...found, findings: named(found.findings), allowed: named(found.allowed) };
}

/**
 * Next to nothing every package is new; only a change can bring a script that was not there. Files nobody reads are told together, unless
 * each of them is a finding.
 */
function withoutNews(found: DependencyAudit | Crashed | null, isStrict: boolean): DependencyAudit | Crashed | null {
  if (found?.kind !== 'audited' && found?.kind !== 'unreachable' && found?.kind !== 'malformed') return found;
  const unread = (found.unread ?? []).map((one) => ({ ...one, isChanged: isStrict }));
  return { ...found, unread, changes: found.changes.filter(({ rule }) => rule !== 'lock/new-install-script') };
}

function checkOf(
  { scanned, audited }: { readonly scanned: SecretScan | Crashed; readonly audited: DependencyAudit | Crashed | null },
  policy: SecurityPolicy,
  commit: string,
): CheckVerdict {
  const parts = [secretPart(scanned, policy, OF_MAIN), dependencyPart(audited, policy, OF_MAIN)];
  const findings = parts.flatMap((one) => one.findings);
  const warnings = parts.flatMap((one) => one.warnings);
  const faults = parts.flatMap(({ fault }) => (fault === null ? [] : [fault]));
  const shared = { findings, warnings, commits: { base: commit, head: commit } };
  if (findings.length > 0) {
    const more = faults.map(({ reason }) => `could not tell everything: ${reason}`);
    return { status: 'fail', reason: whatStands(scanned, findings), ...shared, warnings: [...warnings, ...more] };
  }
  const first = faults.find(({ cause }) => cause !== 'feed-down') ?? faults[0];
  if (first === undefined) return { status: 'pass', reason: whatIsClean(audited), ...shared };
  return first.cause === 'feed-down'
    ? { status: 'defer', cause: first.cause, reason: first.reason, ...shared }
    : { status: 'error', cause: first.cause, reason: first.reason, ...shared };
}

function whatStands(scanned: SecretScan | Crashed, findings: readonly Finding[]): string {
  const secrets = scanned.kind === 'scanned' ? scanned.introduced : 0;
  const entries = findings.filter(({ rule }) => rule.startsWith('entry/')).length;
  const others = findings.filter(({ rule }) => /^(?:dependency|lock)\//.test(rule)).length;
  const counts = [
    [secrets, 'secret', 'secrets'],
    [others, 'dependency problem', 'dependency problems'],
    [entries, 'file that the policy keeps out', 'files that the policy keeps out'],
  ] as const;
  const said = counts.flatMap(([count, one, many]) => (count === 0 ? [] : [`${count} ${count === 1 ? one : many}`]));
  return `there ${said.length === 1 && findings.length === 1 ? 'is' : 'are'} ${said.join(', ')}`;
}

const whatIsClean = (audited: DependencyAudit | Crashed | null): string =>
  audited?.kind === 'audited' || audited?.kind === 'none'
    ? 'no secret, no known vulnerability'
    : 'no secret; dependencies were not audited';

/** The answer to a question that cannot be asked: nothing is said about the repository. */
function broken(reason: string): RepositoryAudit {
  const check = { status: 'error', cause: 'tool-failed', reason, findings: [], warnings: [] } as const;
  return { check, scan: { kind: 'tool-failed', reason }, audit: null };
}
