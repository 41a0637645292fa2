/**
 * What landed was tested: on record is a green run of the test command on its very tree, by whichever task, or, where the operator
 * declared it, a pass of the checks that stand for it. What an agent said is neither.
 */
import type { Database } from '../database.ts';
import type { Commit } from '../history.ts';

interface Landed {
  readonly taskId: string;
  readonly commit: Commit;
  /** The operator declared that the ci command covers the tests. */
  readonly isDeclared: boolean;
}

export function landedWasTested({ query }: Database): (landed: Landed) => string | null {
  const ran = query(
    "SELECT 1 FROM command_runs WHERE tree = ? AND outcome = 'green' AND purpose IN ('branch', 'branch-again') LIMIT 1",
  ).pluck();
  const stoodIn = query(
    `SELECT 1 FROM gate_runs g JOIN tasks t ON t.id = g.task_id
     WHERE t.id = ? AND g.check_name = 'check_ci_green' AND g.status = 'pass' AND g.head_sha = t.head_sha LIMIT 1`,
  ).pluck();
  return ({ taskId, commit, isDeclared }) => {
    if (ran.get(commit.tree) !== undefined) return null;
    if (isDeclared && stoodIn.get(taskId) !== undefined) return null;
    return `${taskId} landed ${commit.sha}, of whose tree no green run of the tests is on record`;
  };
}
