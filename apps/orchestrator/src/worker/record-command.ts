/** Where the commands of a claim are told: counters, the list of what is alive, and the store. */
import type { RunOfCheck } from '../checks/port.ts';
import type { House } from '../context.ts';
import type { JobToken } from '../store/port.ts';

type Desk = Pick<House, 'metrics' | 'runs' | 'store'>;

export function recorderFor(
  { metrics, runs, store }: Desk,
  claim: JobToken,
  of: { readonly repoId: string; readonly taskId: string | null },
): (run: RunOfCheck) => Promise<void> {
  return async (run) => {
    metrics.run(run);
    runs.commandEnded(claim, run);
    await store.recordRun({ ...recorded(run), ...of }, claim);
  };
}

const recorded = (run: RunOfCheck) => ({
  purpose: run.purpose,
  commit: run.commit,
  tree: run.tree,
  command: run.command,
  startedAt: run.startedAt,
  durationMs: run.durationMs,
  outcome: run.outcome,
  reason: run.reason,
  exitCode: run.exitCode ?? null,
  tests: run.tests ?? null,
  level: run.level,
  leftovers: run.leftovers,
  logPath: run.logPath ?? null,
});
