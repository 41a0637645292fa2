/** Rows of a store's file, for whoever may not open it as a service does. Nothing is waited for and nothing is changed. */
import { existsSync } from 'node:fs';
import type { Repository, WorkerRecord } from '../port/index.ts';
import { openForReading } from './contents.ts';

/** The services on record. A file that cannot be read names nobody. */
export const workersIn = (file: string): readonly WorkerRecord[] =>
  rowsIn(
    file,
    'SELECT id, host, pid, version, started_at AS startedAt, heartbeat_at AS heartbeatAt, start_time AS startTime FROM workers',
  );

/** The registered repositories, as far as their policy goes. */
export const policiesIn = (file: string): readonly Pick<Repository, 'id' | 'profile' | 'policyPath'>[] =>
  rowsIn(file, 'SELECT id, profile, policy_path AS policyPath FROM repos ORDER BY id');

function rowsIn<Row>(file: string, sql: string): readonly Row[] {
  if (!existsSync(file)) return [];
  try {
    const sqlite = openForReading(file);
    try {
      return sqlite.prepare<[], Row>(sql).all();
    } finally {
      sqlite.close();
    }
  } catch (thrown) {
    if (/^SQLITE_/.test((thrown as { readonly code?: string }).code ?? '')) return [];
    throw thrown;
  }
}
