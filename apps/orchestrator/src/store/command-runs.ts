/** Every command that was run, and on which commit. */
import { commandRuns } from '../schema/index.ts';
import { JOB, UNDER_TOKEN } from './job-rows.ts';
import type { CommandRunStore, RunCount } from './port/index.ts';
import { type Driver, memoizeByNames, type Operations } from './sql/driver.ts';
import { cellsNamed, insertInto, namesBut, tableShape } from './sql/row-shape.ts';

const COMMAND_RUN = tableShape(commandRuns);
const LIST_LIMIT = 1000;
const FILTERS = { taskId: 'task_id', repoId: 'repo_id' } as const;

export function commandRunStore({ dialect, rows, insert, change, write }: Driver): Operations<CommandRunStore> {
  const add = insert(COMMAND_RUN, insertInto(COMMAND_RUN, namesBut(COMMAND_RUN, 'id')));
  const progress = change(JOB, `UPDATE jobs SET progress_at = :progressAt WHERE ${UNDER_TOKEN}`);
  const runsOf = memoizeByNames((names) => {
    const asked = Object.entries(FILTERS)
      .filter(([name]) => names.includes(name))
      .map(([name, column]) => `${column} = :${name}`);
    const where = asked.length === 0 ? '' : `WHERE ${asked.join(' AND ')}`;
    const cut = `LIMIT ${dialect.opaqueLimit(':limit')}`;
    return rows(COMMAND_RUN, `SELECT ${COMMAND_RUN.list} FROM command_runs ${where} ORDER BY id DESC ${cut}`);
  });
  const counts = rows(
    cellsNamed<RunCount>('purpose', 'outcome', 'count'),
    `SELECT purpose, outcome, count(*) AS count FROM command_runs
     WHERE repo_id = ${dialect.opaque(':repoId')} AND started_at >= :sinceMs GROUP BY purpose, outcome ORDER BY purpose, outcome`,
  );
  return {
    countRuns: (filter) => counts({ ...filter }),
    recordRun: (run, job) =>
      write(function* record() {
        const id = yield* add({ ...run, jobId: job?.jobId ?? null });
        if (job !== undefined)
          yield* progress({ jobId: job.jobId, token: job.token, progressAt: run.startedAt + run.durationMs });
        return id;
      }),
    commandRuns: ({ limit = LIST_LIMIT, ...filter }) => {
      const asked = Object.keys(FILTERS).filter((name) => filter[name as keyof typeof FILTERS] !== undefined);
      return runsOf(asked)({ ...filter, limit });
    },
  };
}
