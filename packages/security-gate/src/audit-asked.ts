/** The dependency audit as a caller asks for it: switched off, without a feed, or with one. */
import { type Crashed, neverRaise } from '@gatehouse/verdict';
import { type AuditRequest, audit } from './audit.ts';
import type { BranchSecurityRequest } from './check-branch-security.ts';
import { ECOSYSTEMS } from './lock/formats.ts';
import type { SettingsPlace } from './scan.ts';
import type { DependencyAudit } from './verdict.ts';

type Range = Pick<AuditRequest, 'git' | 'base' | 'head'> &
  SettingsPlace & { readonly signal?: AbortSignal | undefined };

const auditRange = neverRaise('security-gate.auditDependencies', audit);

/** Null: switched off. No feed at all is a feed that cannot be reached; what needs none is looked at all the same. */
export async function auditAsked(
  range: Range,
  asked: BranchSecurityRequest['audit'],
): Promise<DependencyAudit | Crashed | null> {
  if (asked === null) return null;
  const { feed: named, minSeverity, trustedHosts = [] } = asked;
  const none = { kind: 'unreachable', reason: String(named), changes: [] } as const satisfies DependencyAudit;
  const feed: AuditRequest['feed'] =
    typeof named === 'string' ? { name: 'none', ecosystems: ECOSYSTEMS, query: async () => none } : named;
  const { signal, ...ends } = range;
  const stop = signal === undefined ? {} : { signal };
  const audited = await auditRange({ ...ends, feed, minSeverity, trustedHosts, ...stop });
  return typeof named === 'string' && audited.kind === 'none' ? none : audited;
}
