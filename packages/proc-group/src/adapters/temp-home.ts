/** A HOME that exists for one run: a command finds no credentials there and leaves no settings for the next one. */
import { chownSync, mkdtempSync, rmdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { basename, join } from 'node:path';

export interface TempHome {
  readonly path: string;
  readonly remove: () => Promise<void>;
}

export type MadeHome =
  | { readonly kind: 'made'; readonly home: TempHome }
  | { readonly kind: 'failed'; readonly errno: string; readonly message: string };

const PREFIX = 'gatehouse-home-';

/** A run inside a run keeps its homes in the outer one's, which is removed even if everybody in it was killed. */
const place = (): string => (basename(homedir()).startsWith(PREFIX) ? homedir() : tmpdir());

/** Synchronous: two quick calls, where a way through the thread pool takes milliseconds on a busy machine. */
export function makeTempHome(owner: { readonly uid: number; readonly gid: number } | null): MadeHome {
  try {
    const path = mkdtempSync(join(place(), PREFIX));
    if (owner !== null) chownSync(path, owner.uid, owner.gid);
    return { kind: 'made', home: { path, remove: () => removeTree(path) } };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== undefined && /^E[A-Z]+$/.test(code)) return { kind: 'failed', errno: code, message };
    throw error;
  }
}

/** A process that escaped may still write there; what cannot be removed stays for the system's own clean-up of tmp. */
async function removeTree(path: string): Promise<void> {
  if (removeEmpty(path)) return;
  try {
    await rm(path, { recursive: true, force: true, maxRetries: 2, retryDelay: 20 });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined || !/^E[A-Z]+$/.test(code)) throw error;
  }
}

/** Most commands leave their HOME as they found it. */
function removeEmpty(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== undefined && /^E[A-Z]+$/.test(code)) return false;
    throw error;
  }
}
