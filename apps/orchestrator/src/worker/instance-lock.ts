/**
 * One service per data directory. Whoever starts moves in only when every service before it is known to be dead, or has
 * been silent for long; then the jobs of the dead ones are taken back at once instead of after their claims run out.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { identityIs, ownIdentity } from '@gatehouse/proc-group';
import type { Log } from '../platform/logger.ts';
import { VERSION } from '../platform/version.ts';
import type { WatchStore, WorkerRow } from '../store/port.ts';

/** A service tells the store this often that it is there. */
export const PRESENCE_MS = 5_000;
/** One that cannot be looked at (another host, another container) counts as dead after this much silence. */
const SILENT_MS = 60_000;
const LOOK_MS = 1_000;

type Register = Pick<WatchStore, 'moveIn' | 'heartbeatWorker' | 'listWorkers' | 'removeWorker'>;

export interface ResidenceParts {
  readonly store: Register;
  readonly workerId: string;
  readonly now: () => number;
  readonly log: Log;
}

export type MoveInAnswer =
  | { readonly kind: 'in'; readonly residence: Residence }
  | { readonly kind: 'occupied'; readonly problem: string };

export interface Residence {
  /** Tells the store that this service is alive. */
  readonly beat: () => Promise<void>;
  /** The next service need not ask whether this one is dead. */
  readonly leave: () => Promise<void>;
}

/** Waits for a silent predecessor that cannot be looked at; refuses at once when one is alive. */
export async function moveIn(parts: ResidenceParts): Promise<MoveInAnswer> {
  const { store, workerId, now, log } = parts;
  const { pid, startTime, scope } = ownIdentity();
  const startedAt = now();
  const self = (): WorkerRow => ({
    id: workerId,
    host: scope,
    pid,
    startTime,
    version: VERSION,
    startedAt,
    heartbeatAt: now(),
  });
  for (let told = false; ; told = true) {
    const known = await store.listWorkers();
    const gone = known.filter((row) => fateOf(row) === 'gone').map(({ id }) => id);
    const answer = await store.moveIn({ worker: self(), gone, silentMs: SILENT_MS });
    if (answer.kind === 'in') {
      if (answer.orphans > 0) log.info('jobs of a dead service are taken back', { jobs: answer.orphans });
      const beat = () => store.heartbeatWorker(self());
      return { kind: 'in', residence: { beat, leave: () => store.removeWorker(workerId) } };
    }
    if (fateOf(answer.by) === 'alive')
      return {
        kind: 'occupied',
        problem: `another service (process ${answer.by.pid}) works on this data directory; end it, or set ORCH_DATA_DIR`,
      };
    if (!told) log.warn('waiting: another host or container may still work here', { since: answer.by.heartbeatAt });
    await pause(LOOK_MS);
  }
}

const fateOf = ({ host, pid, startTime }: WorkerRow) => identityIs({ pid, startTime, scope: host });
