/** Which reports exist, and what each belongs to. */
import { artefacts } from '../schema/index.ts';
import type { Artefact, ArtefactStore } from './port/index.ts';
import type { Driver, Operation, Operations } from './sql/driver.ts';
import { insertInto, namesBut, tableShape } from './sql/row-shape.ts';

/** Inserts for other parts' transactions. */
export interface ArtefactRows {
  readonly add: (artefact: Omit<Artefact, 'id'>) => Operation<number>;
}

const ARTEFACT = tableShape(artefacts);

export function artefactRows({ insert }: Driver): ArtefactRows {
  const add = insert(ARTEFACT, insertInto(ARTEFACT, namesBut(ARTEFACT, 'id')));
  return { add: (artefact) => add({ ...artefact }) };
}

export function artefactStore({ dialect, row, rows }: Driver): Operations<ArtefactStore> {
  const given = (name: string): string => dialect.opaque(`:${name}`);
  /** Holds for every row unless the place is filled. */
  const unlessGiven = (column: string, name: string): string =>
    `(${given(name)} IS NULL OR ${column} = ${given(name)})`;
  const ofTask = `SELECT ${ARTEFACT.list} FROM artefacts WHERE task_id = ${given('taskId')}`;
  const newest = row(
    ARTEFACT,
    `${ofTask} AND name = ${given('name')} AND ${unlessGiven('stage', 'stage')}
       AND ${unlessGiven('attempt', 'attempt')} AND ${unlessGiven('job_id', 'jobId')}
     ORDER BY id DESC LIMIT 1`,
  );
  const all = rows(ARTEFACT, `${ofTask} ORDER BY id`);
  return {
    *findArtefact({ taskId, name, stage = null, attempt = null, jobId = null }: ArtefactQuery) {
      return (yield* newest({ taskId, name, stage, attempt, jobId })) ?? null;
    },
    listArtefacts: (taskId) => all({ taskId }),
  };
}

type ArtefactQuery = { [Name in keyof Filter]: Filter[Name] | null };
type Filter = Parameters<ArtefactStore['findArtefact']>[0];
