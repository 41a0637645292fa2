/** A database that is missing or empty beside what only a used one leaves: a loss, and not a first start. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { StoreError } from '../errors.ts';
import { sizeOf } from './names.ts';

/** The loss, or null. `traces` are folders that are empty until a store has been used. [empty: no byte is in it] */
export function missingStore(
  file: string,
  traces: readonly string[],
  { isEmpty } = { isEmpty: sizeOf(file) === 0 },
): StoreError | null {
  if (!isEmpty) return null;
  const trace = traces.find((folder) => existsSync(folder) && readdirSync(folder).length > 0);
  if (trace === undefined) return null;
  return new StoreError(
    'gone',
    `${file} is ${existsSync(file) ? 'empty' : 'missing'}, but ${trace} is not: the store was lost; put it back, or restore a ` +
      `copy: gatehouse restore COPY, or move ${dirname(file)} away to begin anew`,
  );
}
