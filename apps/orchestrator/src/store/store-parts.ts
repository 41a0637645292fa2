/** The whole store's logic on one driver: each part is written once and knows no engine. */
import { agentRunStore } from './agent-runs.ts';
import { artefactRows, artefactStore } from './artefacts.ts';
import { baselineStore } from './baselines.ts';
import { breakerStore } from './breakers.ts';
import { stopStore } from './cancellations.ts';
import { certificateStore } from './certificates.ts';
import { changeStore } from './change-number.ts';
import { commandRunStore } from './command-runs.ts';
import { dependentTasks } from './dependents.ts';
import { eventLog } from './event-log.ts';
import { gateRunRows, gateRunStore } from './gate-runs.ts';
import { holds } from './holds.ts';
import { inboxStore } from './inbox.ts';
import { jobRows } from './job-rows.ts';
import { jobStore } from './jobs.ts';
import { leaseStore } from './leases.ts';
import { mergeQueue } from './merge-queue.ts';
import { outboxRows, outboxStore } from './outbox.ts';
import type { Store } from './port/index.ts';
import { pullRequestStore } from './pull-requests.ts';
import { repoStore } from './repositories.ts';
import { resultStore } from './results.ts';
import { retentionStore } from './retention.ts';
import { sessionStore } from './sessions.ts';
import type { Driver, Operations } from './sql/driver.ts';
import { statsStore } from './stats.ts';
import { queueStore } from './task-queue.ts';
import { taskRows } from './task-rows.ts';
import { taskStore } from './tasks.ts';
import { testHistoryStore } from './test-history.ts';
import { trackerStore } from './tracker.ts';
import { transitions } from './transition/apply-event.ts';
import { workerStore } from './workers.ts';

/** Every method of the port but those of the connection, as operations that the engine's driver carries out. */
export function storeParts(driver: Driver): Operations<Omit<Store, 'close' | 'onCommit'>> {
  const tasks = taskRows(driver);
  const jobs = jobRows(driver);
  const notes = holds(driver);
  const { append, ...events } = eventLog(driver);
  const log = { append };
  const queue = mergeQueue(driver, jobs);
  const gateRuns = gateRunRows(driver);
  const artefacts = artefactRows(driver);
  const outbox = outboxRows(driver);
  const dependents = dependentTasks(driver, log);
  const moves = transitions(driver, { tasks, jobs, notes, log, dependents, queue, gateRuns, artefacts, outbox });
  return {
    ...repoStore(driver, { log, notes }),
    ...taskStore(driver, { rows: tasks, moves, log }),
    ...events,
    ...changeStore(driver),
    ...jobStore(driver, { jobs, notes, tasks, log }),
    ...leaseStore(driver, { jobs, queue, tasks, moves }),
    ...stopStore(driver, { rows: tasks, jobs, log, moves, outbox }),
    ...commandRunStore(driver),
    ...agentRunStore(driver, { rows: tasks, log }),
    ...gateRunStore(driver, gateRuns),
    ...artefactStore(driver),
    ...resultStore(driver),
    ...certificateStore(driver),
    ...testHistoryStore(driver),
    ...baselineStore(driver, queue),
    ...outboxStore(driver, outbox),
    ...inboxStore(driver),
    ...pullRequestStore(driver),
    ...breakerStore(driver, { jobs, notes, outbox }),
    ...workerStore(driver),
    ...sessionStore(driver),
    ...statsStore(driver),
    ...queueStore(driver, tasks),
    ...retentionStore(driver),
    ...trackerStore(driver),
  };
}
