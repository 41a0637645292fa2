/** Every start of an agent. */
import { agentRuns } from '../schema/index.ts';
import type { EventLog } from './event-log.ts';
import type { AgentRunStore } from './port/index.ts';
import type { Driver, Operations } from './sql/driver.ts';
import { insertInto, NO_ROW, tableShape } from './sql/row-shape.ts';
import type { TaskRows } from './task-rows.ts';

const AGENT_RUN = tableShape(agentRuns);
const BEGIN = insertInto(AGENT_RUN, [
  'taskId',
  'jobId',
  'jobToken',
  'role',
  'stage',
  'reportsDir',
  'budget',
  'startedAt',
]);
const END = `UPDATE agent_runs SET ended_at = :endedAt, tokens = :tokens, cost_micros = :costMicros, refused = :refused
  WHERE id = :id`;

interface Parts {
  readonly rows: TaskRows;
  readonly log: EventLog;
}

export function agentRunStore(driver: Driver, parts: Parts): Operations<AgentRunStore> {
  const { rows, insert, change, write } = driver;
  const begin = insert(AGENT_RUN, BEGIN);
  const end = change(AGENT_RUN, END);
  const forget = change(NO_ROW, 'DELETE FROM agent_runs WHERE id = :id');
  const ofTask = rows(AGENT_RUN, `SELECT ${AGENT_RUN.list} FROM agent_runs WHERE task_id = :taskId ORDER BY id`);
  const open = rows(
    AGENT_RUN,
    `SELECT ${AGENT_RUN.list} FROM agent_runs WHERE ended_at IS NULL AND started_at < :beforeMs ORDER BY started_at`,
  );
  return {
    *beginAgentRun(run) {
      return yield* begin({ ...run });
    },
    *endAgentRun(id, ended) {
      yield* ended === null ? forget({ id }) : end({ ...ended, id });
    },
    agentRuns: (taskId) => ofTask({ taskId }),
    openAgentRuns: (beforeMs) => open({ beforeMs }),
    setBudget: (taskId, budget, { actor, atMs }) =>
      write(function* set() {
        const task = yield* parts.rows.byId(taskId);
        if (task === undefined) return null;
        yield* parts.log.append({ repoId: task.repoId, taskId, kind: 'budget-set', body: budget, actor, at: atMs });
        return yield* parts.rows.patch(task, { budget });
      }),
  };
}
