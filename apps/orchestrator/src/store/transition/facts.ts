/** The facts that become true together with an event, be it ignored. */
import type { ArtefactRows } from '../artefacts.ts';
import type { GateRunRows } from '../gate-runs.ts';
import type { OutboxRows } from '../outbox.ts';
import type { ApplyRequest } from '../port/index.ts';
import type { Operation } from '../sql/driver.ts';
import type { TaskChange } from '../task-rows.ts';

export interface FactParts {
  readonly gateRuns: GateRunRows;
  readonly artefacts: ArtefactRows;
  readonly outbox: OutboxRows;
}

/** Answers the facts that belong into the task's own row. */
export function* writeFacts(
  { gateRuns, artefacts, outbox }: FactParts,
  { taskId, event, job, writes }: ApplyRequest,
): Operation<TaskChange> {
  if (writes === undefined) return {};
  const by = { taskId, jobId: job?.jobId ?? null };
  for (const run of writes.gateRuns ?? []) yield* gateRuns.add({ ...run, ...by });
  for (const artefact of writes.artefacts ?? [])
    yield* artefacts.add({ ...artefact, ...by, jobToken: job?.token ?? null });
  for (const mail of writes.outbox ?? []) yield* outbox.add({ ...mail, taskId, atMs: event.atMs });
  const hasLanded = typeof writes.task?.landedSha === 'string';
  return {
    ...writes.task,
    ...(hasLanded ? { landedAt: event.atMs } : {}),
    ...(writes.leaveCritical === true ? { criticalToken: null } : {}),
  };
}
