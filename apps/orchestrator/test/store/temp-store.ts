/** Embedded stores in a folder of their own, removed afterwards. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Store } from '../../src/store/port/index.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import type { StoreUnderTest } from './world.ts';

export function tempFolder(): { dir: string; remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), 'gatehouse-store-'));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

export function mustOpen(file: string): Store {
  const opened = openSqliteStore(file);
  if (opened.kind === 'refused') throw opened.trouble;
  return opened.store;
}

export async function tempStore(): Promise<StoreUnderTest & { file: string; dir: string }> {
  const { dir, remove } = tempFolder();
  const file = join(dir, 'gatehouse.sqlite');
  const store = mustOpen(file);
  return {
    store,
    file,
    dir,
    again: async () => mustOpen(file),
    dispose: async () => {
      await store.close();
      remove();
    },
  };
}
