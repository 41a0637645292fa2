/** What was run, what the checks answered, which reports exist, and which trees are known to be green. */
import { and, desc, eq, gt, type SQL, sql } from 'drizzle-orm';
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core';
import { artefacts, commandRuns, gateRuns, jobs, results } from '../schema/index.ts';
import type { Connection, SyncPort } from './adapters/connection.ts';
import { UNDER_TOKEN } from './job-rows.ts';
import { givenLimit, memoizeByNames, opaque, placeholdersOf } from './placeholders.ts';
import type { Artefact, EvidenceStore, GateRun } from './port.ts';
import { prepareInsert, prepareSelect, prepareUpdate } from './prepared-queries.ts';

/** Inserts for other parts' transactions. */
export interface EvidenceRows {
  readonly gateRun: (run: Omit<GateRun, 'id'>) => number;
  readonly artefact: (artefact: Omit<Artefact, 'id'>) => number;
}

const LIST_LIMIT = 1000;

export function evidenceRows(connection: Connection): EvidenceRows {
  const { orm } = connection;
  const gateRun = prepareInsert(connection, orm.insert(gateRuns).values(placeholdersOf(gateRuns)));
  const artefact = prepareInsert(connection, orm.insert(artefacts).values(placeholdersOf(artefacts)));
  return {
    gateRun: (run) => gateRun({ ...run }),
    artefact: (kept) => artefact({ ...kept }),
  };
}

export function evidenceStore(connection: Connection, rows: EvidenceRows): SyncPort<EvidenceStore> {
  const { orm, write } = connection;
  const isKey = and(
    eq(results.tree, sql.placeholder('tree')),
    eq(results.gateDigest, sql.placeholder('gateDigest')),
    eq(results.envDigest, sql.placeholder('envDigest')),
  );
  const lookup = orm
    .select({ at: results.at })
    .from(results)
    .where(and(isKey, gt(results.at, sql.placeholder('oldest'))))
    .prepare();
  // The column's own encoding would keep "no tests were counted" as the text of a JSON null.
  const insertRun = prepareInsert(
    connection,
    orm.insert(commandRuns).values({ ...placeholdersOf(commandRuns), tests: sql`${sql.placeholder('tests')}` }),
  );
  const progress = prepareUpdate(
    connection,
    orm
      .update(jobs)
      .set({ progressAt: sql`${sql.placeholder('progressAt')}` })
      .where(UNDER_TOKEN),
  );
  const runsOf = memoizeByNames((names) => {
    const isCheck = names.includes('check') ? eq(gateRuns.check, opaque('check')) : undefined;
    const ofTask = and(eq(gateRuns.taskId, opaque('taskId')), isCheck);
    const newestFirst = orm.select().from(gateRuns).where(ofTask).orderBy(desc(gateRuns.id)).limit(givenLimit);
    return prepareSelect(connection, gateRuns, newestFirst);
  });
  const isOfTask = eq(artefacts.taskId, opaque('taskId'));
  const isAsked = and(
    isOfTask,
    eq(artefacts.name, opaque('name')),
    unlessGiven('stage', artefacts.stage),
    unlessGiven('attempt', artefacts.attempt),
    unlessGiven('jobId', artefacts.jobId),
  );
  const newestFirst = orm.select().from(artefacts).where(isAsked).orderBy(desc(artefacts.id));
  const newest = prepareSelect(connection, artefacts, newestFirst);
  const kept = prepareSelect(connection, artefacts, orm.select().from(artefacts).where(isOfTask).orderBy(artefacts.id));
  return {
    recordRun: (run, job) =>
      write(() => {
        const tests = run.tests === null ? null : JSON.stringify(run.tests);
        const id = insertRun({ ...run, tests, jobId: job?.jobId ?? null });
        if (job !== undefined)
          progress({ jobId: job.jobId, token: job.token, progressAt: run.startedAt + run.durationMs });
        return id;
      }),
    commandRuns: ({ taskId, repoId, limit = LIST_LIMIT }) =>
      orm
        .select()
        .from(commandRuns)
        .where(
          and(
            taskId === undefined ? undefined : eq(commandRuns.taskId, taskId),
            repoId === undefined ? undefined : eq(commandRuns.repoId, repoId),
          ),
        )
        .orderBy(desc(commandRuns.id))
        .limit(limit)
        .all(),
    recordGateRun: (taskId, run) => rows.gateRun({ ...run, taskId, jobId: null }),
    gateRuns: ({ taskId, check, limit = LIST_LIMIT }) =>
      runsOf(check === undefined ? [] : ['check']).all({ taskId, check, limit }),
    recordArtefact: (taskId, artefact, job) =>
      rows.artefact({
        ...artefact,
        taskId,
        jobId: job?.jobId ?? null,
        jobToken: job?.token ?? null,
      }),
    findArtefact: ({ taskId, name, stage, attempt, jobId }) =>
      newest.get({ taskId, name, stage: stage ?? null, attempt: attempt ?? null, jobId: jobId ?? null }) ?? null,
    listArtefacts: (taskId) => kept.all({ taskId }),
    lookupResult: (key, { atMs, ttlMs }) =>
      lookup.get({ ...key, oldest: atMs - ttlMs }) === undefined ? 'none' : 'green',
    recordResult: (key, outcome, atMs) => {
      const same = and(eq(results.gateDigest, key.gateDigest), eq(results.envDigest, key.envDigest));
      if (outcome === 'green')
        orm
          .insert(results)
          .values({ ...key, at: atMs })
          .onConflictDoUpdate({ target: [results.tree, results.gateDigest, results.envDigest], set: { at: atMs } })
          .run();
      else
        orm
          .delete(results)
          .where(and(eq(results.tree, key.tree), outcome === 'red' ? undefined : same))
          .run();
    },
  };
}

/** A condition that holds for every row unless the place is filled. */
const unlessGiven = (name: string, column: SQLiteColumn): SQL =>
  sql`(${opaque(name)} IS NULL OR ${column} = ${opaque(name)})`;
