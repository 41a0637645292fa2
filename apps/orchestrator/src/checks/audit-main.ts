/** The health of a main: what stands in a commit, by the rules that branches are held to. No branch is judged by it. */

import type { GitRepo } from '@gatehouse/git';
import { auditRepository, type FeedPort, type RepositoryAudit } from '@gatehouse/security-gate';
import type { GatePolicy } from '../policy/resolve-policy.ts';
import type { Settings } from '../settings.ts';
import { maskVerdict } from './mask-secrets.ts';
import { engineOptions } from './secret-engine.ts';
import { NO_FEED } from './security-check.ts';
import { crashed } from './verdicts.ts';

export interface MainAudit {
  readonly git: GitRepo;
  /** Full object name. */
  readonly commit: string;
  /** Of that commit. */
  readonly policy: Pick<GatePolicy, 'allow' | 'depSeverity' | 'entries'>;
  readonly settings: Pick<Settings, 'security'>;
  readonly feed: FeedPort | null;
  /** Also what earlier commits hold. */
  readonly history: boolean;
  readonly signal: AbortSignal;
}

export type MainAuditor = typeof auditMain;

/** All of a history takes as long as it takes; whoever waits can end it. */
const HISTORY_MS = 6 * 3_600_000;

/** The audit, its verdict masked. */
export async function auditMain(request: MainAudit): Promise<RepositoryAudit> {
  const { git, commit, policy, settings, feed, history, signal } = request;
  const { audit, auditFailClosed, depHosts: trustedHosts, timeoutMs } = settings.security;
  const { largeBytes, ...kept } = policy.entries;
  const found = await auditRepository({
    ...{ git, commit, history, largeBytes, signal, allow: policy.allow },
    timeoutMs: history ? HISTORY_MS : timeoutMs,
    audit: audit ? { feed: feed ?? NO_FEED, minSeverity: policy.depSeverity, trustedHosts } : null,
    policy: { depAuditEnabled: audit, depFailClosed: auditFailClosed, ...kept },
    ...(await engineOptions(settings)),
  });
  if ('kind' in found) return { check: crashed(found), scan: found, audit: null };
  return { ...found, check: await maskVerdict(found.check) };
}
