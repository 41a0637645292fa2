/** What a job's commands printed, the end of each, secrets masked. */
import type { ServiceContext } from '../context.ts';
import { maskTexts } from '../platform/mask-text.ts';
import type { Job } from '../store/port/index.ts';

/** Bytes of each log, where nothing else is asked for. */
export const LOG_TAIL = 65_536;

/** One text, each log under its name. */
export async function readLog(
  { workspaces }: Pick<ServiceContext, 'workspaces'>,
  job: Job,
  tailBytes: number = LOG_TAIL,
): Promise<string> {
  const logs = await workspaces.logs(job, tailBytes);
  const parts = logs.map(({ name, text, skippedBytes }) =>
    [`==> ${name}${skippedBytes > 0 ? ` (${skippedBytes} bytes before this)` : ''}`, text].join('\n'),
  );
  const shown = await maskTexts(parts);
  return logs.length === 0 ? 'this job has printed nothing\n' : shown.join('\n');
}
