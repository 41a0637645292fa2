/** Empties a directory that an earlier run of ours made, and no other. */
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileTrouble, makeDirectory } from '@gatehouse/orchestrator/testing';

const MARK = '.gatehouse-made-this';

export type Emptied = { readonly kind: 'empty' } | { readonly kind: 'refused'; readonly reason: string };

export async function emptyOwnedDirectory(path: string): Promise<Emptied> {
  const made = await makeDirectory(path);
  if (made.kind !== 'written') return { kind: 'refused', reason: made.reason };
  try {
    const names = await readdir(path);
    if (names.length > 0 && !names.includes(MARK))
      return { kind: 'refused', reason: 'it holds files that are not ours; remove it yourself' };
    for (const name of names) await rm(join(path, name), { recursive: true, force: true, maxRetries: 5 });
    await writeFile(join(path, MARK), '');
    return { kind: 'empty' };
  } catch (thrown) {
    return { kind: 'refused', reason: fileTrouble(thrown).reason };
  }
}
