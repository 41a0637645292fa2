/** Which trees are known to be green, and with what that was earned. */
import { results } from '../schema/index.ts';
import type { ResultStore } from './port/index.ts';
import type { Driver, Operations } from './sql/driver.ts';
import { FOUND, insertInto, tableShape } from './sql/row-shape.ts';

const RESULT = tableShape(results);
const IS_KEY = 'tree = :tree AND gate_digest = :gateDigest AND env_digest = :envDigest';
const KEEP = `${insertInto(RESULT, ['tree', 'gateDigest', 'envDigest', 'at'])}
  ON CONFLICT (tree, gate_digest, env_digest) DO UPDATE SET at = :at`;

export function resultStore({ row, change }: Driver): Operations<ResultStore> {
  const lookup = row(FOUND, `SELECT 1 AS found FROM results WHERE ${IS_KEY} AND at > :oldest`);
  const keep = change(RESULT, KEEP);
  const forget = change(RESULT, `DELETE FROM results WHERE ${IS_KEY}`);
  const forgetTree = change(RESULT, 'DELETE FROM results WHERE tree = :tree');
  return {
    *lookupResult(key, { atMs, ttlMs }) {
      return (yield* lookup({ ...key, oldest: atMs - ttlMs })) === undefined ? 'none' : 'green';
    },
    *recordResult(key, outcome, atMs) {
      if (outcome === 'green') yield* keep({ ...key, at: atMs });
      else yield* outcome === 'red' ? forgetTree({ tree: key.tree }) : forget({ ...key });
    },
  };
}
