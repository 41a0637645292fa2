/** What was run, what the checks answered, which reports exist, and which trees are known to be green. */
import { and, desc, eq, gt, sql } from 'drizzle-orm';
import { artefacts, commandRuns, gateRuns, jobs, results } from '../schema/index.ts';
import type { Connection, Sync } from './adapters/connection.ts';
import type { ArtefactRow, EvidenceStore, GateRunRow } from './port.ts';

/** Inserts for other parts' transactions. */
export interface EvidenceRows {
  readonly gateRun: (run: Omit<GateRunRow, 'id'>) => number;
  readonly artefact: (artefact: Omit<ArtefactRow, 'id'>) => number;
}

const LIST_LIMIT = 1000;

export function evidenceRows({ orm }: Connection): EvidenceRows {
  return {
    gateRun: (run) => orm.insert(gateRuns).values(run).returning({ id: gateRuns.id }).get().id,
    artefact: (artefact) => orm.insert(artefacts).values(artefact).returning({ id: artefacts.id }).get().id,
  };
}

export function evidenceStore({ orm, write }: Connection, rows: EvidenceRows): Sync<EvidenceStore> {
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
  return {
    recordRun: (run, job) =>
      write(() => {
        const { id } = orm
          .insert(commandRuns)
          .values({ ...run, jobId: job?.jobId ?? null })
          .returning({ id: commandRuns.id })
          .get();
        if (job !== undefined)
          orm
            .update(jobs)
            .set({ progressAt: run.startedAt + run.durationMs })
            .where(and(eq(jobs.id, job.jobId), eq(jobs.token, job.token), eq(jobs.state, 'leased')))
            .run();
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
      orm
        .select()
        .from(gateRuns)
        .where(and(eq(gateRuns.taskId, taskId), check === undefined ? undefined : eq(gateRuns.check, check)))
        .orderBy(desc(gateRuns.id))
        .limit(limit)
        .all(),
    recordArtefact: (taskId, artefact, job) =>
      rows.artefact({
        ...artefact,
        taskId,
        jobId: job?.jobId ?? null,
        jobToken: job?.token ?? null,
      }),
    findArtefact: ({ taskId, name, stage, attempt, jobId }) =>
      orm
        .select()
        .from(artefacts)
        .where(
          and(
            eq(artefacts.taskId, taskId),
            eq(artefacts.name, name),
            stage === undefined ? undefined : eq(artefacts.stage, stage),
            attempt === undefined ? undefined : eq(artefacts.attempt, attempt),
            jobId === undefined ? undefined : eq(artefacts.jobId, jobId),
          ),
        )
        .orderBy(desc(artefacts.id))
        .limit(1)
        .get() ?? null,
    listArtefacts: (taskId) =>
      orm.select().from(artefacts).where(eq(artefacts.taskId, taskId)).orderBy(artefacts.id).all(),
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
