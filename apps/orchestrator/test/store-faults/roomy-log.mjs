// Leaves the log of a database large and written back, as after a busy hour: what comes next is written over its beginning.
// Argument: the file.
import SqliteDatabase from 'better-sqlite3';

const sqlite = new SqliteDatabase(process.argv[2], { timeout: 10_000 });
sqlite.pragma('cache_size = 10');
sqlite.exec('BEGIN IMMEDIATE; CREATE TABLE roomy (bytes BLOB)');
// A cache that is too small spills into the log, and a transaction that is taken back leaves it as long.
sqlite.exec(
  'INSERT INTO roomy SELECT randomblob(4000) FROM (WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i FROM n)',
);
sqlite.exec('ROLLBACK');
sqlite.pragma('wal_checkpoint(RESTART)');
sqlite.close();
