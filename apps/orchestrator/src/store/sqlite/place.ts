/** Where the embedded store lies in a data directory, and what else lies there only because of it. */
import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/** Folders that are empty until a store has been used. */
export const TRACES: readonly string[] = ['mirrors', 'slots', 'reports'];

export interface StorePlace {
  readonly file: string;
  /** Where one of them holds anything, the file must be there. */
  readonly traces: readonly string[];
}

/** The place within an absolute data directory. A link is followed, as the engine does: the log lies beside its target. */
export function placeIn(dataDir: string): StorePlace {
  const name = join(dataDir, 'gatehouse.db');
  return {
    file: existsSync(name) ? realpathSync(name) : name,
    traces: TRACES.map((folder) => join(dataDir, folder)),
  };
}
