/**
 * One service per data directory. A starting service acquires the lock only when every service before it is known to be
 * dead, or has been silent for long; then it takes the jobs of the dead ones back at once, before their claims expire.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { identityIs, ownIdentity } from '@gatehouse/proc-group';
import type { Logger } from '../platform/logger.ts';
import { VERSION } from '../platform/version.ts';
import type { WorkerRecord, WorkerStore } from '../store/port/index.ts';
import { placeIn } from '../store/sqlite/place.ts';
import { workersIn } from '../store/sqlite/rows-in.ts';

/** A service records this often in the store that it is alive. */
export const INSTANCE_HEARTBEAT_MS = 5_000;
/** One that cannot be checked (another host, another container) counts as dead after this much silence. */
const SILENT_MS = 60_000;
const POLL_MS = 1_000;

type Register = WorkerStore;

export interface InstanceLockParts {
  readonly store: Register;
  readonly workerId: string;
  readonly now: () => number;
  readonly log: Logger;
}

export type InstanceLockAnswer =
  | { readonly kind: 'acquired'; readonly lock: InstanceLock }
  | { readonly kind: 'held'; readonly problem: string };

export interface InstanceLock {
  /** Records in the store that this service is alive. */
  readonly heartbeat: () => Promise<void>;
  /** The next service need not ask whether this one is dead. */
  readonly release: () => Promise<void>;
}

/** Waits for a silent predecessor that cannot be checked; refuses at once when one is alive. */
export async function acquireInstanceLock(parts: InstanceLockParts): Promise<InstanceLockAnswer> {
  const { store, workerId, now, log } = parts;
  const { pid, startTime, scope } = ownIdentity();
  const startedAt = now();
  const self = (): WorkerRecord => ({
    id: workerId,
    host: scope,
    pid,
    startTime,
    version: VERSION,
    startedAt,
    heartbeatAt: now(),
  });
  for (let isReported = false; ; isReported = true) {
    const known = await store.listWorkers();
    const gone = known.filter((row) => livenessOf(row) === 'gone').map(({ id }) => id);
    const answer = await store.registerExclusive({ worker: self(), gone, silentMs: SILENT_MS });
    if (answer.kind === 'acquired') {
      if (answer.reclaimed > 0) log.info('jobs of a dead service are taken back', { jobs: answer.reclaimed });
      const heartbeat = () => store.heartbeatWorker(self());
      return { kind: 'acquired', lock: { heartbeat, release: () => store.removeWorker(workerId) } };
    }
    if (livenessOf(answer.by) === 'alive') return { kind: 'held', problem: heldBy(answer.by) };
    if (!isReported)
      log.warn('waiting: another host or container may still work here', { since: answer.by.heartbeatAt });
    await pause(POLL_MS);
  }
}

const heldBy = ({ pid }: WorkerRecord): string =>
  `another service (process ${pid}) works on this data directory; end it, or set ORCH_DATA_DIR`;

/** Why no service can start on a data directory; null: none that is on record there is known to live. */
export function holderOf(dataDir: string): string | null {
  const alive = workersIn(placeIn(dataDir).file).find((row) => livenessOf(row) === 'alive');
  return alive === undefined ? null : heldBy(alive);
}

const livenessOf = ({ host, pid, startTime }: WorkerRecord) => identityIs({ pid, startTime, scope: host });
