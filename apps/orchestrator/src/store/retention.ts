/** What is old enough to go. */
import type { RetentionStore } from './port/index.ts';
import type { Driver, Operations } from './sql/driver.ts';
import { NO_ROW } from './sql/row-shape.ts';

/** Rows of a task go only once the task ended before the limit; the task itself and its baselines stay. */
const ENDED = `task_id IN (SELECT id FROM tasks WHERE stage IN ('done', 'cancelled') AND updated_at < :beforeMs)`;
const PRUNES: readonly string[] = [
  `DELETE FROM jobs WHERE state IN ('done', 'failed', 'cancelled') AND finished_at < :beforeMs AND (task_id IS NULL OR ${ENDED})`,
  `DELETE FROM command_runs WHERE started_at < :beforeMs AND (task_id IS NULL OR ${ENDED})`,
  `DELETE FROM agent_runs WHERE started_at < :beforeMs AND ${ENDED}`,
  `DELETE FROM gate_runs WHERE created_at < :beforeMs AND ${ENDED}`,
  `DELETE FROM artefacts WHERE created_at < :beforeMs AND ${ENDED}`,
  `DELETE FROM events WHERE at < :beforeMs AND (task_id IS NULL OR ${ENDED})`,
  `DELETE FROM outbox WHERE state <> 'pending' AND created_at < :beforeMs AND (task_id IS NULL OR ${ENDED})`,
  'DELETE FROM inbox WHERE processed_at < :beforeMs',
  `DELETE FROM pull_requests WHERE updated_at < :beforeMs AND (task_id IS NULL OR ${ENDED})`,
  'DELETE FROM results WHERE at < :beforeMs',
  'DELETE FROM certificates WHERE saved_at < :beforeMs',
  'DELETE FROM breaker_witnesses WHERE at < :beforeMs',
  'DELETE FROM suite_runs WHERE last_seen < :beforeMs',
  // A green is counted from the suite's complete runs: its tests live as long as it does, unless they are proven flaky.
  `DELETE FROM test_history WHERE proven_flaky_at IS NULL AND last_seen < :beforeMs AND NOT EXISTS (
    SELECT 1 FROM suite_runs s WHERE s.repo_id = test_history.repo_id AND s.tree = test_history.tree
    AND s.gate_digest = test_history.gate_digest AND s.env_digest = test_history.env_digest)`,
  'DELETE FROM test_history WHERE proven_flaky_at IS NOT NULL AND last_seen < :beforeMs',
];

export function retentionStore({ change, write }: Driver): Operations<RetentionStore> {
  const deletes = PRUNES.map((text) => change(NO_ROW, text));
  return {
    prune: (beforeMs) =>
      write(function* prune() {
        let gone = 0;
        for (const remove of deletes) gone += yield* remove({ beforeMs });
        return gone;
      }),
  };
}
