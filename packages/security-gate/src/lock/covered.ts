/** Which manifests have a lockfile, and which lockfiles share a manifest. */
import { dependencyFileOf } from './dependency-files.ts';
import { type FormatId, folderOf } from './formats.ts';
import type { Lockfile, LockTree } from './read-tree.ts';

/** A manifest is covered by a lock beside it, or by one above it that does not leave its folder out. */
export function isCovered(path: string, tree: LockTree): boolean {
  const file = dependencyFileOf(path);
  if (file === null || file.kind === 'unknown-lock') return false;
  const name = path.slice(path.lastIndexOf('/') + 1);
  const folder = folderOf(path);
  return [...tree.locks.values()].some((lock) => {
    const isOfIt = lock.format.ecosystem === file.ecosystem && (lock.format.manifest?.test(name) ?? false);
    if (!isOfIt || !isBelow(folder, lock.folder)) return false;
    const inside = lock.folder === '' ? folder : folder.slice(lock.folder.length + 1);
    return inside === '' || lock.members === null || lock.members.has(inside);
  });
}

const isBelow = (folder: string, above: string): boolean =>
  above === '' || folder === above || folder.startsWith(`${above}/`);

/** Locks that a manager writes for itself: two of them beside each other are two answers to one question. */
const SEVERAL: ReadonlySet<FormatId> = new Set<FormatId>(['npm', 'pnpm', 'yarn', 'poetry', 'uv', 'pipfile']);

/** Folders where several package managers lock one manifest: which of them installs is not for a lockfile to say. */
export function twoLocks(tree: LockTree): ReadonlyMap<string, string> {
  const byFolder = new Map<string, Lockfile[]>();
  for (const lock of tree.locks.values())
    if (SEVERAL.has(lock.format.id)) {
      const key = `${lock.format.ecosystem} ${lock.folder}`;
      byFolder.set(key, [...(byFolder.get(key) ?? []), lock]);
    }
  return new Map(
    [...byFolder.values()].flatMap((locks) => {
      const [first, ...rest] = locks.map(({ path }) => path);
      return first === undefined || rest.length === 0
        ? []
        : [[first, `is one of several lockfiles of one manifest (${rest.join(', ')})`] as const];
    }),
  );
}
