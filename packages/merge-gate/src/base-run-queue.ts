/** The line for base runs inside one process, with its memory. A process that starts anew costs one run, nothing else. */
import type { CommandRun } from '@gatehouse/gate-run';
import type { BaseKey, BaseRunQueue, BaseRunSlot } from './ports.ts';

export interface BaseRunQueueOptions {
  /** How long after its end a run speaks for main. Default 900000. */
  readonly ttlMs?: number;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** Why a quarter of an hour, and why a green may be believed at all: docs/adr/0009-trouble-is-met-once.md. */
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
  /** Those who want the lease, while somebody in the line goes first. */
  readonly behind: Set<() => void>;
}

/** A line that lives as long as the returned value. It never fails. */
export function createBaseRunQueue(options: BaseRunQueueOptions = {}): BaseRunQueue {
  const { ttlMs = SPEAKS_FOR_MS, now = Date.now } = options;
  const lines = new Map<string, Queue>();
  const told = new Map<string, CommandRun>();
  const lineOf = (repo: string): Queue => {
    const line = lines.get(repo) ?? { busy: false, waiting: new Set(), behind: new Set() };
    lines.set(repo, line);
    return line;
  };
  return {
    acquire: async ({ repo, signal }) => {
      const line = lineOf(repo);
      if (signal?.aborted === true) return { kind: 'called-off' };
      if (!line.busy) return take(line);
      return queueUp(line, signal);
    },
    waitForPriority: async ({ repo, signal }) => {
      const line = lineOf(repo);
      if (!isOverdue(line) || signal?.aborted === true) return;
      await new Promise<void>((resolve) => {
        const go = (): void => {
          line.behind.delete(go);
          signal?.removeEventListener('abort', go);
          resolve();
        };
        line.behind.add(go);
        signal?.addEventListener('abort', go);
      });
    },
    landed: (repo) => {
      for (const waiter of lineOf(repo).waiting) waiter.landings += 1;
    },
    lookup: async (key) => {
      const run = told.get(nameOf(key));
      const isFresh = run !== undefined && now() - (run.startedAt + run.durationMs) < ttlMs;
      return isFresh ? run : null;
    },
    record: async (key, run) => {
      told.delete(nameOf(key));
      told.set(nameOf(key), run);
      for (const oldest of told.keys()) if (told.size > REMEMBERED) told.delete(oldest);
    },
  };
}

function take(line: Queue): BaseRunSlot {
  line.busy = true;
  let ended = false;
  return {
    kind: 'yours',
    end: () => {
      if (ended) return;
      ended = true;
      line.busy = false;
      const [next] = line.waiting;
      next?.grant();
    },
  };
}

function queueUp(line: Queue, signal: AbortSignal | undefined): Promise<BaseRunSlot> {
  return new Promise((resolve) => {
    const leave = (turn: () => BaseRunSlot): void => {
      line.waiting.delete(waiter);
      signal?.removeEventListener('abort', callOff);
      resolve(turn());
      if (!isOverdue(line)) for (const go of [...line.behind]) go();
    };
    const callOff = (): void => leave(() => ({ kind: 'called-off' }));
    const waiter: Waiter = { landings: 0, grant: () => leave(() => take(line)) };
    line.waiting.add(waiter);
    signal?.addEventListener('abort', callOff);
  });
}

const isOverdue = ({ waiting }: Queue): boolean =>
  [...waiting].some(({ landings }) => landings >= LANDINGS_BEFORE_PRIORITY);

const nameOf = ({ repo, commit, gateDigest, hostDigest }: BaseKey): string =>
  [repo, commit, gateDigest, hostDigest].join('\n');
