/**
 * The few things the gate does to files of a slot itself. A branch may have committed links anywhere in there, so
 * nothing below follows one: a removal must never reach outside the slot.
 */
import { randomUUID } from 'node:crypto';
import { lstat, open, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';

export type Cleared = { readonly kind: 'cleared' } | { readonly kind: 'blocked'; readonly reason: string };

/** Removes whatever stands at the report's place, so that anything found there later was made by the command. */
export async function clearReport(root: string, report: string): Promise<Cleared> {
  const blocked = await linkOnTheWay(root, report);
  if (blocked !== null) return { kind: 'blocked', reason: blocked };
  await rm(join(root, report), { recursive: true, force: true });
  return { kind: 'cleared' };
}

/** Why the report's place may be outside of `root`, or null. */
export async function linkOnTheWay(root: string, report: string): Promise<string | null> {
  let at = root;
  for (const part of report.split('/').slice(0, -1)) {
    at = join(at, part);
    const kind = await kindOf(at);
    if (kind === 'missing') return null;
    if (kind !== 'directory') return `${part}, a folder on the way to it, is no plain folder`;
  }
  return null;
}

/** The names that a command may have for the root: as it was given, and with every link on the way to it followed. */
export async function rootNames(root: string): Promise<readonly string[]> {
  const real = await realpath(root);
  return real === root ? [root] : [root, real];
}

async function kindOf(path: string): Promise<'missing' | 'directory' | 'other'> {
  try {
    return (await lstat(path)).isDirectory() ? 'directory' : 'other';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'missing';
    throw error;
  }
}

/** The file system's own idea of now, in ns: its clock may lag behind the process's by a tick. */
export async function fileClockNs(root: string): Promise<bigint> {
  const path = join(root, `.gatehouse-clock-${randomUUID()}`);
  const file = await open(path, 'wx');
  try {
    return (await file.stat({ bigint: true })).ctimeNs;
  } finally {
    await file.close();
    await rm(path, { force: true });
  }
}
