/** What a commit holds: files and lists of files, read from objects and never through a work tree. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Answered, callGit } from './adapters/git-call.ts';
import { expectSha, isTreePath } from './object-name.ts';
import type { GitFailed, RepoRequest, Sha } from './outcome.ts';

/** One entry of a tree. A link's blob is the text it points to; a `commit` is a submodule. */
export interface TreeEntry {
  /** The mode of the entry, in octal. */
  readonly mode: string;
  /** What kind of object it is. */
  readonly type: 'blob' | 'commit' | 'tree';
  /** Full object name. */
  readonly oid: Sha;
  /** Bytes; blobs only. */
  readonly size?: number;
  /** Relative to the root of the commit; untrusted text. */
  readonly path: string;
}

/** A file's exact content. `mode` is `120000` for a symbolic link. */
export interface FoundBlob {
  readonly kind: 'found';
  /** Full object name. */
  readonly oid: Sha;
  /** The mode of the entry, in octal. */
  readonly mode: string;
  /** The content, as it is stored. */
  readonly bytes: Uint8Array;
}

const DEFAULT_BLOB_BYTES = 16 * 1024 * 1024;

/** Reads one file of a commit. A directory, a submodule or an impossible path is `absent`. */
export async function readBlob(
  request: RepoRequest & {
    /** The commit to read from. */
    readonly commit: Sha;
    /** Relative to the root of the commit. */
    readonly path: string;
    /** A larger file is `too-large`, and not read. */
    readonly maxBytes?: number | undefined;
  },
): Promise<
  | FoundBlob
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'too-large';
      /** Size of the file in bytes. */
      readonly size: number;
    }
  | GitFailed
> {
  const { commit, path, repo, maxBytes = DEFAULT_BLOB_BYTES } = request;
  expectSha(commit, 'commit');
  if (!isTreePath(path)) return { kind: 'absent' };
  const listed = await lsTree(request, ['-l', commit, '--', path]);
  if (listed.kind === 'git-failed') return listed;
  const entry = listed.entries.find((one) => one.path === path);
  if (entry?.type !== 'blob') return { kind: 'absent' };
  const size = entry.size ?? 0;
  if (size > maxBytes) return { kind: 'too-large', size };
  const read = await callGit({ op: 'read-blob', gitDir: repo.gitDir, args: ['cat-file', 'blob', entry.oid] }, request);
  if (read.kind === 'git-failed') return read;
  return { kind: 'found', oid: entry.oid, mode: entry.mode, bytes: read.bytes };
}

/** Every file of a commit, in git's order. */
export async function listTree(
  request: RepoRequest & {
    /** The commit to read from. */
    readonly commit: Sha;
  },
): Promise<
  | {
      readonly kind: 'listed';
      /** One for each file, link and submodule. */
      readonly entries: readonly TreeEntry[];
    }
  | GitFailed
> {
  expectSha(request.commit, 'commit');
  return lsTree(request, ['-r', '-l', request.commit]);
}

/** The places of a commit where a work tree has a directory. A name is bytes. */
export interface ListedDirectories {
  readonly kind: 'listed';
  /** Without a leading or trailing slash, parents first; submodules are among them. */
  readonly paths: readonly Buffer[];
  /** Those that are submodules: git itself neither fills nor cleans them. */
  readonly submodules: readonly Buffer[];
}

/** Every directory of a commit. */
export async function listDirectories(
  request: RepoRequest & { readonly commit: Sha },
): Promise<ListedDirectories | GitFailed> {
  const { commit, repo } = request;
  const listed = await callGit(
    {
      op: 'list-directories',
      gitDir: repo.gitDir,
      args: ['ls-tree', '-z', '--full-tree', '-r', '-d', commit],
    },
    request,
  );
  if (listed.kind === 'git-failed') return listed;
  const entries = listed.bytes.toString('latin1').split('\0').slice(0, -1);
  const nameOf = (entry: string) => Buffer.from(entry.slice(entry.indexOf('\t') + 1), 'latin1');
  const submodules = entries.filter((entry) => entry.startsWith('160000 '));
  return { kind: 'listed', paths: entries.map(nameOf), submodules: submodules.map(nameOf) };
}

/** Paths that differ between two commits; a rename is two paths. */
export async function changedPaths(
  request: RepoRequest & {
    /** The commit to compare with. */
    readonly base: Sha;
    /** The commit that is compared. */
    readonly head: Sha;
  },
): Promise<
  | {
      readonly kind: 'listed';
      /** Relative to the root of the commits. */
      readonly paths: readonly string[];
    }
  | GitFailed
> {
  const listed = await diffTrees(request, ['--name-only']);
  if (listed.kind === 'git-failed') return listed;
  return { kind: 'listed', paths: listed.text.split('\0').filter((path) => path !== '') };
}

/** Compares two trees entry by entry, without looking for renames and without any program of the repository's. */
async function diffTrees(
  request: RepoRequest & { readonly base: Sha; readonly head: Sha },
  format: readonly string[],
): Promise<Answered | GitFailed> {
  const { base, head, repo } = request;
  expectSha(base, 'base');
  expectSha(head, 'head');
  const plain = ['--no-renames', '--no-ext-diff', '--no-textconv'];
  const args = ['diff-tree', '-r', '-z', ...format, ...plain, base, head];
  return callGit({ op: 'diff-trees', gitDir: repo.gitDir, args }, request);
}

/** One path that differs, with what each side has there; null where it has nothing. */
export interface ChangedEntry {
  /** Relative to the root of the commit. */
  readonly path: string;
  /** What base has there. */
  readonly before: BlobName | null;
  /** What head has there. */
  readonly after: BlobName | null;
}

/** `mode` is `120000` for a symbolic link (its blob is the text it points to) and `160000` for a submodule. */
export interface BlobName {
  /** The mode of the entry, in octal. */
  readonly mode: string;
  /** Full object name. */
  readonly oid: Sha;
}

/** Like `changedPaths`, with mode and object of both sides, so that contents can be read in one go by `readObjects`. */
export async function changedEntries(
  request: RepoRequest & {
    /** The commit to compare with. */
    readonly base: Sha;
    /** The commit that is compared. */
    readonly head: Sha;
  },
): Promise<
  | {
      readonly kind: 'listed';
      /** One for each path that differs. */
      readonly entries: readonly ChangedEntry[];
    }
  | GitFailed
> {
  const listed = await diffTrees(request, ['--raw', '--no-abbrev']);
  if (listed.kind === 'git-failed') return listed;
  const words = listed.text.split('\0');
  const entries: ChangedEntry[] = [];
  for (let at = 0; at + 1 < words.length; at += 2) {
    const [oldMode = '', newMode = '', oldOid = '', newOid = ''] = (words[at] ?? '').slice(1).split(' ');
    const side = (mode: string, oid: Sha): BlobName | null => (mode === '000000' ? null : { mode, oid });
    entries.push({ path: words[at + 1] ?? '', before: side(oldMode, oldOid), after: side(newMode, newOid) });
  }
  return { kind: 'listed', entries };
}

/** What one directory of a commit holds, not what lies below; `''` is the root. Paths are whole. An absent one is empty, an impossible one `absent`. */
export async function listDirectory(
  request: RepoRequest & {
    /** The commit to read from. */
    readonly commit: Sha;
    /** Relative to the root of the commit; empty for the root itself. */
    readonly dir: string;
  },
): Promise<
  | {
      readonly kind: 'listed';
      /** What stands directly in the directory. */
      readonly entries: readonly TreeEntry[];
    }
  | { readonly kind: 'absent' }
  | GitFailed
> {
  const { commit, dir } = request;
  expectSha(commit, 'commit');
  if (dir === '') return lsTree(request, ['-l', commit]);
  return isTreePath(dir) ? lsTree(request, ['-l', commit, '--', `${dir}/`]) : { kind: 'absent' };
}

async function lsTree(
  request: RepoRequest,
  args: readonly string[],
): Promise<{ readonly kind: 'listed'; readonly entries: readonly TreeEntry[] } | GitFailed> {
  const listed = await callGit(
    { op: 'list-tree', gitDir: request.repo.gitDir, args: ['ls-tree', '-z', '--full-tree', ...args] },
    request,
  );
  if (listed.kind === 'git-failed') return listed;
  const entries: TreeEntry[] = [];
  let lines = 0;
  for (const line of listed.text.split('\0')) {
    entries.push(...parseEntry(line));
    lines += 1;
    if (lines % LINES_A_TURN === 0) await nextTurn();
  }
  return { kind: 'listed', entries };
}

/** A commit of a hundred thousand files does not hold the event loop. */
const LINES_A_TURN = 5000;

/** `<mode> <type> <oid> <size, right-aligned, or ->\t<path>` */
function parseEntry(line: string): TreeEntry[] {
  const parts = /^(\d{6}) (blob|tree|commit) ([0-9a-f]{40}) +(\d+|-)\t(.+)$/s.exec(line);
  if (parts === null) return [];
  const [, mode = '', type = '', oid = '', size = '-', path = ''] = parts;
  const entry = { mode, type: type as TreeEntry['type'], oid, path };
  return [size === '-' ? entry : { ...entry, size: Number(size) }];
}
