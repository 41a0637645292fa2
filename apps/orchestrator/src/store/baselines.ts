/** Coverage baselines: replaced only by compare-and-set on their seq, and every value they had is kept. */
import { and, desc, eq, sql } from 'drizzle-orm';
import { coverageBaseline as baselines, coverageHistory as history } from '../schema/index.ts';
import type { Connection, SyncPort } from './adapters/connection.ts';
import type { MergeQueue } from './merge-queue.ts';
import { placeholdersOf } from './placeholders.ts';
import type { BaselineKey, BaselineRecord, BaselineStore } from './port.ts';
import { prepareInsert, prepareSelect, prepareUpdate } from './prepared-queries.ts';

const HISTORY_LIMIT = 1000;
const KEY = ['repoId', 'branch', 'metric', 'commandHash'] as const;
type Row = typeof baselines.$inferSelect;

export function baselineStore(connection: Connection, line: MergeQueue): SyncPort<BaselineStore> {
  const { orm, write } = connection;
  const isKey = and(...KEY.map((name) => eq(baselines[name], sql.placeholder(name))));
  const current = prepareSelect(connection, baselines, orm.select().from(baselines).where(isKey));
  const putting = orm
    .insert(baselines)
    .values(placeholdersOf(baselines))
    .onConflictDoUpdate({
      target: KEY.map((name) => baselines[name]),
      set: placeholdersOf(baselines),
    });
  const put = prepareUpdate(connection, putting);
  const remember = prepareInsert(connection, orm.insert(history).values(placeholdersOf(history)));
  const read = (key: BaselineKey): BaselineRecord | null => {
    const row = current.get({ ...keyOf(key) });
    return row === undefined ? null : recordOf(row);
  };
  const replace = (key: BaselineKey, next: BaselineRecord, by: Replacement): boolean => {
    if ((read(key)?.seq ?? 0) !== by.expectedSeq || next.seq <= by.expectedSeq) return false;
    put({ ...keyOf(key), ...columnsOf(next), updatedAt: by.atMs });
    const { actor, reason, atMs, point } = by;
    remember({ ...keyOf(key), seq: next.seq, ...point, actor, reason, at: atMs });
    return true;
  };
  return {
    readBaseline: read,
    compareAndSetBaseline: (key, { expectedSeq, next, proof, atMs }) =>
      write(() => {
        if (proof.repo !== key.repoId || line.heldBy(proof.repo, proof.holder)?.token !== proof.token) return false;
        const { covered, total, commit } = next.last;
        const point = { covered, total, commit };
        return replace(key, next, { expectedSeq, point, actor: `task ${proof.holder}`, reason: 'landed', atMs });
      }),
    overrideBaseline: (key, { next, ...by }) => write(() => replace(key, next, { ...by, point: next.mark })),
    baselineHistory: ({ repoId, branch, limit = HISTORY_LIMIT }) =>
      orm
        .select()
        .from(history)
        .where(and(eq(history.repoId, repoId), branch === undefined ? undefined : eq(history.branch, branch)))
        .orderBy(desc(history.id))
        .limit(limit)
        .all()
        .reverse(),
    listBaselines: (repoId) =>
      orm
        .select()
        .from(baselines)
        .where(eq(baselines.repoId, repoId))
        .orderBy(baselines.branch, baselines.metric, baselines.commandHash)
        .all()
        .map((row) => ({ ...keyOf(row), record: recordOf(row) })),
  };
}

interface Replacement {
  readonly expectedSeq: number;
  /** What the history shows: what landed, or the mark that was set by hand. */
  readonly point: { readonly covered: number; readonly total: number; readonly commit: string };
  readonly actor: string;
  readonly reason: string;
  readonly atMs: number;
}

function keyOf({ repoId, branch, metric, commandHash }: BaselineKey): BaselineKey {
  return { repoId, branch, metric, commandHash };
}

function recordOf(row: Row): BaselineRecord {
  return {
    seq: row.seq,
    metric: row.metric,
    commandHash: row.commandHash,
    mark: { covered: row.markCovered, total: row.markTotal, commit: row.markCommit },
    ref: { uncovered: row.refUncovered, total: row.refTotal },
    last: { covered: row.lastCovered, total: row.lastTotal, tree: row.lastTree, commit: row.lastCommit },
    files: row.files,
  };
}

function columnsOf({ seq, mark, ref, last, files }: BaselineRecord): Omit<Row, keyof BaselineKey | 'updatedAt'> {
  return {
    seq,
    markCovered: mark.covered,
    markTotal: mark.total,
    markCommit: mark.commit,
    refUncovered: ref.uncovered,
    refTotal: ref.total,
    lastCovered: last.covered,
    lastTotal: last.total,
    lastTree: last.tree,
    lastCommit: last.commit,
    files,
  };
}
