/** The directories of a store of caches: one per commit, by its full object name. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { removeTree } from '@gatehouse/proc-group';
import { placeIsUnusable } from './system-error.ts';

const OBJECT_NAME = /^[0-9a-f]{40}$/;
/** Being filled; one this old was left by a process that is gone. */
const UNFINISHED = /^new-/;
const ABANDONED_MS = 86_400_000;

/** Commits with an entry, newest first. A store that is not there or cannot be read has none. */
export async function entriesOf(store: string): Promise<readonly string[]> {
  try {
    const found: { readonly name: string; readonly at: number }[] = [];
    for (const name of await readdir(store)) {
      const { mtimeMs: at } = await stat(join(store, name));
      if (OBJECT_NAME.test(name)) found.push({ name, at });
      else if (UNFINISHED.test(name) && at < Date.now() - ABANDONED_MS) await removeTree(join(store, name));
    }
    return found.toSorted((a, b) => b.at - a.at).map(({ name }) => name);
  } catch (thrown) {
    if (placeIsUnusable(thrown)) return [];
    throw thrown;
  }
}

/** What cannot be removed now is tried again at the next run. */
export async function removeEntry(store: string, commit: string): Promise<void> {
  await removeTree(join(store, commit));
}
