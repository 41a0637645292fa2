/**
 * What a double asks of the real bare repository below it. Branches are read from its files, since every answer begins with
 * them; every other call is one git process, and a git that fails throws.
 */
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The commit a ref is at; null: there is no such ref. */
export type Where = string | null;

export interface BareRepository {
  /** Absolute. */
  readonly path: string;
  /** What git printed, trimmed. Throws when git fails. */
  git(...args: string[]): Promise<string>;
  /** Commits by branch name. */
  heads(): Promise<ReadonlyMap<string, string>>;
  head(branch: string): Promise<Where>;
  has(commit: string): Promise<boolean>;
  /** Whether `commit` is `inside` or one of its ancestors. */
  contains(inside: string, commit: string): Promise<boolean>;
  /** Compare and swap of a full ref name; false: it was not at `from`. */
  move(ref: string, from: Where, to: Where): Promise<boolean>;
}

const ENV = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', LC_ALL: 'C', GIT_CONFIG_NOSYSTEM: '1' };
const NOWHERE = '0'.repeat(40);

export function bareRepository(path: string): BareRepository {
  const git = async (...args: string[]): Promise<string> => {
    const { stdout } = await run('git', args, { cwd: path, env: ENV, maxBuffer: 1 << 26 });
    return stdout.trim();
  };
  const worked = (...args: string[]): Promise<boolean> =>
    git(...args).then(
      () => true,
      () => false,
    );
  const heads = async (): Promise<ReadonlyMap<string, string>> => readHeads(path);
  return {
    path,
    git,
    heads,
    head: async (branch) => (await heads()).get(branch) ?? null,
    has: (commit) => worked('cat-file', '-e', `${commit}^{commit}`),
    contains: (inside, commit) => worked('merge-base', '--is-ancestor', commit, inside),
    move: (ref, from, to) =>
      to === null
        ? worked('update-ref', '-d', ref, from ?? NOWHERE)
        : worked('update-ref', '-m', 'moved by the double', ref, to, from ?? NOWHERE),
  };
}

/** Loose ones first: what is packed meanwhile was seen, and a branch in a file of its own is newer than a packed one. */
async function readHeads(path: string): Promise<ReadonlyMap<string, string>> {
  const heads = new Map<string, string>();
  const root = join(path, 'refs', 'heads');
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.endsWith('.lock')) continue;
    const file = join(entry.parentPath, entry.name);
    // Gone between the listing and the reading: deleted, or packed a moment ago.
    const commit = (await readFile(file, 'utf8').catch(() => '')).trim();
    if (commit !== '') heads.set(file.slice(root.length + 1), commit);
  }
  const packed = await readFile(join(path, 'packed-refs'), 'utf8').catch(() => '');
  for (const [, commit = '', name = ''] of packed.matchAll(/^([0-9a-f]{40}) refs\/heads\/(.+)$/gm))
    if (!heads.has(name)) heads.set(name, commit);
  return heads;
}
