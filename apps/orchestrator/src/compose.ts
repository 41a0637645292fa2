/** Builds the service from settings: directories, store, mirrors, feed. Everything that can be wrong is an answer with a next step. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { createBaseRunQueue, readEnvironment } from '@gatehouse/merge-gate';
import { agentRunnerWith } from './agents/runner.ts';
import { createActiveClaims } from './cancellation/active-claims.ts';
import { advisoryFeedFrom } from './checks/advisory-feed.ts';
import { auditMain } from './checks/audit-main.ts';
import { withMaskedSecrets } from './checks/mask-secrets.ts';
import type { Check } from './checks/port.ts';
import { probeMain } from './checks/probe-main.ts';
import { proveCombined } from './checks/prove-combined.ts';
import { checkNamed, checkOfGate } from './checks/registry.ts';
import { rescanCombined } from './checks/rescan-combined.ts';
import { secretEngineFor } from './checks/secret-engine.ts';
import type { ServiceContext } from './context.ts';
import { forgeChooser } from './forges/choose.ts';
import { judgeRegistration } from './forges/registration.ts';
import { repositoryLook } from './forges/standing.ts';
import { webhookReader } from './forges/webhooks.ts';
import { logNotifier } from './notifiers/log.ts';
import type { Route } from './notifiers/port.ts';
import { readRoutes } from './notifiers/read-routes.ts';
import { routedNotifier } from './notifiers/routed.ts';
import { outcomeOf } from './platform/errors.ts';
import { lastWrittenMs, makeDirectory } from './platform/files.ts';
import type { Logger } from './platform/logger.ts';
import { createMetrics } from './platform/metrics.ts';
import { processEnvironment } from './platform/process-environment.ts';
import { createRevision } from './platform/revision.ts';
import { createServiceClock, type ServiceClock } from './platform/service-clock.ts';
import { createTurns } from './platform/turns.ts';
import { createWakeup } from './platform/wakeup.ts';
import { engineConfig } from './policy/engine-config.ts';
import { type ChosenIsolation, chooseIsolation, type IsolationChoice, markNewDirectory } from './policy/isolation.ts';
import { rememberingPolicies } from './policy/load-policy.ts';
import { deadlineFault } from './policy/run-limits.ts';
import { everythingOff } from './policy/switched-off.ts';
import type { Settings } from './settings.ts';
import type { Store } from './store/port/index.ts';
import { missingStore } from './store/sqlite/missing.ts';
import { openSqliteStore } from './store/sqlite/open.ts';
import { placeIn, TRACES } from './store/sqlite/place.ts';
import type { StoreFile } from './store/sqlite/store-file.ts';
import { chooseTracker } from './trackers/choose.ts';
import { createForeseenConflicts } from './workspace/foreseen-conflicts.ts';
import { recogniseMain } from './workspace/known-main.ts';
import { healthIn } from './workspace/main-health.ts';
import { mirrorsIn } from './workspace/mirrors.ts';
import { wantedPullHeads } from './workspace/wanted-pull-heads.ts';
import { workspacesIn } from './workspace/workspace.ts';

/** A difference that people are told of. */
const CLOCK_TOLD_MS = 5_000;

export type Composed = OpenService | { readonly kind: 'closed'; readonly problem: string };

export interface OpenService {
  readonly kind: 'open';
  readonly context: ServiceContext;
  /** The file behind the store, and how it is. */
  readonly storeFile: StoreFile;
  readonly close: () => Promise<void>;
}

export async function composeService(settings: Settings, log: Logger): Promise<Composed> {
  const dataDir = resolve(settings.storage.dataDir);
  const unusable = await makeDirectories(dataDir);
  if (unusable !== null) return { kind: 'closed', problem: unusable };
  if (settings.storage.databaseUrl !== '')
    return {
      kind: 'closed',
      problem: 'ORCH_DATABASE_URL: only the embedded SQLite store exists so far; leave it empty',
    };
  const routed = await readRoutes(settings);
  if (routed.kind !== 'routes')
    return { kind: 'closed', problem: `alerts cannot be routed: ${routed.problems.join('; ')}` };
  const { file, traces } = placeIn(dataDir);
  const isNew = (await lastWrittenMs(file)) === null && missingStore(file, traces) === null;
  const isolation = await isolate(settings, isNew);
  if (isolation.kind !== 'chosen') return { kind: 'closed', problem: isolation.problem };
  return openService({
    settings: isolation.settings,
    isolation: isolation.choice,
    log,
    routes: routed.routes,
    file,
    traces,
  });
}

interface Parts {
  readonly settings: Settings;
  readonly isolation: IsolationChoice;
  readonly log: Logger;
  readonly routes: readonly Route[];
  readonly file: string;
  readonly traces: readonly string[];
}

async function openService({ settings, isolation, log, routes, file, traces }: Parts): Promise<Composed> {
  const dataDir = resolve(settings.storage.dataDir);
  const opened = openSqliteStore(file, traces);
  if (opened.kind !== 'opened') return { kind: 'closed', problem: opened.trouble.message };
  const { store, file: storeFile } = opened;
  const clock = await clockOn(store, log);
  const tracked = chooseTracker(settings.tracker, store, clock.now);
  if (tracked.kind === 'invalid') {
    await store.close();
    return { kind: 'closed', problem: tracked.problem };
  }
  tellIsolation(isolation, log);
  const deadline = deadlineFault(settings);
  await tellOff(settings, store, log);
  if (deadline !== null) log.warn('the deadline of commands does not fit under the reaper', { reason: deadline });
  // Looked for before the first scan, for what a verdict depends on is part of its digest.
  const second = await secretEngineFor(settings);
  if (second === undefined && settings.security.requireEngine !== '')
    log.warn('the required scanner is not on this machine', { name: settings.security.requireEngine });
  const forgeOf = forgeChooser(settings.credentials);
  const known = keptInMemory(settings);
  const recognise = { recognise: recogniseMain(store), pullHeads: wantedPullHeads(store) };
  const mirrorParts = { ...recognise, log, onBroken: known.memory.bump };
  const mirrors = mirrorsIn(join(dataDir, 'mirrors'), forgeOf, mirrorParts);
  const workspaces = workspacesIn(dataDir, store);
  const context: ServiceContext = {
    settings,
    store,
    engine: engineConfig(settings),
    mirrors,
    ...forgesOf(settings, forgeOf),
    workspaces,
    ...known,
    baseRuns: createBaseRunQueue(),
    deployments: createTurns(),
    checkNamed: checkWithMaskedSecrets,
    checkOfGate,
    probeMain,
    mainHealth: { ...healthIn(dataDir), audit: auditMain },
    environmentOf: environmentSeenFrom(dataDir),
    loadPolicy: rememberingPolicies(log),
    proveCombined: proveCombined(workspaces),
    rescanCombined,
    agentRunner: agentRunnerWith(processEnvironment()),
    feed: advisoryFeedFrom(settings),
    tracker: tracked.tracker,
    notifier: routedNotifier(logNotifier(log), routes),
    routes,
    isolation,
    log,
    ...timeOf(clock),
    wakeup: createWakeup(),
    dataDir,
    workerId: `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`,
    host: hostname(),
  };
  const close = async (): Promise<void> => {
    await mirrors.close();
    await store.close();
  };
  return { kind: 'open', context, storeFile, close };
}

/** A data directory without a store, and without a trace of one, is a new one. */
async function isolate(settings: Settings, isNew: boolean): Promise<ChosenIsolation> {
  const unmarked = isNew ? await markNewDirectory(resolve(settings.storage.dataDir)) : null;
  if (unmarked !== null) return { kind: 'refused', problem: `the data directory cannot be marked as new: ${unmarked}` };
  return chooseIsolation(settings);
}

function tellIsolation({ mode, why }: IsolationChoice, log: Logger): void {
  if (mode === 'none') log.warn('nothing separates commands of repositories from the service', { why });
  else log.info('commands of repositories are separated from the service', { by: mode, why });
}

/** What is shown and not stored counts its changes. */
function keptInMemory(settings: Settings) {
  const memory = createRevision();
  return {
    memory,
    foreseenConflicts: createForeseenConflicts(memory.bump),
    activeClaims: createActiveClaims(memory.bump),
    metrics: createMetrics({ mergeMetrics: settings.merge.metrics, onChange: memory.bump }),
  };
}

const forgesOf = (settings: Settings, forgeOf: ServiceContext['forgeOf']) => ({
  forgeOf,
  lookAtRepository: repositoryLook(forgeOf),
  judgeRegistration: (wanted: Parameters<ServiceContext['judgeRegistration']>[0]) =>
    judgeRegistration(wanted, settings),
  webhooks: webhookReader,
});

const environmentSeenFrom =
  (dataDir: string): ServiceContext['environmentOf'] =>
  async (policy, isolation) => {
    const found = await readEnvironment({ policy, slotDir: dataDir, isolation });
    return found.kind === 'probed' ? found.hostDigest : null;
  };

/** Null: the data directory and its parts are there. */
async function makeDirectories(dataDir: string): Promise<string | null> {
  for (const part of ['', ...TRACES]) {
    const made = await makeDirectory(join(dataDir, part));
    if (made.kind !== 'written')
      return `the data directory ${join(dataDir, part)} cannot be used: ${made.reason}; set ORCH_DATA_DIR to a directory you can write`;
  }
  return null;
}

function checkWithMaskedSecrets(name: string): Check | null {
  const check = checkNamed(name);
  return check === null ? null : withMaskedSecrets(check);
}

const timeOf = (clock: ServiceClock) => ({ now: clock.now, clock, startedAt: clock.now() });

/** A store that cannot be read is met, and told, by what comes next. */
async function tellOff(settings: Settings, store: Store, log: Logger): Promise<void> {
  const repos = await outcomeOf(() => store.listRepos());
  for (const { words } of everythingOff(settings, repos.kind === 'value' ? repos.value : []))
    log.warn('switched off', { what: words });
}

/** A store that cannot be read is met, and told, by what comes next. */
async function clockOn(store: Store, log: Logger): Promise<ServiceClock> {
  const newest = await outcomeOf(() => store.newestTime());
  const clock = createServiceClock({ notBeforeMs: newest.kind === 'value' ? newest.value : 0 });
  const aheadMs = -clock.behindMs();
  if (aheadMs > CLOCK_TOLD_MS)
    log.warn("the machine's clock is behind what is on record; the service goes on from there", { ms: aheadMs });
  return clock;
}
