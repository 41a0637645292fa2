/** The queue for base runs inside one process, with its cache. A restart of the process costs one run, nothing else. */
import type { CommandRun } from '@gatehouse/gate-run';
import type { BaseKey, BaseRunQueue, BaseRunSlot } from './ports.ts';

/** How the queue for base runs behaves. */
export interface BaseRunQueueOptions {
  /** How long after its end a run speaks for main. Default 900000. */
  readonly ttlMs?: number;
  /** Milliseconds; only differences count. [a monotonic clock, which nobody can set] */
  readonly now?: () => number;
}

/** Why a quarter of an hour: docs/adr/0009-trouble-is-met-once.md. What a green from memory may not do: docs/adr/0015-blame-is-a-sequential-test.md. */
const SPEAKS_FOR_MS = 900_000;
const LANDINGS_BEFORE_PRIORITY = 2;
const REMEMBERED = 200;

interface Waiter {
  landings: number;
  readonly grant: () => void;
}

interface Queue {
  busy: boolean;
  readonly waiting: Set<Waiter>;
  /** The callers that want the lease, while a waiting base run goes first. */
  readonly behind: Set<() => void>;
}

/** A queue that lasts as long as the returned value. It never fails. */
export function createBaseRunQueue(options: BaseRunQueueOptions = {}): BaseRunQueue {
  const { ttlMs = SPEAKS_FOR_MS, now = () => performance.now() } = options;
  const queues = new Map<string, Queue>();
  const runs = new Map<string, { readonly run: CommandRun; readonly endedAt: number }>();
  const queueOf = (repo: string): Queue => {
    const queue = queues.get(repo) ?? { busy: false, waiting: new Set(), behind: new Set() };
    queues.set(repo, queue);
    return queue;
  };
  return {
    acquire: async ({ repo, signal }) => {
      const queue = queueOf(repo);
      if (signal?.aborted === true) return { kind: 'called-off' };
      if (!queue.busy) return take(queue);
      return queueUp(queue, signal);
    },
    waitForPriority: async ({ repo, signal }) => {
      const queue = queueOf(repo);
      if (!isOverdue(queue) || signal?.aborted === true) return;
      await new Promise<void>((resolve) => {
        const go = (): void => {
          queue.behind.delete(go);
          signal?.removeEventListener('abort', go);
          resolve();
        };
        queue.behind.add(go);
        signal?.addEventListener('abort', go);
      });
    },
    landed: (repo) => {
      for (const waiter of queueOf(repo).waiting) waiter.landings += 1;
    },
    lookup: async (key) => {
      const known = runs.get(nameOf(key));
      return known !== undefined && now() - known.endedAt < ttlMs ? known.run : null;
    },
    record: async (key, run) => {
      runs.delete(nameOf(key));
      runs.set(nameOf(key), { run, endedAt: now() });
      for (const oldest of runs.keys()) if (runs.size > REMEMBERED) runs.delete(oldest);
    },
  };
}

function take(queue: Queue): BaseRunSlot {
  queue.busy = true;
  let ended = false;
  return {
    kind: 'yours',
    end: () => {
      if (ended) return;
      ended = true;
      queue.busy = false;
      const [next] = queue.waiting;
      next?.grant();
    },
  };
}

function queueUp(queue: Queue, signal: AbortSignal | undefined): Promise<BaseRunSlot> {
  return new Promise((resolve) => {
    const leave = (turn: () => BaseRunSlot): void => {
      queue.waiting.delete(waiter);
      signal?.removeEventListener('abort', callOff);
      resolve(turn());
      if (!isOverdue(queue)) for (const go of [...queue.behind]) go();
    };
    const callOff = (): void => leave(() => ({ kind: 'called-off' }));
    const waiter: Waiter = { landings: 0, grant: () => leave(() => take(queue)) };
    queue.waiting.add(waiter);
    signal?.addEventListener('abort', callOff);
  });
}

const isOverdue = ({ waiting }: Queue): boolean =>
  [...waiting].some(({ landings }) => landings >= LANDINGS_BEFORE_PRIORITY);

const nameOf = ({ repo, commit, gateDigest, hostDigest }: BaseKey): string =>
  [repo, commit, gateDigest, hostDigest].join('\n');
