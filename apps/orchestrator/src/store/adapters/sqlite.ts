/**
 * The embedded store: one SQLite file, readable by its owner only, fsynced with every commit, shared safely by several
 * processes on one machine.
 */
import { randomUUID } from 'node:crypto';
import { baselineStore } from '../baselines.ts';
import { breakerStore } from '../breakers.ts';
import { stopStore } from '../cancellations.ts';
import { StoreError, storeErrorOf } from '../errors.ts';
import { eventLog } from '../event-log.ts';
import { evidenceRows, evidenceStore } from '../gate-runs.ts';
import { jobRows } from '../job-rows.ts';
import { jobStore } from '../jobs.ts';
import { leaseStore } from '../leases.ts';
import { mergeQueue } from '../merge-queue.ts';
import { mailStore, outboxRows } from '../outbox.ts';
import type { Store } from '../port.ts';
import { repoStore } from '../repos.ts';
import { taskRows } from '../task-rows.ts';
import { taskStore } from '../tasks.ts';
import { transitions } from '../transition/apply-event.ts';
import { watchStore } from '../watch.ts';
import { asyncFacade, type Connection, connect, type SyncPort } from './connection.ts';
import { migrate } from './migrate.ts';

export type OpenOutcome =
  | { readonly kind: 'opened'; readonly store: Store }
  /** For the operator: nothing was changed. */
  | { readonly kind: 'refused'; readonly trouble: StoreError };

/** Opens or creates the file (its folder must exist) and brings it to this version. `:memory:` is for simulations. */
export function openSqliteStore(file: string): OpenOutcome {
  let connection: Connection | undefined;
  try {
    connection = connect(file);
    migrate(connection);
    return { kind: 'opened', store: storeOn(connection) };
  } catch (thrown) {
    connection?.sqlite.close();
    const trouble = storeErrorOf(thrown, file);
    if (trouble instanceof StoreError) return { kind: 'refused', trouble };
    throw trouble;
  }
}

/** The port over a connection that is at this version already. */
export function storeOn(connection: Connection): Store {
  const tasks = taskRows(connection);
  const jobs = jobRows(connection);
  const log = eventLog(connection);
  const line = mergeQueue(connection, jobs);
  const evidence = evidenceRows(connection);
  const outbox = outboxRows(connection);
  const moves = transitions(connection, { tasks, jobs, log, line, evidence, outbox });
  const { append: _, ...readLog } = log;
  const parts: SyncPort<Store> = {
    ...repoStore(connection, log),
    ...taskStore(connection, { rows: tasks, moves, log }),
    ...readLog,
    ...jobStore(connection, jobs),
    ...leaseStore(connection, { jobs, line, rows: tasks, moves }),
    ...stopStore(connection, { rows: tasks, jobs, log, moves, outbox }),
    ...evidenceStore(connection, evidence),
    ...baselineStore(connection, line),
    ...mailStore(connection, outbox),
    ...breakerStore(connection, { jobs, outbox }),
    ...watchStore(connection, revisionOf(connection)),
    close: () => void connection.sqlite.close(),
  };
  return asyncFacade<Store>(connection, parts);
}

/** `data_version` moves with other connections' commits, `total_changes` with this one's. */
function revisionOf({ sqlite }: Connection): () => string {
  const changes = sqlite.prepare('SELECT total_changes()').pluck();
  const started = randomUUID();
  return () => `${started}.${String(sqlite.pragma('data_version', { simple: true }))}.${String(changes.get())}`;
}
