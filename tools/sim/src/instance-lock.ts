/**
 * Takes the instance lock as the production start-up does, with fates that this world knows: a service is alive, gone,
 * or (on another host) cannot be observed. The store decides which one holds it.
 */
import type { Store } from '@gatehouse/orchestrator/testing';
import type { Clock, Owner } from './clock.ts';

export type Fate = 'alive' | 'gone' | 'unknown';

export interface InstanceLock {
  readonly heartbeat: () => Promise<void>;
  readonly release: () => Promise<void>;
}

/** One that cannot be observed counts as dead after this much silence; as in production. */
const SILENT_MS = 60_000;
/** Production polls each second; a slow machine does not. */
const POLL_MS = 7_000;

/** Null: another service is alive there. Waits for one that cannot be observed to be silent for long. */
export async function acquireInstanceLock(
  parts: { readonly clock: Clock; readonly store: Store; readonly owner: Owner },
  fateOf: (workerId: string) => Fate,
): Promise<InstanceLock | null> {
  const { clock, store, owner } = parts;
  const startedAt = clock.nowMs;
  const self = () => ({
    id: owner.name,
    host: 'host',
    pid: 1,
    startTime: '',
    version: 'simulated',
    startedAt,
    heartbeatAt: clock.nowMs,
  });
  for (;;) {
    const known = await store.listWorkers();
    const gone = known.map(({ id }) => id).filter((id) => fateOf(id) === 'gone');
    const answer = await store.registerExclusive({ worker: self(), gone, silentMs: SILENT_MS });
    if (answer.kind === 'acquired')
      return { heartbeat: () => store.heartbeatWorker(self()), release: () => store.removeWorker(owner.name) };
    if (fateOf(answer.by.id) === 'alive') return null;
    await clock.sleep(POLL_MS, owner);
  }
}
