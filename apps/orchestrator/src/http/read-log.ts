/** What a job's commands printed, the end of each, secrets masked. */
import type { ServiceContext } from '../context.ts';
import { logText } from '../platform/log-text.ts';
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
  return logs.length === 0 ? 'this job has printed nothing\n' : logText(logs);
}
