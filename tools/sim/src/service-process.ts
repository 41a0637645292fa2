/**
 * One process of the service: the production worker on a context whose every port leads to this world. It can be
 * killed at any fault point, stopped while others go on, or asked to end; what it knew is then gone.
 */
import { createBaseRunQueue } from '@gatehouse/merge-gate';
import {
  type Cancellations,
  checkOfGate,
  createActiveClaims,
  createCancellations,
  createForeseenConflicts,
  createRevision,
  createTurns,
  createWakeup,
  type Logger,
  type ServiceContext,
  startWorker,
  UNVERIFIED_END,
  type Worker,
} from '@gatehouse/orchestrator/testing';
import { agentRunnerOf, type CommitMaker } from './agent-runner.ts';
import type { Owner } from './clock.ts';
import { count } from './coverage-counters.ts';
import type { Database } from './database.ts';
import type { FaultPoint } from './fault-point.ts';
import { forgeOf } from './forge.ts';
import { checksOf } from './gates.ts';
import { acquireInstanceLock, type Fate, type InstanceLock } from './instance-lock.ts';
import { probeMain } from './machine.ts';
import { mirrorsOf } from './mirror.ts';
import { type Observer, observedStore } from './observed-store.ts';
import { policyOf } from './policy.ts';
import { peopleEffectsOf, watchPullRequests } from './pull-requests.ts';
import { workspacesOf } from './workspaces.ts';
import type { WorldState } from './world-state.ts';

export interface ServiceProcess extends Owner {
  readonly context: ServiceContext;
  readonly cancellations: Cancellations;
  readonly worker: Worker;
  readonly lock: InstanceLock;
}

export interface ServiceParts {
  readonly state: WorldState;
  readonly database: Database;
  readonly atFaultPoint: FaultPoint;
  readonly observer: Observer;
  readonly settings: ServiceContext['settings'];
  readonly engine: ServiceContext['engine'];
  readonly onAlert: (text: string) => void;
  /** The ends of these runs could not be proven by the process of this name. */
  readonly onUnproven: (by: string, runs: string) => void;
  /** Something failed inside the service, in its own words. */
  readonly onError: (text: string) => void;
  readonly commits: CommitMaker;
}

/** Starts for `owner`, whose entry is running. Null: another service is alive, so this one gave up. */
export async function startServiceProcess(
  owner: Owner,
  parts: ServiceParts,
  fateOf: (workerId: string) => Fate,
): Promise<ServiceProcess | null> {
  const { clock } = parts.state;
  const context = contextOf(owner, parts);
  const lock = await acquireInstanceLock({ clock, store: context.store, owner }, fateOf);
  if (lock === null) return null;
  const cancellations = createCancellations(context);
  const people = peopleEffectsOf(parts.state, context);
  const worker = startWorker({ ...context, people }, lock, cancellations);
  const ending = new AbortController();
  const service = { ...context, cancellations };
  void watchPullRequests(parts.state, owner, { service, signal: ending.signal, onError: parts.onError });
  const stop = (): Promise<void> => {
    ending.abort();
    return worker.stop();
  };
  return Object.assign(owner, { context, cancellations, lock, worker: { stop } });
}

function contextOf(owner: Owner, parts: ServiceParts): ServiceContext {
  const { state, database, atFaultPoint, observer, settings, engine, commits } = parts;
  const { clock, prng, counters } = state;
  const machine = { state, owner, atFaultPoint };
  const policy = policyOf(state.testing);
  return {
    settings,
    engine,
    store: observedStore({ state, owner, atFaultPoint, database, observer }),
    mirrors: mirrorsOf(state, owner, atFaultPoint),
    judgeRegistration: () => ({ kind: 'refused', reason: 'nobody registers anything here', next: '' }),
    forgeOf: () => forgeOf(state, owner, atFaultPoint),
    lookAtRepository: async () => ({ kind: 'not-told', reason: 'a repository of the simulator has no number' }),
    webhooks: { read: () => null, repositoryOf: () => null },
    workspaces: workspacesOf(state, owner, atFaultPoint),
    foreseenConflicts: createForeseenConflicts(),
    baseRuns: createBaseRunQueue({ now: () => clock.nowMs }),
    activeClaims: createActiveClaims(),
    deployments: createTurns(),
    agentRunner: agentRunnerOf(machine, commits),
    metrics: NO_METRICS,
    memory: createRevision(),
    checkNamed: checksOf(machine),
    checkOfGate,
    loadPolicy: () =>
      atFaultPoint(owner, 'policy.load', async () => {
        if (!prng.hits(state.faults.policyGonePpm)) return { kind: 'policy', policy };
        count(counters, 'policy: unreadable');
        return { kind: 'unreadable', reason: 'the definition cannot be read' };
      }),
    environmentOf: () => atFaultPoint(owner, 'environment.read', async () => 'machine'),
    probeMain: (question) => atFaultPoint(owner, 'main.probe', () => probeMain(machine, question)),
    proveCombined: async () => ({ kind: 'clean' }),
    rescanCombined: () =>
      atFaultPoint(owner, 'combined.rescan', async () => {
        await clock.sleep(prng.below(800), owner);
        if (!prng.hits(state.faults.combinedSecretPpm)) return { kind: 'clean' };
        count(counters, 'gate: secret in the combined commit');
        return { kind: 'base-moved', reason: 'the combined commit carries a secret its head did not' };
      }),
    isolation: { mode: 'none', isDefault: false, why: 'commands of the simulator are no processes' },
    // Mains of this world hold no files.
    mainHealth: null,
    feed: null,
    tracker: NO_TRACKER,
    notifier: notifierOf(parts),
    routes: [],
    log: logOf(parts, owner),
    now: () => clock.nowMs,
    // The clock of this world is never set.
    clock: { behindMs: () => 0, catchUp: () => {} },
    wakeup: createWakeup(),
    dataDir: 'data',
    workerId: owner.name,
    host: 'host',
    startedAt: clock.nowMs,
  };
}

const untracked = async () => ({ kind: 'unsupported', reason: 'this world has no tracker' }) as const;
const NO_TRACKER: ServiceContext['tracker'] = {
  name: 'none',
  issue: untracked,
  wanted: untracked,
  comment: untracked,
  hint: untracked,
};

/** Numbers for people. Nothing in the service reads them. */
const NO_METRICS: ServiceContext['metrics'] = {
  check: () => {},
  run: () => {},
  landing: () => {},
  stop: () => {},
  settled: () => {},
  standstills: () => {},
  tallies: () => new Promise(() => {}),
  text: async () => '',
  contentType: 'text/plain',
};

/** A notifier that never fails: what arrives here was sent. */
const notifierOf = ({ state, onAlert }: ServiceParts): ServiceContext['notifier'] => ({
  name: 'simulated',
  notify: async ({ task, repository, key, scope, text }) => {
    onAlert(`${repository ?? task} ${JSON.stringify({ key, scope, text })}`);
    state.trace(() => `notified: ${scope} ${repository ?? task} ${key}: ${text}`);
    return { kind: 'told' };
  },
});

function logOf({ state, onUnproven, onError }: ServiceParts, owner: Owner): Logger {
  const keep =
    (level: string): Logger['info'] =>
    (message, fields = {}) => {
      if (message === UNVERIFIED_END) onUnproven(owner.name, String(fields['runs']));
      if (level === 'error') onError(`${message}: ${String(fields['why'])}`);
      state.trace(() => `${owner.name} ${level}: ${message} ${JSON.stringify(fields)}`);
    };
  return { info: keep('info'), warn: keep('warn'), error: keep('error') };
}
