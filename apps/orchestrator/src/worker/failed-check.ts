/** Collects the verdict that sent a change back to its developer, with the command, the tests and the logs behind it. */
import type { FailedCheck } from '../agents/failed-check.ts';
import type { ServiceContext } from '../context.ts';
import type { GateRun, StoredCommandRun } from '../store/port/index.ts';

/** Kept of each command's log, from its end. */
const LOG_BYTES = 1024 * 1024;
const TESTS = 200;

type Reads = Pick<ServiceContext, 'store' | 'workspaces'>;

/** Null: no verdict on record is what the developer's brief is about. */
export async function failedCheckOf(
  { store, workspaces }: Reads,
  { taskId, brief }: { readonly taskId: string; readonly brief: string | null },
): Promise<FailedCheck | null> {
  if (brief === null) return null;
  const failed = (await store.gateRuns({ taskId, limit: 50 })).find(({ status }) => status === 'fail');
  if (failed === undefined || !brief.startsWith(`${failed.check}: `)) return null;
  const { check, reason, findings, jobId } = failed;
  const commands = (await store.commandRuns({ taskId, limit: 500 })).filter((one) => isIts(one, failed));
  const job = jobId === null ? null : await store.getJob(jobId);
  return {
    check,
    reason,
    findings,
    command: (commands.find(({ outcome }) => outcome === 'red') ?? commands[0])?.command ?? null,
    failing: failingOf(findings, commands),
    logs: job === null ? [] : await workspaces.logs(job, LOG_BYTES),
  };
}

/** What main alone did is no part of the work. */
const isIts = ({ jobId, purpose }: StoredCommandRun, failed: GateRun): boolean =>
  jobId === failed.jobId && !/^(?:base|setup)/.test(purpose);

/** As the verdict names them; where it names none, as the command did. */
function failingOf(findings: GateRun['findings'], commands: readonly StoredCommandRun[]): readonly string[] {
  const named = findings.flatMap(({ rule, message }) =>
    rule === 'red-test' ? [(message.split('\n')[0] ?? '').replace(/^failing: /, '')] : [],
  );
  const counted = commands.find(({ outcome }) => outcome === 'red')?.tests?.failed ?? [];
  return (named.length > 0 ? named : counted).slice(0, TESTS);
}
