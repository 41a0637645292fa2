/** The services on record in a store's file, for whoever may not open it as one of them. */
import { existsSync } from 'node:fs';
import SqliteDatabase from 'better-sqlite3';
import type { WorkerRecord } from '../port/index.ts';
import { openForReading } from './contents.ts';

const ROWS = `SELECT id, host, pid, version, started_at AS startedAt, heartbeat_at AS heartbeatAt, start_time AS startTime FROM workers`;

/** Nothing is waited for and nothing is changed. A file that cannot be read names nobody. */
export function workersIn(file: string): readonly WorkerRecord[] {
  if (!existsSync(file)) return [];
  try {
    const sqlite = openForReading(file);
    try {
      return sqlite.prepare<[], WorkerRecord>(ROWS).all();
    } finally {
      sqlite.close();
    }
  } catch (thrown) {
    if (thrown instanceof SqliteDatabase.SqliteError) return [];
    throw thrown;
  }
}
