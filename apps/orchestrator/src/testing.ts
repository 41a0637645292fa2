/**
 * What a simulation drives: the running parts of the service, with every port of the service left open. Nothing here is
 * made for it; the service itself is built from the same names in compose.ts.
 */

export type { AgentCommandRun, AgentRequest, AgentResult, StageReport } from './agents/port.ts';
export { artefactOf } from './agents/roles.ts';
export type { AgentRunner } from './agents/runner.ts';
export type { MainProbeRequest, MainProbeResult } from './breakers/probe-main.ts';
export { createActiveClaims } from './cancellation/active-claims.ts';
export { type Cancellations, createCancellations } from './cancellation/cancellations.ts';
export { UNVERIFIED_END } from './cancellation/ledger.ts';
export { serializeMeasurement } from './checks/coverage-measurement.ts';
export type { Check, CheckContext } from './checks/port.ts';
export { checkNamed } from './checks/registry.ts';
export type { CombinedRescan, CombinedRescanResult } from './checks/rescan-combined.ts';
export type { ServiceContext } from './context.ts';
export type { Forge, LandingAnswer, LandRequest, PrepareAnswer } from './forges/port.ts';
export type { Logger } from './platform/logger.ts';
export { createMetrics } from './platform/metrics.ts';
export type { Wakeup } from './platform/wakeup.ts';
export { createWakeup } from './platform/wakeup.ts';
export { engineConfig } from './policy/engine-config.ts';
export type { GatePolicy } from './policy/resolve-policy.ts';
export { parseSettings, type Settings } from './settings.ts';
export { type Connection, connect } from './store/adapters/connection.ts';
export { migrate } from './store/adapters/migrate.ts';
export { storeOn } from './store/adapters/sqlite.ts';
export type {
  AddTaskOutcome,
  ApplyOutcome,
  ApplyRequest,
  Artefact,
  ClaimedJob,
  Engine,
  Job,
  JobToken,
  Lease,
  NewArtefact,
  OutboxMessage,
  Repository,
  Store,
  StoredEvent,
  Task,
} from './store/port.ts';
export { startWorker, type Worker } from './worker/worker.ts';
export type { MirrorAnswer, Mirrors } from './workspace/mirrors.ts';
export { MEASUREMENT } from './workspace/report-files.ts';
export type { CheckWorkspace, Workspaces } from './workspace/workspace.ts';
