/**
 * Does this change add a secret or a known-vulnerable dependency? Objects are scanned, lockfiles are data, and whatever
 * could not be found out is said and never passes as clean. Start with verdict.ts.
 */
import type { WriteAnswer } from '@gatehouse/artefact';
import { type CheckVerdict, type Crashed, neverRaise } from '@gatehouse/verdict';
import { type FoundGitleaks, findGitleaks as find, type GitleaksOptions } from './adapters/gitleaks-engine.ts';
import { type AuditRequest, audit } from './audit.ts';
import { auditWhole, type RepositoryAudit, type RepositoryAuditRequest } from './audit-repository.ts';
import { type BranchSecurityRequest, checkBranchSecurity as check } from './check-branch-security.ts';
import { type Masked, type MaskRequest, mask } from './mask.ts';
import { type ReadBack, type ReadBackRequest, readReport, type SecurityReportRequest, writeReport } from './report.ts';
import { type ScanRequest, scan } from './scan.ts';
import type { DependencyAudit, SecretScan } from './verdict.ts';

export type { FoundGitleaks, GitleaksOptions } from './adapters/gitleaks-engine.ts';
export { type NpmBulkOptions, npmBulkFeed } from './adapters/npm-bulk-feed.ts';
export { type OsvDatabaseOptions, osvDatabaseFeed } from './adapters/osv-database-feed.ts';
export { type OsvOptions, osvFeed } from './adapters/osv-feed.ts';
export { type OsvScannerOptions, osvScannerFeed } from './adapters/osv-scanner-feed.ts';
export { type PipAuditOptions, pipAuditFeed } from './adapters/pip-audit-feed.ts';
export type { AuditRequest } from './audit.ts';
export type { RepositoryAudit, RepositoryAuditRequest } from './audit-repository.ts';
export type { BranchSecurityRequest } from './check-branch-security.ts';
export {
  computeSecurityVerdict,
  REPORT_NAME,
  type SecurityPolicy,
  type SecurityVerdictRequest,
} from './compute-verdict.ts';
export type { ReportRequest, ToolFailed, VerdictRequest } from './deprecated.ts';
export { EMBEDDED as EMBEDDED_ENGINES } from './engine.ts';
export type { FeedAdvisory, FeedAnswer, FeedGap, FeedPort, FeedQuestion } from './feed.ts';
export type { Canary } from './feeds/canaries.ts';
export { joinFeeds } from './feeds/join-feeds.ts';
export type { Ecosystem } from './lock/locked-package.ts';
export type { Masked, MaskRequest } from './mask.ts';
export type { ReadBack, ReadBackRequest, SecurityReportRequest } from './report.ts';
export { SECURITY_REPORT_KEYS } from './report.ts';
export type { ScanRequest } from './scan.ts';
export type { EngineQuestion, EngineReport, SecretEngine } from './secret-engine.ts';
export type {
  Advisory,
  AllowEntry,
  DependencyAudit,
  Gitlink,
  LargeObject,
  LockChange,
  ScanFailed,
  Scanned,
  SecretFinding,
  SecretScan,
  SecurityVerdict,
  Severity,
  TimedOut,
  UnreadDependencies,
  Unscannable,
} from './verdict.ts';

/** The whole gate on one range, report included. A verdict that cannot be written and read back is an error. */
export const checkBranchSecurity: (request: BranchSecurityRequest) => Promise<CheckVerdict | Crashed> = neverRaise(
  'security-gate.checkBranchSecurity',
  check,
);

/**
 * Scans every object that `head` has and `base` has not. Only `scanned` says anything about the change.
 *
 * @example
 * ```ts
 * import { execFileSync } from 'node:child_process';
 * import { mkdtemp, writeFile } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { scanSecrets } from '@gatehouse/security-gate';
 *
 * const dir = await mkdtemp(join(tmpdir(), 'security-gate-'));
 * const author = ['-c', 'user.name=ann', '-c', 'user.email=ann@mail.example'];
 * const git = (...args: string[]) => execFileSync('git', ['-C', dir, ...author, ...args], { encoding: 'utf8' }).trim();
 * git('init', '--quiet');
 * git('commit', '--quiet', '--allow-empty', '--message=one');
 * const base = git('rev-parse', 'HEAD');
 * await writeFile(join(dir, 'settings.ini'), 'token = ' + ['gh', 'p_', 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'].join(''));
 * git('add', '.');
 * git('commit', '--quiet', '--message=two');
 *
 * const scan = await scanSecrets({ git: { gitDir: join(dir, '.git') }, base, head: git('rev-parse', 'HEAD') });
 * console.log(scan.kind === 'scanned' ? scan.findings[0]?.rule : scan); // secret/github
 * ```
 */
export const scanSecrets: (request: ScanRequest) => Promise<SecretScan | Crashed> = neverRaise(
  'security-gate.scanSecrets',
  (request: ScanRequest) => scan(request),
);

/** Compares the lockfiles of both ends and asks `feed` about what head installs. */
export const auditDependencies: (request: AuditRequest) => Promise<DependencyAudit | Crashed> = neverRaise(
  'security-gate.auditDependencies',
  audit,
);

/**
 * The health of a whole repository: every file of a commit, or all of its history, by the rules that changes are held to. Only a
 * `pass` says that everything was looked at and nothing found.
 */
export const auditRepository: (request: RepositoryAuditRequest) => Promise<RepositoryAudit | Crashed> = neverRaise(
  'security-gate.auditRepository',
  auditWhole,
);

/** Writes the verdict as `17-security-report.md` in `dir`, which must be the caller's own store. */
export const writeSecurityReport: (request: SecurityReportRequest) => Promise<WriteAnswer | Crashed> = neverRaise(
  'security-gate.writeSecurityReport',
  writeReport,
);

/** Reads the verdict back. `rejected` means there is no verdict: the caller fails closed. */
export const readSecurityVerdict: (request: ReadBackRequest) => Promise<ReadBack | Crashed> = neverRaise(
  'security-gate.readSecurityVerdict',
  readReport,
);

/** Replaces every secret in texts that will be shown. On anything but `masked`, show none of them. */
export const maskSecrets: (request: MaskRequest) => Promise<Masked | Crashed> = neverRaise(
  'security-gate.maskSecrets',
  (request: MaskRequest) => mask(request),
);

/** Looks for gitleaks on this machine: an engine for `engine` of a scan, or why there is none. */
export const findGitleaks: (options: GitleaksOptions) => Promise<FoundGitleaks | Crashed> = neverRaise(
  'security-gate.findGitleaks',
  find,
);
