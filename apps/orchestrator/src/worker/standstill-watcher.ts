/**
 * Raises an alert for each task that stands still although nothing explains it. Only a standstill that two passes see is told: a
 * clock that jumped, or a machine that was asleep, makes everything look late once.
 */
import type { ServiceContext } from '../context.ts';
import { alertMessage, taskAlert } from '../notifiers/alert-message.ts';
import type { Task } from '../store/port/index.ts';
import { loop } from './worker.ts';

const PASS_MS = 60_000;

/** A task, and what should have happened to it. */
export interface Standstill {
  readonly task: Task;
  readonly words: string;
}

export interface StandstillWatcher {
  /** Resolves when the pass that runs has ended. */
  readonly stop: () => Promise<void>;
}

type Watches = Pick<ServiceContext, 'log' | 'metrics' | 'now' | 'store'>;

/** `find` answers the tasks that stand still now. */
export function startStandstillWatcher(
  service: Watches & Pick<ServiceContext, 'wakeup'>,
  find: () => Promise<readonly Standstill[]>,
): StandstillWatcher {
  const stopping = new AbortController();
  let seen: ReadonlySet<string> = new Set();
  const pass = async () => {
    seen = await tellStandstills(service, await find(), seen);
  };
  const running = loop(service, 'standstills', stopping.signal, pass, PASS_MS);
  return {
    async stop() {
      stopping.abort(new Error('the service is stopping'));
      await running;
    },
  };
}

/** One pass: tells what the pass before saw too, and answers what this one saw. An alert of one standstill is raised once. */
export async function tellStandstills(
  { store, log, metrics, now }: Watches,
  found: readonly Standstill[],
  before: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const confirmed = found.filter(({ task }) => before.has(keyOf(task)));
  metrics.standstills(confirmed.length);
  for (const { task, words } of confirmed) {
    const alert = taskAlert(task.id, { key: `standstill/${task.version}`, text: words });
    if (await store.addOutbox({ ...alertMessage(alert), atMs: now() }))
      log.warn('a task stands still', { repo: task.repoId, task: task.id, why: words });
  }
  return new Set(found.map(({ task }) => keyOf(task)));
}

/** A task that has moved since is another case. */
const keyOf = ({ id, version }: Task): string => `${id} ${version}`;
