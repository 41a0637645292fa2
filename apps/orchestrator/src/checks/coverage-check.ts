/** `check_coverage_gate`: the caught-up commit does not erode coverage; its measurement is kept for the ratchet. */
import { join } from 'node:path';
import { checkBranchCoverage } from '@gatehouse/coverage-gate';
import type { CheckVerdict } from '@gatehouse/verdict';
import { MEASUREMENT } from '../platform/claim-directories.ts';
import { writeTextFile } from '../platform/files.ts';
import { runLimits } from '../policy/run-limits.ts';
import { judgeCoverageCommand } from './coverage-command.ts';
import { serializeMeasurement } from './coverage-measurement.ts';
import type { CheckContext } from './port.ts';
import { testRunMeasurement } from './test-run-coverage.ts';
import { crashed, error, skip } from './verdicts.ts';

export async function checkCoverage(context: CheckContext): Promise<CheckVerdict> {
  const { subject, git, settings, policy, workspace, ports, signal } = context;
  if (policy.coverage === null) return skip('no coverage.command is configured for this repository');
  const trust = await judgeCoverageCommand(context);
  if (trust.kind === 'stopped') return trust.verdict;
  const measurement = await testRunMeasurement(context);
  const answer = await checkBranchCoverage({
    ...runLimits(settings, policy),
    git,
    base: subject.base,
    head: subject.head,
    commit: subject.tested ?? subject.head,
    policy: { graceMs: settings.commands.graceMs, ...policy.coverage },
    baseline: ports.baseline,
    ...(measurement === undefined ? {} : { measurement }),
    slotDir: workspace.slotDir,
    logDir: workspace.logDir,
    reportsDir: workspace.reportsDir,
    onRun: ports.record,
    signal,
  });
  if (answer.kind === 'crashed') return crashed(answer);
  if (answer.measurement !== null) {
    const text = serializeMeasurement(answer.measurement);
    const kept = await writeTextFile(join(workspace.reportsDir, MEASUREMENT), text);
    if (kept.kind !== 'written') return error('tool-failed', `the measurement cannot be kept: ${kept.reason}`);
  }
  return { ...answer.verdict, warnings: [...trust.warnings, ...answer.verdict.warnings] };
}
