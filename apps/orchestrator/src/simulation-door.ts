/**
 * What a simulation drives: the running parts of the service, with every port of the house left open. Nothing here is
 * made for it; the service itself is built from the same names in wiring.ts.
 */

export { artefactOf } from './agents/roles.ts';
export type { Paper, WorkOrder, WorkReport, WorkRun } from './agents/work.ts';
export type { Workshop } from './agents/workshop.ts';
export type { Bell } from './bell.ts';
export { bell } from './bell.ts';
export type { CombinedAnswer, CombinedLook } from './checks/combined-look.ts';
export type { Check, CheckContext, CheckPlaces } from './checks/context.ts';
export { MEASUREMENT, printMeasurement } from './checks/measurement.ts';
export { checkNamed } from './checks/registry.ts';
export { engineFor } from './engine.ts';
export type { Forge, LandingAnswer, LandRequest, PrepareAnswer } from './forges/forge.ts';
export type { House } from './house.ts';
export type { Log } from './log.ts';
export { createMetrics } from './metrics.ts';
export type { MirrorAnswer, Mirrors } from './mirrors.ts';
export type { Places } from './places/places.ts';
export type { GatePolicy } from './policy/resolve-policy.ts';
export { parseSettings, type Settings } from './settings.ts';
export { UNPROVEN_END } from './stops/stop-ledger.ts';
export { type Stops, stopsOf } from './stops/stops.ts';
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
export type { BaseAnswer, BaseQuestion } from './trouble/base-look.ts';
export { liveRuns } from './worker/live-runs.ts';
export { startWorker, type Worker } from './worker/worker.ts';
