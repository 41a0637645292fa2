/**
 * What was acknowledged is still open when the file is deleted or replaced under the service: it is written anew at the
 * file's name, and what lies there is set aside, never deleted (docs/adr/0019).
 */
import { existsSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Connection } from './connection.ts';
import { copyInto, sync } from './copy.ts';
import { besides, type NameFault } from './names.ts';

export type Rescue =
  | { readonly kind: 'put-back'; readonly aside: readonly string[] }
  /** The directory is not ours any more, so the copy lies in it under a name of its own. */
  | { readonly kind: 'kept'; readonly at: string }
  | { readonly kind: 'failed'; readonly reason: string };

/** Writes everything that the connection has, and ends the connection. Never throws. */
export function rescue({ sqlite, file, close }: Connection, fault: NameFault): Rescue {
  const at = `${file}.rescued-${stamp()}`;
  try {
    copyInto(sqlite, at);
    close();
    if (fault.kind === 'folder') return { kind: 'kept', at };
    const aside = setAside(file);
    renameSync(at, file);
    sync(dirname(file));
    return { kind: 'put-back', aside };
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : 'unknown trouble';
    return existsSync(at) ? { kind: 'kept', at } : { kind: 'failed', reason };
  }
}

/** Gives a database other names, its log first, which must never lie beside another file. Opened there it is whole. */
export function setAside(file: string): readonly string[] {
  const to = `${file}.set-aside-${stamp()}`;
  const found = [...besides(file), file].filter((name) => existsSync(name));
  const renamed = found.map((name) => ({ name, aside: `${to}${name.slice(file.length)}` }));
  for (const { name, aside } of renamed) renameSync(name, aside);
  return renamed.map(({ aside }) => aside);
}

/** The time as a part of a file's name. */
export const stamp = (): string => new Date().toISOString().replaceAll(/[:.]/g, '-');
