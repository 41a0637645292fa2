/** The snapshot of the checkout: what git tracks plus what it would track, as it stands on disk now. */
import { spawnSync } from 'node:child_process';
import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RepoFile, RepoTree } from './tree.ts';

/** Reads the checkout at `root`; throws when git cannot list it, because a guard must never judge an unknown tree. */
export function readTree(root: string): RepoTree {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const listed = spawnSync('git', args, { cwd: root, encoding: 'utf8', env: ownGit(), maxBuffer: 64 * 1024 * 1024 });
  if (listed.status !== 0) throw new Error(`git ls-files in ${root}: ${listed.error?.message ?? listed.stderr}`);
  const files = new Map<string, RepoFile>();
  for (const path of new Set(listed.stdout.split('\0'))) {
    const text = path === '' ? null : readText(join(root, path));
    if (text !== null) files.set(path, { path, text });
  }
  return { root, files };
}

/** A hook exports GIT_DIR and the like; they must not lead to another repository. */
function ownGit(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));
}

function readText(path: string): string | null {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined || stat.isDirectory()) return null;
  if (!stat.isFile()) return '';
  const bytes = readFileSync(path);
  return bytes.subarray(0, 8192).includes(0) ? '' : bytes.toString('utf8');
}
