/** Which trees are known to be green, and with what that was earned. */
import { results } from '../schema/index.ts';
import type { ResultStore } from './port/index.ts';
import type { Driver, Operations } from './sql/driver.ts';
import { cellsNamed, insertInto, tableShape } from './sql/row-shape.ts';

const RESULT = tableShape(results);
const IS_KEY = 'tree = :tree AND gate_digest = :gateDigest AND env_digest = :envDigest';
const KEEP = `${insertInto(RESULT, ['tree', 'gateDigest', 'envDigest', 'at', 'runId'])}
  ON CONFLICT (tree, gate_digest, env_digest) DO UPDATE SET at = :at, run_id = :runId`;
/** A memory that no run backs is none. */
const EARNED = `SELECT r.run_id AS "runId" FROM results r JOIN command_runs c ON c.id = r.run_id
  WHERE r.tree = :tree AND r.gate_digest = :gateDigest AND r.env_digest = :envDigest AND r.at > :oldest
  AND c.outcome = 'green' AND c.tree = r.tree`;

export function resultStore({ row, change }: Driver): Operations<ResultStore> {
  const lookup = row(cellsNamed<{ runId: number }>('runId'), EARNED);
  const keep = change(RESULT, KEEP);
  const forget = change(RESULT, `DELETE FROM results WHERE ${IS_KEY}`);
  const forgetTree = change(RESULT, 'DELETE FROM results WHERE tree = :tree');
  return {
    *lookupResult(key, { atMs, ttlMs }) {
      return (yield* lookup({ ...key, oldest: atMs - ttlMs }))?.runId ?? null;
    },
    *recordResult(key, told, atMs) {
      if (told.outcome === 'green') yield* keep({ ...key, at: atMs, runId: told.runId });
      else yield* told.outcome === 'red' ? forgetTree({ tree: key.tree }) : forget({ ...key });
    },
  };
}
