/**
 * `coverage.with_test`: the test command writes the coverage report, too. The merge check reads it right after its own
 * green run, and the coverage check of the same commit starts from that instead of a run of its own.
 */
import { join } from 'node:path';
import { commandHash, type MeasuredOutcome, readLeftReport } from '@gatehouse/coverage-gate';
import type { CommandRun } from '@gatehouse/gate-run';
import { TEST_RUN } from '../platform/claim-directories.ts';
import { writeTextFile } from '../platform/files.ts';
import { parseTestRun, serializeTestRun } from './coverage-measurement.ts';
import type { CheckContext } from './port.ts';

/** What the runs of the whole test command on the commit that would land are for. */
export const WHOLE_RUNS: readonly string[] = ['branch', 'branch-again'];

/** Records every run; of a run that wrote the coverage report, keeps what it covered. */
export function recordTestRun(context: CheckContext): (run: CommandRun) => Promise<void> {
  const { policy, ports } = context;
  return async (run) => {
    await ports.record(run);
    const isWhole = WHOLE_RUNS.includes(run.purpose) && run.command === policy.test?.command;
    if (policy.coverage?.withTest === true && isWhole) await keep(context, run);
  };
}

async function keep(context: CheckContext, run: CommandRun): Promise<void> {
  const { git, workspace, signal } = context;
  const policy = context.policy.coverage;
  if (policy === null || run.outcome !== 'green') return;
  const { slotDir, reportsDir } = workspace;
  const outcome = await readLeftReport({ git, slotDir, commit: run.commit, policy, run, signal });
  if (outcome.kind !== 'measured') return;
  await writeTextFile(join(reportsDir, TEST_RUN), serializeTestRun(outcome, commandHash(policy)));
}

/** What the merge check's run of this very commit covered; undefined: there was none, and the command is to be run. */
export async function testRunMeasurement({
  policy,
  subject,
  ports,
}: CheckContext): Promise<MeasuredOutcome | undefined> {
  if (policy.coverage?.withTest !== true || subject.tested === undefined) return undefined;
  const text = (await ports.testRun?.()) ?? null;
  const found = text === null ? null : parseTestRun(text, commandHash(policy.coverage));
  return found?.evidence.commit === subject.tested ? found : undefined;
}
