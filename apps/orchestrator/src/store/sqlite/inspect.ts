/** Looks a store through without changing it: all that a start would refuse, and more, since a person has the time. */
import { existsSync } from 'node:fs';
import { StoreError, storeErrorOf } from '../errors.ts';
import { type Contents, contentsOf, openForReading } from './contents.ts';
import { lossLeft } from './mark.ts';
import { missingStore } from './missing.ts';

export type Inspected =
  | { readonly kind: 'whole'; readonly contents: Contents }
  /** No store, and nothing that says there was one. */
  | { readonly kind: 'none' }
  | { readonly kind: 'faulty'; readonly problem: string };

/** Reads every page, every index and every reference between rows. `traces` as for opening. */
export function inspectStore(file: string, traces: readonly string[]): Inspected {
  const loss = missingStore(file, traces) ?? lossLeft(file);
  if (loss !== null) return { kind: 'faulty', problem: loss.message };
  if (!existsSync(file)) return { kind: 'none' };
  try {
    const sqlite = openForReading(file);
    try {
      const contents = contentsOf(sqlite, file);
      const orphans = sqlite.pragma('foreign_key_check') as { readonly table: string }[];
      if (orphans.length === 0) return { kind: 'whole', contents };
      return {
        kind: 'faulty',
        problem: `${file}: ${orphans.length} row(s) of ${orphans[0]?.table} are without their parent; restore a copy: gatehouse restore COPY`,
      };
    } finally {
      sqlite.close();
    }
  } catch (thrown) {
    const error = storeErrorOf(thrown, file);
    if (error instanceof StoreError) return { kind: 'faulty', problem: error.message };
    throw error;
  }
}
