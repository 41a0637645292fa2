/**
 * The production store as one process sees it: every call is a fault point, and everything written is checked before
 * another process acts. A call under a token that another process has by now must change nothing.
 */
import type { Store } from '@gatehouse/orchestrator/testing';
import type { Owner } from './clock.ts';
import { count } from './coverage-counters.ts';
import type { Database } from './database.ts';
import type { FaultPoint } from './fault-point.ts';
import { staleness } from './staleness.ts';
import type { WorldState } from './world-state.ts';

export type Weight = 'life' | 'beside' | 'rows';

export interface Observer {
  /** Something was written: a sign of `life`, what no invariant reads (`beside`), or `rows` that one does. */
  readonly onWrite: (call: { readonly method: string; readonly by: string; readonly weight: Weight }) => void;
  readonly onStale: (text: string) => void;
  /** A call that was answered. */
  readonly onAnswer: (
    call: { readonly method: string; readonly by: string },
    request: unknown,
    answer: unknown,
  ) => void;
}

/** They change nothing, so nothing has to be checked. */
const READS = new Set<keyof Store>([
  'getRepo',
  'listRepos',
  'getTask',
  'listTasks',
  'dueTimers',
  'dependenciesOf',
  'taskEvents',
  'events',
  'searchEvents',
  'getJob',
  'listJobs',
  'leaseHeld',
  'leaseOf',
  'currentLease',
  'listLeases',
  'listTickets',
  'wokenTickets',
  'unsettledStops',
  'commandRuns',
  'agentRuns',
  'openAgentRuns',
  'gateRuns',
  'findArtefact',
  'listArtefacts',
  'lookupResult',
  'readBaseline',
  'baselineHistory',
  'listBaselines',
  'pendingInbox',
  'listWorkers',
  'listBreakers',
  'queueCounts',
  'leasedCounts',
  'rememberedPullRequest',
]);
/** They touch nothing that an invariant reads. */
const BESIDE = new Set<string>([
  'claimOutbox',
  'ackOutbox',
  'nackOutbox',
  'recordRun',
  'beginAgentRun',
  'endAgentRun',
  'recordResult',
  'rememberPullRequest',
  'removeWorker',
]);
/** What was really run stays on record, whichever process owns the job by now; a job is only touched under its token. */
const KEEPS_HISTORY = new Set<string>(['recordRun', 'beginAgentRun']);
const SIGNS_OF_LIFE = new Set<string>(['heartbeat', 'renewLease', 'heartbeatWorker']);

export interface ObservedParts {
  readonly state: WorldState;
  readonly owner: Owner;
  readonly atFaultPoint: FaultPoint;
  readonly database: Database;
  readonly observer: Observer;
}

export function observedStore({ state, owner, atFaultPoint, database, observer }: ObservedParts): Store {
  const isStale = staleness(database);
  const { hasWritten } = database;
  const wrapped = Object.entries(database.store).map(([name, method]) => {
    const call = method as (...args: unknown[]) => Promise<unknown>;
    if (READS.has(name as keyof Store))
      return [name, (...args: unknown[]) => atFaultPoint(owner, name, () => call(...args))];
    const weight = SIGNS_OF_LIFE.has(name) ? 'life' : BESIDE.has(name) ? 'beside' : 'rows';
    const observed = async (...args: unknown[]): Promise<unknown> => {
      if (state.prng.hits(state.faults.storeRefusesPpm)) {
        count(state.counters, 'store: refuses');
        throw new Error('the disk of the database is full');
      }
      const stale = KEEPS_HISTORY.has(name) ? null : isStale(args);
      const answered = call(...args);
      if (hasWritten()) {
        if (stale !== null) observer.onStale(`${name} by ${owner.name} wrote under a stale token: ${stale}`);
        observer.onWrite({ method: name, by: owner.name, weight });
      } else if (stale !== null) count(state.counters, `fenced: ${name}`);
      const answer = await answered;
      observer.onAnswer({ method: name, by: owner.name }, args[0], answer);
      return answer;
    };
    const where = `store.${name}`;
    return [name, (...args: unknown[]) => atFaultPoint(owner, where, () => observed(...args))];
  });
  return Object.fromEntries(wrapped) as Store;
}
