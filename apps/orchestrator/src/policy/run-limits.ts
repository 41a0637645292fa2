/** What the operator's settings say about every command that runs on a commit, whichever part asks for it. */
import { fitDeadline, type RunLimits } from '@gatehouse/gate-run';
import { maskText } from '../platform/mask-text.ts';
import type { Settings } from '../settings.ts';
import { isolationOf, type PolicyIsolation, type Work } from './isolation.ts';

/**
 * The kill-switch, the reaper's limit, whether deadlines are held against it, what separates the command from the service, and that no secret
 * a command prints is kept in a text.
 */
export function runLimits(settings: Settings, policy: { readonly isolation: PolicyIsolation }, work: Work = 'test') {
  const isolation = isolationOf(settings, policy.isolation, work);
  return { ...deadlineLimits(settings), ...(isolation === undefined ? {} : { isolation }) } satisfies RunLimits;
}

const deadlineLimits = (settings: Settings) =>
  ({
    treeKill: settings.commands.treeKill,
    reaperLimitMs: settings.limits.reaperMs,
    validateDeadline: settings.merge.validateTimeouts,
    mask: maskText,
  }) satisfies RunLimits;

/** Why the deadline of the settings themselves is shortened or refused, for the log at start; null: it fits. */
export function deadlineFault(settings: Settings): string | null {
  const { reaperLimitMs, validateDeadline: validate } = deadlineLimits(settings);
  const { merge, commands } = settings;
  const fitted = fitDeadline({ timeoutMs: merge.retestTimeoutMs, graceMs: commands.graceMs, reaperLimitMs, validate });
  return fitted.kind === 'accepted' ? null : fitted.reason;
}
