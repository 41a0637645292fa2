/** A private directory that its maker removes. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileTrouble } from './files.ts';

export type TemporaryDirectory =
  | { readonly kind: 'made'; readonly path: string; readonly remove: () => Promise<void> }
  | { readonly kind: 'unmade'; readonly reason: string };

export async function temporaryDirectory(prefix: string): Promise<TemporaryDirectory> {
  try {
    const path = await mkdtemp(join(tmpdir(), prefix));
    return { kind: 'made', path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
  } catch (thrown) {
    return { kind: 'unmade', reason: fileTrouble(thrown).reason };
  }
}
