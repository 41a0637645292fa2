/** A folder with nothing in it but the ignore files of a commit, for git to read them from; gone after the call. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { GitFailed } from '../outcome.ts';
import { onDisk } from './disk.ts';

/** Lays the files out and hands their folder to `body`. */
export async function withIgnoreFiles<T>(
  files: ReadonlyMap<string, Uint8Array>,
  body: (dir: string) => Promise<T>,
): Promise<T | GitFailed> {
  return onDisk('ignored-paths', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'gatehouse-ignored-'));
    try {
      for (const [path, bytes] of files) {
        await mkdir(join(dir, dirname(path)), { recursive: true });
        await writeFile(join(dir, path), bytes);
      }
      return await body(dir);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
}
