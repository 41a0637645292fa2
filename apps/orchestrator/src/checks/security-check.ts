/** `check_security_gate`: the objects new in base..head carry no secret and add no known-vulnerable dependency. */
import { hash, randomBytes } from 'node:crypto';
import {
  auditDependencies,
  computeSecurityVerdict,
  readSecurityVerdict,
  scanSecrets,
  writeSecurityReport,
} from '@gatehouse/security-gate';
import type { CheckVerdict } from '@gatehouse/verdict';
import type { CheckContext } from './port.ts';
import { crashed, error } from './verdicts.ts';

export async function checkSecurityGate(context: CheckContext): Promise<CheckVerdict> {
  const { subject, settings, git, policy, workspace, signal } = context;
  const range = { git, base: subject.base, head: subject.head, signal };
  const scan = await scanSecrets({ ...range, allow: policy.allow, timeoutMs: settings.security.timeoutMs });
  const audit = await auditOf(context);
  const expect = {
    base: subject.base,
    head: subject.head,
    nonce: randomBytes(16).toString('hex'),
    configDigest: configDigest(context),
  };
  const verdict = computeSecurityVerdict({
    scan,
    audit,
    policy: {
      depAuditEnabled: settings.security.audit,
      depFailClosed: settings.security.auditFailClosed,
    },
    commits: { base: subject.base, head: subject.head },
    nonce: expect.nonce,
    configDigest: expect.configDigest,
  });
  const written = await writeSecurityReport({ dir: workspace.reportsDir, verdict });
  if (written.kind === 'crashed') return crashed(written);
  if (written.kind !== 'written')
    return error('tool-failed', `the security report cannot be written: ${written.reason}`);
  const read = await readSecurityVerdict({ dir: workspace.reportsDir, expect });
  if (read.kind === 'crashed') return crashed(read);
  if (read.kind !== 'verdict') return error('tool-failed', `the security report cannot be trusted: ${read.reason}`);
  // What was read back decides; the findings, which a report's front matter does not hold, are the ones just computed.
  return { ...read.check, findings: verdict.check.findings, warnings: verdict.check.warnings };
}

/** Null: switched off. No feed at all is a feed that cannot be reached: loud, or deferred where that is asked for. */
async function auditOf({ subject, settings, git, policy, ports, signal }: CheckContext) {
  if (!settings.security.audit) return null;
  if (ports.feed === null)
    return {
      kind: 'unreachable',
      reason: 'no advisory feed is configured (ORCH_SECURITY_DEP_FEED_URL)',
      changes: [],
    } as const;
  const range = { git, base: subject.base, head: subject.head, signal };
  return auditDependencies({ ...range, feed: ports.feed, minSeverity: policy.depSeverity });
}

/** What a security verdict depends on besides the commits. */
export function configDigest({ policy, settings, ports }: CheckContext): string {
  const parts = {
    allow: policy.allow,
    severity: policy.depSeverity,
    audit: settings.security.audit,
    closed: settings.security.auditFailClosed,
    feed: ports.feed?.name ?? 'none',
  };
  return hash('sha256', JSON.stringify(parts));
}
