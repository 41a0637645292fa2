/** What the operator's settings say about every command that runs on a commit, whoever asks for it. */
import type { RunLimits } from '@gatehouse/gate-run';
import type { Settings } from '../settings.ts';

/** The kill-switch, the reaper's limit, and whether deadlines are held against it. */
export const runLimits = (settings: Settings) =>
  ({
    treeKill: settings.commands.treeKill,
    reaperLimitMs: settings.limits.reaperMs,
    validateDeadline: settings.merge.validateTimeouts,
  }) satisfies RunLimits;
