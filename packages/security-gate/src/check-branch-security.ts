/**
 * The whole gate on one range: scan the objects, audit the lockfiles, decide, write the report, and believe only what is
 * read back from it. A verdict that could not be written and read is an error.
 */
import { randomBytes } from 'node:crypto';
import { type CheckVerdict, describeCrash, neverRaise } from '@gatehouse/verdict';
import type { AuditRequest } from './audit.ts';
import { auditAsked } from './audit-asked.ts';
import { computeSecurityVerdict, type SecurityPolicy } from './compute-verdict.ts';
import { readReport, writeReport } from './report.ts';
import { type ScanRequest, scan } from './scan.ts';

/** What may be given to `checkBranchSecurity`. */
export interface BranchSecurityRequest extends ScanRequest {
  /** Null: dependencies are not audited. A text instead of a feed says why there is none. */
  readonly audit: {
    /** Where known vulnerabilities are asked for, or why nobody is. */
    readonly feed: AuditRequest['feed'] | string;
    /** The lowest severity that blocks. */
    readonly minSeverity: AuditRequest['minSeverity'];
    /** Hosts that packages may come from besides those that base already uses. */
    readonly trustedHosts?: AuditRequest['trustedHosts'];
  } | null;
  /** What blocks and what only warns; from the operator or from base. */
  readonly policy: SecurityPolicy;
  /** Digest of everything the verdict depends on besides the commits. */
  readonly configDigest: string;
  /** The caller's own store; the report goes there as `17-security-report.md`. */
  readonly reportsDir: string;
}

const scanRange = neverRaise('security-gate.scanSecrets', scan);

/** See `checkBranchSecurity` in index.ts. */
export async function checkBranchSecurity(request: BranchSecurityRequest): Promise<CheckVerdict> {
  const { base, head, configDigest, reportsDir: dir, policy } = request;
  const expect = { base, head, nonce: randomBytes(16).toString('hex'), configDigest };
  const found = await scanRange(request);
  const { git, signal, audit: asked } = request;
  const audited = await auditAsked({ git, base, head, signal }, asked);
  const commits = { base, head };
  const { nonce } = expect;
  const verdict = computeSecurityVerdict({ scan: found, audit: audited, policy, commits, nonce, configDigest });
  const written = await neverRaise('security-gate.writeSecurityReport', writeReport)({ dir, verdict });
  if (written.kind === 'crashed') return failed('crashed', describeCrash(written));
  if (written.kind !== 'written')
    return failed('tool-failed', `the security report cannot be written: ${written.reason}`);
  const read = await neverRaise('security-gate.readSecurityVerdict', readReport)({ dir, expect });
  if (read.kind === 'crashed') return failed('crashed', describeCrash(read));
  if (read.kind !== 'verdict') return failed('tool-failed', `the security report cannot be trusted: ${read.reason}`);
  // What was read back decides; the findings, which a report's front matter does not hold, are the ones just computed.
  return { ...read.check, findings: verdict.check.findings, warnings: verdict.check.warnings };
}

const failed = (cause: 'crashed' | 'tool-failed', reason: string): CheckVerdict => ({
  status: 'error',
  cause,
  reason,
  findings: [],
  warnings: [],
});
