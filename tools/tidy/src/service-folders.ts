/** The entries of the service's source and the imports between them, read off the files. */
import { dirname, join } from 'node:path/posix';
import { importsOf } from './imports.ts';
import { filesMatching, type RepoFile, type RepoTree } from './tree.ts';

export const SERVICE = 'apps/orchestrator/src/';

/** One import from an entry (a folder, or a file of the top) to another one. */
export interface FolderArrow {
  readonly from: string;
  readonly to: string;
  readonly file: RepoFile;
  readonly line: number;
}

/** `http/routes/tasks.ts` → `http`, `main.ts` → `main`. */
export function entryOf(path: string): string {
  const [first = '', ...deeper] = path.slice(SERVICE.length).split('/');
  return deeper.length > 0 ? first : first.replace(/\.[cm]?[jt]sx?$/, '');
}

/** The entries of `apps/orchestrator/src`, sorted. */
export function entriesOf(tree: RepoTree): string[] {
  return [...new Set(sources(tree).map(({ path }) => entryOf(path)))].toSorted();
}

/** Every import of one entry from another, in path order; several between the same two entries are all listed. */
export function folderArrows(tree: RepoTree): FolderArrow[] {
  return sources(tree).flatMap((file) =>
    importsOf(file).flatMap(({ specifier, line }) => {
      if (specifier === null || !specifier.startsWith('.')) return [];
      const target = join(dirname(file.path), specifier);
      const [from, to] = [entryOf(file.path), entryOf(target)];
      return target.startsWith(SERVICE) && from !== to ? [{ from, to, file, line }] : [];
    }),
  );
}

/** The groups of entries that import each other around a circle. */
export function circles(arrows: readonly Pick<FolderArrow, 'from' | 'to'>[]): string[][] {
  const next = new Map<string, Set<string>>();
  for (const { from, to } of arrows) next.set(from, (next.get(from) ?? new Set()).add(to));
  const reach = new Map([...next.keys()].map((start) => [start, reachedFrom(start, next)]));
  const groups = new Map<string, string[]>();
  for (const entry of [...next.keys()].toSorted()) {
    if (reach.get(entry)?.has(entry) !== true) continue;
    const group = [...next.keys()].filter((other) => reach.get(entry)?.has(other) && reach.get(other)?.has(entry));
    groups.set(group.toSorted().join(' '), group.toSorted());
  }
  return [...groups.values()];
}

function reachedFrom(start: string, next: ReadonlyMap<string, ReadonlySet<string>>): Set<string> {
  const found = new Set<string>();
  const open = [start];
  for (let entry = open.pop(); entry !== undefined; entry = open.pop())
    for (const to of next.get(entry) ?? [])
      if (!found.has(to)) {
        found.add(to);
        open.push(to);
      }
  return found;
}

const sources = (tree: RepoTree): RepoFile[] => filesMatching(tree, /^apps\/orchestrator\/src\/.*\.[cm]?[jt]sx?$/);
