/**
 * Writes one object the way git does: `<type> <size>\0<body>`, deflated, under its own name. A process per object would
 * cost more than the merge it belongs to.
 */
import * as crypto from 'node:crypto';
import { lstatSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import type { GitRepo, Sha } from '../outcome.ts';

/**
 * Stores a commit and answers its name. A reader sees all of it or none; one that is there already stays as it is. Not one
 * step is waited for: a handful of small system calls takes less than the ways through the thread pool would, and far less
 * than the start of the git call that reads the object next.
 */
export async function writeCommit({ gitDir }: GitRepo, body: Uint8Array): Promise<Sha> {
  const bytes = Buffer.concat([Buffer.from(`commit ${body.length}\0`), body]);
  const sha = crypto.hash('sha1', bytes);
  const directory = join(gitDir, 'objects', sha.slice(0, 2));
  const path = join(directory, sha.slice(2));
  if (freshen(path)) return sha;
  mkdirSync(directory, { recursive: true });
  // Git's own name for a half-written object: its garbage collection removes what a kill leaves here.
  const half = join(directory, `tmp_obj_${crypto.randomBytes(6).toString('hex')}`);
  try {
    writeFileSync(half, deflateSync(bytes, { level: 1 }), { flag: 'wx', mode: 0o444 });
    // Another process that wrote the same name in the meantime wrote the same bytes.
    renameSync(half, path);
  } catch (error) {
    rmSync(half, { force: true });
    throw error;
  }
  return sha;
}

/** An object that is there is young again, as with git: the next garbage collection must not take it from under us. */
function freshen(path: string): boolean {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return false;
  try {
    const now = new Date();
    utimesSync(path, now, now);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
