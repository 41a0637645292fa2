/**
 * What private tools drive: the parts of the service without their adapters (tools/sim), and the whole service behind its
 * API with the records that it leaves (tools/demo). Nothing here is made for them; the service is built from these names.
 */

export type { CommandRun } from '@gatehouse/gate-run';
export type { AgentRequest, AgentResult, StageReport } from './agents/port.ts';
export { artefactOf } from './agents/roles.ts';
export type { AgentRunner } from './agents/runner.ts';
export { parseScript, type Script, type ScriptedAttempt } from './agents/scripted/script.ts';
export { createActiveClaims } from './cancellation/active-claims.ts';
export { type Cancellations, createCancellations } from './cancellation/cancellations.ts';
export { UNVERIFIED_END } from './cancellation/ledger.ts';
export { serializeMeasurement } from './checks/coverage-measurement.ts';
export { isDeclaredGreen } from './checks/merge-check.ts';
export type { Check, CheckContext } from './checks/port.ts';
export type { MainProbeRequest, MainProbeResult } from './checks/probe-main.ts';
export { readCoverageFront, readSecurityFront } from './checks/read-report.ts';
export { checkNamed, checkOfGate } from './checks/registry.ts';
export type { CombinedRescan, CombinedRescanResult } from './checks/rescan-combined.ts';
export { type Answer, EXIT, failure, print, shownText, type Terminal, table, usage } from './cli/answer.ts';
export { type Api, apiClient } from './cli/api-client.ts';
export { lookOf } from './cli/look.ts';
export { ended } from './cli/serve-command.ts';
export type { ServiceContext } from './context.ts';
export type {
  DeleteBranchAnswer,
  DeleteBranchRequest,
  FetchAnswer,
  Forge,
  LandingAnswer,
  LandRequest,
  PrepareAnswer,
  PushBranchAnswer,
  PushBranchRequest,
} from './forges/port.ts';
export { withoutPeople } from './forges/without-people.ts';
export { type CheckWorkspace, MEASUREMENT } from './platform/claim-directories.ts';
export { fileTrouble, makeDirectory, readTextFile, writeTextFile } from './platform/files.ts';
export { type ListenAnswer, listen } from './platform/listen.ts';
export { jsonLog, type Logger, silentLog } from './platform/logger.ts';
export { createMetrics } from './platform/metrics.ts';
export { isHangupIgnored } from './platform/own-process.ts';
export { processesNaming } from './platform/processes.ts';
export { createRevision } from './platform/revision.ts';
export { createTurns } from './platform/turns.ts';
export type { Wakeup } from './platform/wakeup.ts';
export { createWakeup } from './platform/wakeup.ts';
export { engineConfig } from './policy/engine-config.ts';
export { parsePolicyFile } from './policy/policy-file.ts';
export type { GatePolicy } from './policy/resolve-policy.ts';
export { type RunningService, startService } from './running-service.ts';
export { parseSettings, readSettings, type Settings } from './settings.ts';
export type {
  AddTaskOutcome,
  ApplyOutcome,
  ApplyRequest,
  Artefact,
  ClaimedJob,
  Engine,
  GateRun,
  Job,
  JobToken,
  Lease,
  NewArtefact,
  NewGateRun,
  OutboxMessage,
  Repository,
  Store,
  StoredEvent,
  Task,
} from './store/port/index.ts';
export { type Connection, connect } from './store/sqlite/connection.ts';
export { migrate } from './store/sqlite/migrate.ts';
export { openSqliteStore, storeOn } from './store/sqlite/open.ts';
export { finishPullRequest } from './worker/pull-requests/finish.ts';
export { lookAt } from './worker/pull-requests/look.ts';
export { startWorker, type Worker } from './worker/worker.ts';
export { createForeseenConflicts } from './workspace/foreseen-conflicts.ts';
export type { Mirrors } from './workspace/mirrors.ts';
export { collectReportRecords } from './workspace/report-files.ts';
export type { Workspaces } from './workspace/workspace.ts';
