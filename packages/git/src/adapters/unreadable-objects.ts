/**
 * Git calls an object missing when the directory it lies in is closed to us, and rarely says more. A lost object stays
 * lost; a closed one comes back with the right to read it.
 */
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GitFailed, GitFailureKind } from '../outcome.ts';
import { failureKindOf, gitFailed } from './diagnosis.ts';

/**
 * How the kernel refuses the first closed part of a repository's objects, borrowed ones included; null if all is open.
 */
function refusalIn(gitDir: string): string | null {
  try {
    const own = join(gitDir, 'objects');
    for (const objects of [own, ...borrowedBy(own)]) {
      for (const { name } of directoriesOf(objects)) accessSync(join(objects, name), constants.R_OK | constants.X_OK);
    }
    return null;
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    return code === 'EACCES' || code === 'EPERM' ? `${path}: Permission denied` : null;
  }
}

/**
 * Where objects lie for good. What a push brings right now waits beside them, closed to others, and is not part of them
 * yet.
 */
const KEPT = /^(?:[0-9a-f]{2}|pack|info)$/;

const directoriesOf = (objects: string) =>
  readdirSync(objects, { withFileTypes: true }).filter((entry) => entry.isDirectory() && KEPT.test(entry.name));

function borrowedBy(objects: string): string[] {
  try {
    const lines = readFileSync(join(objects, 'info/alternates'), 'utf8').split('\n');
    return lines.filter((line) => line.startsWith('/'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** A failed call, explained: `denied` where an object only seems to be missing. `kind` is what git's own words say. */
export function explainFailure(
  op: string,
  gitDir: string | undefined,
  { kind, ...about }: { readonly code?: number; readonly stderr: string; readonly kind?: GitFailureKind },
): GitFailed {
  const trouble = kind ?? failureKindOf(about.stderr);
  if (gitDir === undefined || (trouble !== 'missing-object' && trouble !== 'other'))
    return gitFailed(op, trouble, about);
  return unreadableObjects(op, gitDir, about) ?? gitFailed(op, trouble, about);
}

/** The failure behind an object that git does not find; null if nothing of the repository is closed to us. */
export function unreadableObjects(
  op: string,
  gitDir: string,
  about: { readonly code?: number; readonly stderr?: string } = {},
): GitFailed | null {
  const refusal = refusalIn(gitDir);
  if (refusal === null) return null;
  return gitFailed(op, 'denied', { ...about, stderr: [refusal, about.stderr].filter(Boolean).join('\n') });
}
