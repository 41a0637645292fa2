/** `check_branch_mergeable`: the branch, caught up with main, is green; a pass leaves the merge lease held. */
import { fitDeadline } from '@gatehouse/gate-run';
import { checkBranchMergeable, type MergeRequest, mergeCheckVerdict, type TestPolicy } from '@gatehouse/merge-gate';
import type { CheckVerdict } from '@gatehouse/verdict';
import { runLimits } from '../policy/run-limits.ts';
import type { Settings } from '../settings.ts';
import type { CheckContext } from './port.ts';
import { error } from './verdicts.ts';

export async function checkMergeable(context: CheckContext): Promise<CheckVerdict> {
  const { subject, settings, policy, ports } = context;
  if (policy.test === null)
    return error(
      'tool-failed',
      'nothing tells how to test this repository: add gatehouse.yaml with `test.command` to main',
    );
  const timed = timedPolicy(settings, policy.test);
  if (timed.kind === 'impossible') return error('tool-failed', timed.reason);
  const request = mergeRequest(context, timed.policy);
  const { lease, results, base } = ports;
  const verdict = await checkBranchMergeable(request, { lease, results, ...(base === undefined ? {} : { base }) });
  const answer = mergeCheckVerdict(verdict, { base: subject.base, head: subject.head });
  return {
    ...answer,
    warnings: [...answer.warnings, ...policy.warnings, ...timed.warnings],
  };
}

/** The definition with deadlines that end before the reaper would take the run for dead. */
export function timedPolicy(
  settings: Settings,
  test: TestPolicy,
):
  | { readonly kind: 'policy'; readonly policy: TestPolicy; readonly warnings: readonly string[] }
  | { readonly kind: 'impossible'; readonly reason: string } {
  const { reaperLimitMs, validateDeadline } = runLimits(settings);
  const times = fitDeadline({
    timeoutMs: test.timeoutMs,
    setupTimeoutMs: test.setup === undefined ? 0 : (test.setupTimeoutMs ?? test.timeoutMs),
    graceMs: test.graceMs ?? settings.commands.graceMs,
    reaperLimitMs,
    validate: validateDeadline,
  });
  if (times.kind === 'impossible') return times;
  const { timeoutMs, setupTimeoutMs, graceMs } = times;
  const setup = setupTimeoutMs > 0 ? { setupTimeoutMs } : {};
  const warnings = times.kind === 'clamped' ? [times.reason] : [];
  return { kind: 'policy', policy: { ...test, timeoutMs, graceMs, ...setup }, warnings };
}

function mergeRequest(context: CheckContext, test: TestPolicy): MergeRequest {
  const { subject, settings, git, policy, workspace, ports, signal } = context;
  const { treeKill, ...deadlines } = runLimits(settings);
  return {
    ...deadlines,
    repo: subject.repo,
    holder: subject.holder,
    git,
    base: subject.base,
    head: subject.head,
    watch: { base: `refs/heads/${subject.main}`, head: `refs/heads/${subject.branch}` },
    slotDir: workspace.slotDir,
    logDir: workspace.logDir,
    policy: test,
    markers: policy.markers,
    validated: context.evidence?.validated ?? false,
    allowGateChange: context.allowGateChange ?? false,
    onRun: ports.record,
    signal,
    switches: {
      treeKill,
      infraRetry: settings.merge.infraRetry,
      skipWhenCurrent: settings.merge.skipWhenCurrent,
    },
  };
}
