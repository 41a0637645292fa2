/** Coverage baselines: replaced only by compare-and-set on their seq, and every value they had is kept. */
import { coverageBaseline, coverageHistory } from '../schema/index.ts';
import type { MergeQueue } from './merge-queue.ts';
import type { BaselineKey, BaselineRecord, BaselineStore } from './port/index.ts';
import { type Driver, memoizeByNames, type Operation, type Operations } from './sql/driver.ts';
import { assignments, insertInto, namesBut, tableShape } from './sql/row-shape.ts';

type BaselineRow = typeof coverageBaseline.$inferSelect;

const BASELINE = tableShape(coverageBaseline);
const ENTRY = tableShape(coverageHistory);
const HISTORY_LIMIT = 1000;
const KEY = ['repoId', 'branch', 'metric', 'commandHash'];
const VALUES = BASELINE.columns.map(({ name }) => name).filter((name) => !KEY.includes(name));
const READ = `SELECT ${BASELINE.list} FROM coverage_baseline
  WHERE repo_id = :repoId AND branch = :branch AND metric = :metric AND command_hash = :commandHash`;
const PUT = `${insertInto(BASELINE, [...KEY, ...VALUES])}
  ON CONFLICT (repo_id, branch, metric, command_hash) DO UPDATE SET ${assignments(BASELINE, VALUES)}`;
const LIST = `SELECT ${BASELINE.list} FROM coverage_baseline WHERE repo_id = :repoId
  ORDER BY branch, metric, command_hash`;

export function baselineStore(driver: Driver, queue: MergeQueue): Operations<BaselineStore> {
  const { dialect, rows, write } = driver;
  const { read, replace } = records(driver);
  const list = rows(BASELINE, LIST);
  const historyOf = memoizeByNames((names) => {
    const isBranch = names.includes('branch') ? 'AND branch = :branch' : '';
    return rows(
      ENTRY,
      `SELECT ${ENTRY.list} FROM coverage_history WHERE repo_id = :repoId ${isBranch}
       ORDER BY id DESC LIMIT ${dialect.opaqueLimit(':limit')}`,
    );
  });
  return {
    readBaseline: read,
    compareAndSetBaseline: (key, { expectedSeq, next, proof, atMs }) =>
      write(function* land() {
        const held = yield* queue.heldBy(proof.repo, proof.holder);
        if (proof.repo !== key.repoId || held?.token !== proof.token) return false;
        const { covered, total, commit } = next.last;
        const point = { covered, total, commit };
        return yield* replace(key, next, { expectedSeq, point, actor: `task ${proof.holder}`, reason: 'landed', atMs });
      }),
    overrideBaseline: (key, { next, ...by }) => write(() => replace(key, next, { ...by, point: next.mark })),
    *baselineHistory({ repoId, branch, limit = HISTORY_LIMIT }) {
      const newestFirst = historyOf(branch === undefined ? [] : ['branch']);
      return (yield* newestFirst({ repoId, branch, limit })).reverse();
    },
    *listBaselines(repoId) {
      return (yield* list({ repoId })).map((row) => ({ ...keyOf(row), record: recordOf(row) }));
    },
  };
}

interface BaselineReplacement {
  readonly expectedSeq: number;
  /** What the history shows: what landed, or the mark that was set by hand. */
  readonly point: { readonly covered: number; readonly total: number; readonly commit: string };
  readonly actor: string;
  readonly reason: string;
  readonly atMs: number;
}

interface Records {
  readonly read: (key: BaselineKey) => Operation<BaselineRecord | null>;
  readonly replace: (key: BaselineKey, next: BaselineRecord, by: BaselineReplacement) => Operation<boolean>;
}

function records({ row, change, insert }: Driver): Records {
  const current = row(BASELINE, READ);
  const put = change(BASELINE, PUT);
  const remember = insert(ENTRY, insertInto(ENTRY, namesBut(ENTRY, 'id')));
  function* read(key: BaselineKey): Operation<BaselineRecord | null> {
    const row = yield* current({ ...keyOf(key) });
    return row === undefined ? null : recordOf(row);
  }
  return {
    read,
    *replace(key, next, { expectedSeq, point, actor, reason, atMs }) {
      const seq = (yield* read(key))?.seq ?? 0;
      if (seq !== expectedSeq || next.seq <= expectedSeq) return false;
      yield* put({ ...keyOf(key), ...columnsOf(next), updatedAt: atMs });
      yield* remember({ ...keyOf(key), seq: next.seq, ...point, actor, reason, at: atMs });
      return true;
    },
  };
}

function keyOf({ repoId, branch, metric, commandHash }: BaselineKey): BaselineKey {
  return { repoId, branch, metric, commandHash };
}

function recordOf(row: BaselineRow): BaselineRecord {
  return {
    seq: row.seq,
    metric: row.metric,
    commandHash: row.commandHash,
    mark: { covered: row.markCovered, total: row.markTotal, commit: row.markCommit },
    ref: { uncovered: row.refUncovered, total: row.refTotal },
    last: { covered: row.lastCovered, total: row.lastTotal, tree: row.lastTree, commit: row.lastCommit },
    files: row.files,
    ...(row.flapping === null ? {} : { flapping: row.flapping }),
  };
}

function columnsOf({
  seq,
  mark,
  ref,
  last,
  files,
  flapping,
}: BaselineRecord): Omit<BaselineRow, keyof BaselineKey | 'updatedAt'> {
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
    flapping: flapping ?? null,
  };
}
