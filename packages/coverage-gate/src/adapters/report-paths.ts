/**
 * The files that a report's path or pattern names in a slot. `*` and `?` stay within one name, `**` is any number of folders. No link is
 * followed, so that nothing outside of the slot is found; the folders of git and of installed packages are not looked into.
 */
import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

export type FoundReports =
  /** Sorted; a plain path is answered whether it exists or not. */
  | { readonly kind: 'found'; readonly paths: readonly string[] }
  | { readonly kind: 'too-many'; readonly reason: string };

const MAX_REPORTS = 1000;
const MAX_ENTRIES = 200_000;
const CLOSED = new Set(['.git', 'node_modules']);

export const isPattern = (report: string): boolean => /[*?]/.test(report);

export async function findReports(root: string, report: string): Promise<FoundReports> {
  if (!isPattern(report)) return { kind: 'found', paths: [report] };
  const search = new Search(root, report.split('/'));
  await search.look('', 0);
  if (search.entries > MAX_ENTRIES)
    return { kind: 'too-many', reason: `${report} looks at more than ${MAX_ENTRIES} files` };
  if (search.found.size > MAX_REPORTS)
    return { kind: 'too-many', reason: `${report} fits more than ${MAX_REPORTS} files` };
  return { kind: 'found', paths: [...search.found].sort() };
}

class Search {
  readonly found = new Set<string>();
  entries = 0;
  readonly #root: string;
  readonly #parts: readonly string[];
  readonly #seen = new Set<string>();

  constructor(root: string, parts: readonly string[]) {
    this.#root = root;
    this.#parts = parts;
  }

  async look(folder: string, at: number): Promise<void> {
    // Two `**` reach one folder in many ways.
    const step = `${at} ${folder}`;
    if (this.#seen.has(step) || this.entries > MAX_ENTRIES || this.found.size > MAX_REPORTS) return;
    this.#seen.add(step);
    const part = this.#parts[at] ?? '';
    const isLast = at === this.#parts.length - 1;
    if (part === '**') {
      if (!isLast) await this.look(folder, at + 1);
      for (const entry of await this.#list(folder)) {
        if (entry.isDirectory() && !CLOSED.has(entry.name)) await this.look(below(folder, entry.name), at);
        else if (isLast && !entry.isDirectory()) this.found.add(below(folder, entry.name));
      }
      return;
    }
    const fits = isPattern(part) ? new RegExp(`^${regexOf(part)}$`, 's') : null;
    const names = fits === null ? await this.#one(folder, part) : await this.#list(folder);
    for (const entry of names) {
      if (fits !== null && !fits.test(entry.name)) continue;
      if (isLast && !entry.isDirectory()) this.found.add(below(folder, entry.name));
      else if (!isLast && entry.isDirectory() && !CLOSED.has(entry.name))
        await this.look(below(folder, entry.name), at + 1);
    }
  }

  async #list(folder: string): Promise<readonly Dirent[]> {
    const entries = await listing(join(this.#root, folder));
    this.entries += entries.length;
    return entries;
  }

  async #one(folder: string, name: string): Promise<readonly { name: string; isDirectory(): boolean }[]> {
    this.entries++;
    const isDirectory = await isFolder(join(this.#root, folder, name));
    return isDirectory === null ? [] : [{ name, isDirectory: () => isDirectory }];
  }
}

const below = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`);

const regexOf = (part: string): string =>
  part
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '[^/]*')
    .replaceAll('?', '[^/]');

async function listing(path: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

/** Null when nothing stands there. */
async function isFolder(path: string): Promise<boolean | null> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

const isGone = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '');
