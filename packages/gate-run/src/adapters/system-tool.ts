/** Runs cp or du of the system on directories of ours. No command of a commit: there is nothing to record or to judge. */
import { outputText, runInGroup } from '@gatehouse/proc-group';

/** What the tool prints; null when it fails or is late. */
export async function callTool(
  command: string,
  args: readonly string[],
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal | undefined },
): Promise<string | null> {
  const run = await runInGroup({
    command,
    args,
    cwd: '/',
    timeoutMs,
    graceMs: 0,
    containment: 'group',
    ...(signal === undefined ? {} : { signal }),
  });
  return run.kind === 'exited' && run.code === 0 ? outputText(run.stdout) : null;
}
