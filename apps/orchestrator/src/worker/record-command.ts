/** Records the commands of a claim: in the counters, in the active claims, and in the store, whose number for each it answers. */
import type { CommandRun } from '@gatehouse/gate-run';
import type { ServiceContext } from '../context.ts';
import type { JobToken } from '../store/port/index.ts';

type RecorderDeps = Pick<ServiceContext, 'metrics' | 'activeClaims' | 'store'>;

export function commandRecorder(
  { metrics, activeClaims, store }: RecorderDeps,
  claim: JobToken,
  of: { readonly repoId: string; readonly taskId: string | null },
): (run: CommandRun) => Promise<number> {
  return async (run) => {
    metrics.run(run);
    activeClaims.commandEnded(claim, run);
    return store.recordRun({ ...recorded(run), ...of }, claim);
  };
}

const recorded = (run: CommandRun) => ({
  purpose: run.purpose,
  commit: run.commit,
  tree: run.tree,
  command: run.command,
  startedAt: run.startedAt,
  durationMs: run.durationMs,
  outcome: run.outcome,
  reason: run.unproven === undefined ? run.reason : `${run.reason}; not proven to be over: ${run.unproven}`,
  exitCode: run.exitCode ?? null,
  tests: run.tests ?? null,
  level: run.level,
  leftovers: run.leftovers,
  logPath: run.logPath ?? null,
});
