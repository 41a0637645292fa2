/** What was last said of the tasks that are asked again later: by a check, or by the work of an agent that was not taken. */

import { isCheckName } from '@gatehouse/stage-engine';
import type { ServiceContext } from '../context.ts';
import type { Job, Task } from '../store/port/index.ts';
import type { LastAnswer } from './explain-waiting.ts';

type Reads = Pick<ServiceContext, 'now' | 'settings' | 'store'>;

/** By the task's id. */
export async function lastAnswersOf(
  service: Reads,
  tasks: readonly Task[],
  jobs: ReadonlyMap<string, Job>,
): Promise<ReadonlyMap<string, LastAnswer>> {
  const answers = new Map<string, LastAnswer>();
  const nowMs = service.now();
  for (const task of tasks) {
    const job = jobs.get(task.id);
    if (job === undefined || job.state !== 'ready' || job.availableAt <= nowMs) continue;
    const found = await lastAnswer(service, task, job);
    if (found !== null) answers.set(task.id, { reason: found.reason, nextTry: nextTryOf(service, task, found.cause) });
  }
  return answers;
}

interface Answered {
  readonly cause: string | null;
  readonly reason: string;
  readonly atMs: number;
}

/** Behind the work of an agent may stand its own failure, or a check that could not use what it left. */
async function lastAnswer({ store }: Reads, { id: taskId }: Task, { step }: Job): Promise<Answered | null> {
  const ofAgent = !isCheckName(step);
  const [run] = await store.gateRuns({ taskId, limit: 1, ...(ofAgent ? {} : { check: step }) });
  const checked = run?.status === 'error' || run?.status === 'defer' ? { ...run, atMs: run.createdAt } : null;
  if (!ofAgent) return checked;
  const [event] = await store.searchEvents({ taskId, kind: 'agent-answered', limit: 1 });
  const { answer } = (event?.body ?? {}) as {
    readonly answer?: { readonly kind?: unknown; readonly reason?: unknown };
  };
  if (event === undefined || event.at < (run?.createdAt ?? 0) || typeof answer?.reason !== 'string') return checked;
  return { cause: String(answer.kind), reason: answer.reason, atMs: event.at };
}

/** Those that a task is asked again for a limited number of times. */
const COUNTED = ['infra', 'tool-failed', 'crashed'] as const;

function nextTryOf({ settings }: Reads, { state }: Task, cause: string | null): LastAnswer['nextTry'] {
  const counted = COUNTED.find((name) => name === cause);
  const times = counted === undefined ? undefined : state.counts[counted];
  return times === undefined ? null : { number: times + 1, of: settings.merge.infraRetryMax + 1 };
}
