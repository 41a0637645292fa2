/**
 * What a simulation drives: the running parts of the service, with every port of the house left open. Nothing here is
 * made for it; the service itself is built from the same names in compose.ts.
 */

export type { Paper, WorkOrder, WorkReport, WorkRun } from './agents/port.ts';
export { artefactOf } from './agents/roles.ts';
export type { Workshop } from './agents/runner.ts';
export type { BaseAnswer, BaseQuestion } from './breakers/probe-main.ts';
export { type Stops, stopsOf } from './cancellation/cancellations.ts';
export { UNPROVEN_END } from './cancellation/ledger.ts';
export { MEASUREMENT, printMeasurement } from './checks/coverage-measurement.ts';
export type { Check, CheckContext, CheckPlaces } from './checks/port.ts';
export { checkNamed } from './checks/registry.ts';
export type { CombinedAnswer, CombinedLook } from './checks/rescan-combined.ts';
export type { House } from './context.ts';
export type { Forge, LandingAnswer, LandRequest, PrepareAnswer } from './forges/port.ts';
export type { Log } from './platform/logger.ts';
export { createMetrics } from './platform/metrics.ts';
export type { Bell } from './platform/wakeup.ts';
export { bell } from './platform/wakeup.ts';
export { engineFor } from './policy/engine-config.ts';
export type { GatePolicy } from './policy/resolve-policy.ts';
export { parseSettings, type Settings } from './settings.ts';
export { type Connection, connect } from './store/adapters/connection.ts';
export { migrate } from './store/adapters/migrate.ts';
export { storeOn } from './store/adapters/sqlite.ts';
export type {
  AddTaskOutcome,
  ApplyOutcome,
  ApplyRequest,
  ArtefactRow,
  ClaimedJob,
  Engine,
  EventRow,
  JobRow,
  JobToken,
  LeaseRow,
  NewArtefact,
  OutboxRow,
  RepoRow,
  Store,
  TaskRow,
} from './store/port.ts';
export { liveRuns } from './worker/active-claims.ts';
export { startWorker, type Worker } from './worker/worker.ts';
export type { MirrorAnswer, Mirrors } from './workspace/mirrors.ts';
export type { Places } from './workspace/workspace.ts';
