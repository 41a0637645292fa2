/** `check_security_gate`: the objects new in base..head carry no secret and add no known-vulnerable dependency. */
import { hash } from 'node:crypto';
import { checkBranchSecurity } from '@gatehouse/security-gate';
import type { CheckVerdict } from '@gatehouse/verdict';
import type { CheckContext } from './port.ts';
import { engineNames, engineOptions } from './secret-engine.ts';
import { crashed } from './verdicts.ts';

/** What is said where nobody can be asked about dependencies. */
export const NO_FEED = 'no advisory feed is configured (ORCH_SECURITY_DEP_FEED_URL, ORCH_OSV_URL)';

export async function checkSecurityGate(context: CheckContext): Promise<CheckVerdict> {
  const { subject, settings, git, policy, workspace, ports, signal } = context;
  const { audit, auditFailClosed, depHosts: trustedHosts, timeoutMs } = settings.security;
  const { largeBytes, ...kept } = policy.entries;
  const feed = ports.feed ?? NO_FEED;
  const verdict = await checkBranchSecurity({
    git,
    base: subject.base,
    head: subject.head,
    branch: subject.branch,
    allow: policy.allow,
    timeoutMs,
    audit: audit ? { feed, minSeverity: policy.depSeverity, trustedHosts } : null,
    policy: { depAuditEnabled: audit, depFailClosed: auditFailClosed, ...kept },
    largeBytes,
    ...(await engineOptions(settings)),
    configDigest: configDigest(context),
    reportsDir: workspace.reportsDir,
    signal,
  });
  return 'kind' in verdict ? crashed(verdict) : verdict;
}

/** Asked for twice by each check, and the same for all checks of a repository. */
let last = { text: '', digest: '' };

/** What a security verdict depends on besides the commits. */
export function configDigest({ policy, settings, ports }: CheckContext): string {
  const parts = {
    allow: policy.allow,
    severity: policy.depSeverity,
    entries: policy.entries,
    audit: settings.security.audit,
    closed: settings.security.auditFailClosed,
    feed: ports.feed?.name ?? 'none',
    hosts: settings.security.depHosts,
    engines: engineNames(settings),
  };
  const text = JSON.stringify(parts);
  if (text !== last.text) last = { text, digest: hash('sha256', text) };
  return last.digest;
}
