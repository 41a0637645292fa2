/** Scan and audit → one verdict. Pure and total: what is not clearly clean does not pass. */
import type { Crashed, Finding, TestedCommits } from '@gatehouse/verdict';
import { total } from './adapters/total.ts';
import { dependencyPart } from './dependency-verdict.ts';
import { secretPart, UNRELATED } from './secret-verdict.ts';
import type { DependencyAudit, SecretScan, SecurityVerdict } from './verdict.ts';

/** File name of the report in the artefact store. */
export const REPORT_NAME = '17-security-report.md';

/** What blocks, what warns, and what is off. */
export interface SecurityPolicy {
  /** Off: the audit is not read and the report says so. */
  readonly depAuditEnabled: boolean;
  /** True: a feed that cannot answer defers the change instead of warning loudly. */
  readonly depFailClosed: boolean;
  /** What a bad lockfile change is; default `fail`. */
  readonly lockChanges?: 'fail' | 'warn';
  /** What a compressed file or an LFS pointer is, whose content was not scanned; default `warn`. */
  readonly unscannable?: 'warn' | 'error';
  /** What a gitlink is that no `.gitmodules` names; default `warn`. */
  readonly gitlinks?: 'warn' | 'block';
  /** What a new object is that is larger than `ScanRequest.largeBytes`; default `warn`. */
  readonly largeFiles?: 'warn' | 'block';
}

/** What may be given to `computeSecurityVerdict`. */
export interface SecurityVerdictRequest {
  /** What `scanSecrets` answered, whatever it was. */
  readonly scan: SecretScan | Crashed;
  /** Null when the audit is switched off. */
  readonly audit: DependencyAudit | Crashed | null;
  /** What blocks and what only warns; from the operator or from base. */
  readonly policy: SecurityPolicy;
  /** The commits that the answer is about. */
  readonly commits: TestedCommits;
  /** Fresh for every run; only a report that carries it is this run's. */
  readonly nonce: string;
  /** Digest of everything the verdict depends on besides the commits. */
  readonly configDigest: string;
}

/** A finding outweighs a fault: a leaked secret is certain, whatever a feed could not say. */
export function computeVerdict(request: SecurityVerdictRequest): SecurityVerdict {
  const { scan, audit, policy, commits, nonce, configDigest } = request;
  const parts = [secretPart(scan, policy), dependencyPart(audit, policy)];
  const findings = parts.flatMap((one) => one.findings);
  const warnings = parts.flatMap((one) => one.warnings);
  const faults = parts.flatMap(({ fault }) => (fault === null ? [] : [fault]));
  const shared = { findings, warnings, commits, artefact: REPORT_NAME };
  const bound = { commits, nonce, configDigest, scan, audit };
  const first = faults.find(({ cause }) => cause !== 'feed-down') ?? faults[0];
  if (findings.length > 0) {
    const reason = scan.kind === 'unrelated' ? UNRELATED.reason : whatIsAdded(scan, findings);
    const more = faults.map((fault) => `could not tell everything: ${fault.reason}`);
    return { ...bound, status: 'FAIL', check: { status: 'fail', reason, ...shared, warnings: [...warnings, ...more] } };
  }
  if (first === undefined)
    return {
      ...bound,
      status: 'PASS',
      check: { status: 'pass', reason: `no new secret${ofDependencies(audit)}`, ...shared },
    };
  const status = first.cause === 'feed-down' ? 'defer' : 'error';
  return { ...bound, status: 'ERROR', check: { status, cause: first.cause, reason: first.reason, ...shared } };
}

/** The answer to arguments that cannot be read: an error, so that nothing opens. */
export function computeSecurityVerdict(request: SecurityVerdictRequest): SecurityVerdict {
  const reason = 'the verdict was asked for with arguments that cannot be read';
  const commits = { base: '', head: '' };
  return total(() => computeVerdict(request), {
    status: 'ERROR',
    check: { status: 'error', cause: 'crashed', reason, findings: [], warnings: [], commits, artefact: REPORT_NAME },
    commits,
    nonce: '',
    configDigest: '',
    scan: { kind: 'tool-failed', reason },
    audit: null,
  });
}

/** Of what nobody was asked about nothing is claimed. */
function ofDependencies(audit: SecurityVerdictRequest['audit']): string {
  switch (audit?.kind) {
    case 'none':
      return ', no new known vulnerability';
    case 'audited':
      return (audit.gaps ?? []).length > 0 ? '; not all dependencies were audited' : ', no new known vulnerability';
    default:
      return '; dependencies were not audited';
  }
}

function whatIsAdded(scan: SecretScan | Crashed, findings: readonly Finding[]): string {
  const secrets = scan.kind === 'scanned' ? scan.introduced : 0;
  const entries = findings.filter(({ rule }) => rule.startsWith('entry/')).length;
  const others = findings.filter(({ rule }) => /^(?:dependency|lock)\//.test(rule)).length;
  const odd = entries === 0 ? '' : `, and ${plural(entries, 'file')} that the policy keeps out`;
  return `the change adds ${plural(secrets, 'secret')} and ${plural(others, 'dependency problem')}${odd}`;
}

const plural = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
