/** What the checks answered. */
import { gateRuns } from '../schema/index.ts';
import type { GateRun, GateRunStore } from './port/index.ts';
import { type Driver, memoizeByNames, type Operation, type Operations } from './sql/driver.ts';
import { cellsNamed, insertInto, namesBut, tableShape } from './sql/row-shape.ts';

/** Inserts for other parts' transactions. */
export interface GateRunRows {
  readonly add: (run: Omit<GateRun, 'id'>) => Operation<number>;
}

const GATE_RUN = tableShape(gateRuns);
const LIST_LIMIT = 1000;

export function gateRunRows({ insert }: Driver): GateRunRows {
  const add = insert(GATE_RUN, insertInto(GATE_RUN, namesBut(GATE_RUN, 'id')));
  return { add: (run) => add({ ...run }) };
}

export function gateRunStore({ dialect, rows }: Driver, runs: GateRunRows): Operations<GateRunStore> {
  const { opaque, opaqueLimit } = dialect;
  const runsOf = memoizeByNames((names) => {
    const isCheck = names.includes('check') ? `AND check_name = ${opaque(':check')}` : '';
    return rows(
      GATE_RUN,
      `SELECT ${GATE_RUN.list} FROM gate_runs WHERE task_id = ${opaque(':taskId')} ${isCheck}
       ORDER BY id DESC LIMIT ${opaqueLimit(':limit')}`,
    );
  });
  const durations = rows(
    cellsNamed<{ durationMs: number }>('durationMs'),
    `SELECT g.duration_ms AS "durationMs" FROM gate_runs g JOIN tasks t ON t.id = g.task_id
     WHERE g.check_name = ${opaque(':check')} AND g.status IN ('pass', 'fail') AND t.repo_id = ${opaque(':repoId')}
     ORDER BY g.id DESC LIMIT ${opaqueLimit(':limit')}`,
  );
  return {
    *lastDurations(of) {
      return (yield* durations(of)).map(({ durationMs }) => durationMs);
    },
    recordGateRun: (taskId, run) => runs.add({ ...run, taskId, jobId: null }),
    gateRuns: ({ taskId, check, limit = LIST_LIMIT }) =>
      runsOf(check === undefined ? [] : ['check'])({ taskId, check, limit }),
  };
}
