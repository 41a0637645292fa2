/** `check_branch_mergeable`: the branch, caught up with main, is green; a pass leaves the merge lease held. */

import { validatePullHead } from '@gatehouse/git';
import { checkBranchMergeable, type MergeRequest, mergeCheckVerdict, type TestPolicy } from '@gatehouse/merge-gate';
import type { CheckVerdict } from '@gatehouse/verdict';
import { runLimits } from '../policy/run-limits.ts';
import type { Settings } from '../settings.ts';
import type { CheckContext } from './port.ts';
import { recordTestRun } from './test-run-coverage.ts';
import { error } from './verdicts.ts';

export async function checkMergeable(context: CheckContext): Promise<CheckVerdict> {
  const { subject, settings, policy, ports } = context;
  if (policy.test === null)
    return error(
      'tool-failed',
      'nothing tells how to test this repository: add gatehouse.yaml with `test.command` to main',
    );
  const request = mergeRequest(context, gracefulPolicy(settings, policy.test));
  const { lease, results, base, tests, certificates } = ports;
  const verdict = await checkBranchMergeable(request, {
    lease,
    results,
    ...(base === undefined ? {} : { base }),
    ...(tests === undefined ? {} : { tests }),
    ...(certificates === undefined ? {} : { certificates }),
  });
  const answer = mergeCheckVerdict(verdict, { base: subject.base, head: subject.head });
  return {
    ...answer,
    warnings: [...answer.warnings, ...policy.warnings],
  };
}

/** The definition with the service's own grace where it names none. */
export const gracefulPolicy = (settings: Settings, test: TestPolicy): TestPolicy => ({
  ...test,
  graceMs: test.graceMs ?? settings.commands.graceMs,
});

/** Where the mirror has the head that is judged. */
function watchedRef(branch: string): string {
  const pull = validatePullHead(branch);
  return pull.kind === 'valid' ? pull.mirrorRef : `refs/heads/${branch}`;
}

/**
 * Other checks stand for the tests of this code: the operator declared it, and all of them passed. A lint, an agent's word and a
 * green staging are no run of the tests.
 */
export const isDeclaredGreen = ({ policy, evidence }: Pick<CheckContext, 'policy' | 'evidence'>): boolean =>
  policy.ciCoversTest && (evidence?.validated ?? false);

function mergeRequest(context: CheckContext, test: TestPolicy): MergeRequest {
  const { subject, settings, git, policy, workspace, signal } = context;
  const { treeKill, ...deadlines } = runLimits(settings, policy);
  return {
    ...deadlines,
    repo: subject.repo,
    holder: subject.holder,
    git,
    base: subject.base,
    head: subject.head,
    watch: { base: `refs/heads/${subject.main}`, head: watchedRef(subject.branch) },
    slotDir: workspace.slotDir,
    logDir: workspace.logDir,
    policy: test,
    certificateRuns: settings.merge.certificateRuns,
    rules: policy.rules,
    markers: policy.markers,
    validated: isDeclaredGreen(context),
    allowGateChange: context.allowGateChange ?? false,
    onRun: recordTestRun(context),
    signal,
    switches: {
      treeKill,
      infraRetry: settings.merge.infraRetry,
      skipWhenCurrent: settings.merge.skipWhenCurrent,
    },
  };
}
