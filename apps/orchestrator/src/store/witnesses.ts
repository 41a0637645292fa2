/** Which tasks reported the fault behind a breaker, and whose report was refuted because main ran well afterwards. */
import { breakerWitnesses } from '../schema/index.ts';
import type { Driver, Operation } from './sql/driver.ts';
import { FOUND, insertInto, tableShape } from './sql/row-shape.ts';

/** How long a task whose report was refuted does not count: its next fault is its own. */
const REFUTED_MS = 86_400_000;

interface BreakerKey {
  readonly repoId: string;
  readonly cause: string;
  readonly host: string;
}

interface Testimony extends BreakerKey {
  readonly taskId: string;
  readonly atMs: number;
}

export interface Witnesses {
  readonly wasRefuted: (testimony: Testimony) => Operation<boolean>;
  readonly testify: (testimony: Testimony) => Operation<number>;
  /** The reports of every task that named this breaker do not count for a while. */
  readonly refute: (breaker: BreakerKey, atMs: number) => Operation<number>;
  /** Deletes the reports about this breaker that were never refuted. */
  readonly forget: (breaker: BreakerKey) => Operation<number>;
}

const WITNESS = tableShape(breakerWitnesses);
const IS_BREAKER = 'repo_id = :repoId AND cause = :cause AND host = :host';
const REFUTED = `SELECT 1 AS found FROM breaker_witnesses
  WHERE ${IS_BREAKER} AND task_id = :taskId AND refuted_at > :sinceMs`;
const TESTIFY = `${insertInto(WITNESS, ['repoId', 'cause', 'host', 'taskId', 'at'])}
  ON CONFLICT (repo_id, cause, host, task_id) DO UPDATE SET at = :at, refuted_at = NULL`;

export function witnesses({ row, change }: Driver): Witnesses {
  const refuted = row(FOUND, REFUTED);
  const testify = change(WITNESS, TESTIFY);
  const refute = change(WITNESS, `UPDATE breaker_witnesses SET refuted_at = :atMs WHERE ${IS_BREAKER}`);
  const forget = change(WITNESS, `DELETE FROM breaker_witnesses WHERE ${IS_BREAKER} AND refuted_at IS NULL`);
  return {
    *wasRefuted({ atMs, ...who }) {
      return (yield* refuted({ ...who, sinceMs: atMs - REFUTED_MS })) !== undefined;
    },
    testify: ({ atMs, ...who }) => testify({ ...who, at: atMs }),
    refute: (breaker, atMs) => refute({ ...breaker, atMs }),
    forget: (breaker) => forget({ ...breaker }),
  };
}
