/** A HOME that exists for one run: a command finds no credentials there and leaves no settings for the next one. */
import { chown, mkdtemp } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { removeTree } from './remove-tree.ts';

export interface TempHome {
  readonly path: string;
  readonly remove: () => Promise<void>;
}

export type MadeHome =
  | { readonly kind: 'made'; readonly home: TempHome }
  | { readonly kind: 'failed'; readonly message: string };

const PREFIX = 'gatehouse-home-';

/** A run inside a run keeps its homes in the outer one's, which is removed even if every process in it was killed. */
const place = (): string => (basename(homedir()).startsWith(PREFIX) ? homedir() : tmpdir());

export async function makeTempHome(owner: { readonly uid: number; readonly gid: number } | null): Promise<MadeHome> {
  try {
    const path = await mkdtemp(join(place(), PREFIX));
    if (owner !== null) await chown(path, owner.uid, owner.gid);
    return { kind: 'made', home: { path, remove: () => removeHome(path) } };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== undefined && /^E[A-Z]+$/.test(code)) return { kind: 'failed', message };
    throw error;
  }
}

/** A process that escaped may still write there; what cannot be removed stays for the system's own clean-up of tmp. */
async function removeHome(path: string): Promise<void> {
  await removeTree(path);
}
