/**
 * plainjob over better-sqlite3 as its README opens it. It sets `synchronous = NORMAL` itself, which loses the last commits with the power; with FULL the disk
 * is what is measured. It has no lease, no fence and no transition: what is compared is claiming and completing a job.
 */
import { createRequire } from 'node:module';
import { better, defineQueue } from 'plainjob';

const SqliteDatabase = createRequire(new URL('../../../apps/orchestrator/package.json', import.meta.url))(
  'better-sqlite3',
);
const silent = { error() {}, warn() {}, info() {}, debug() {} };

/** A queue of `count` jobs in a new file. */
export function plainjobOn(file, { count, synchronous }) {
  const sqlite = new SqliteDatabase(file);
  const queue = defineQueue({ connection: better(sqlite), logger: silent });
  queue.addMany(
    'gate',
    Array.from({ length: count }, (_, n) => ({ task: `task-${n}` })),
  );
  sqlite.pragma(`synchronous = ${synchronous}`);
  const { journal_mode: journal } = sqlite.pragma('journal_mode')[0];
  if (journal !== 'wal') throw new Error(`plainjob's journal is ${journal}`);
  return {
    claimAndComplete: () => {
      const job = queue.getAndMarkJobAsProcessing('gate');
      if (job === undefined) throw new Error('no job is left');
      queue.markJobAsDone(job.id);
    },
    close: () => queue.close(),
  };
}
