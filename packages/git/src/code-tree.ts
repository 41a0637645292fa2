/**
 * The part of a commit that a validation is about: its tree without one task's own work items. The name is computed,
 * not written: two commits with the same code have the same code tree, and nothing new appears in the repository.
 */
import { createHash } from 'node:crypto';
import { invariant } from '@gatehouse/verdict';
import { callGit } from './adapters/git-call.ts';
import { explainFailure } from './adapters/unreadable-objects.ts';
import { expectSha } from './object-name.ts';
import { ObjectStream } from './object-stream.ts';
import type { GitFailed, RepoRequest, Sha } from './outcome.ts';

const WORK_ITEMS = ['docs', 'work-items'];
const KEY = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/;

interface RawEntry {
  readonly name: string;
  readonly bytes: Buffer;
}

/**
 * Name of the commit's tree without `docs/work-items/<key>/`; without `key`, or where that is absent, the commit's
 * tree.
 */
export async function codeTree(
  request: RepoRequest & {
    /** The commit whose tree is asked for. */
    readonly commit: Sha;
    /** Key of the task whose work items are left out. */
    readonly key?: string | undefined;
  },
): Promise<
  | {
      readonly kind: 'found';
      /** Full object name of the tree. */
      readonly tree: Sha;
    }
  | GitFailed
> {
  const { commit, key, repo } = request;
  expectSha(commit, 'commit');
  invariant(key === undefined || KEY.test(key), 'a key is plain');
  const trees: Buffer[] = [];
  const stream = new ObjectStream(Number.MAX_SAFE_INTEGER, ({ type, bytes }) => {
    if (type === 'tree') trees.push(Buffer.from(bytes));
  });
  const names = [`${commit}^{tree}`, `${commit}:${WORK_ITEMS[0]}`, `${commit}:${WORK_ITEMS.join('/')}`];
  const read = await callGit(
    {
      op: 'code-tree',
      gitDir: repo.gitDir,
      args: ['cat-file', '--batch', '--buffer'],
      stdin: `${names.join('\n')}\n`,
      onBytes: (bytes) => stream.push(bytes),
    },
    request,
  );
  if (read.kind === 'git-failed') return read;
  if (trees.length === 0)
    return explainFailure('code-tree', repo.gitDir, { stderr: `no commit ${commit}`, kind: 'missing-object' });
  return {
    kind: 'found',
    tree: key === undefined ? nameOf(trees[0] ?? Buffer.alloc(0)) : without(trees, [...WORK_ITEMS, key]),
  };
}

/**
 * Removes the last part of `path` from the innermost tree and names the trees above it anew; an emptied one goes too.
 */
function without(trees: readonly Buffer[], path: readonly string[]): Sha {
  const [root = Buffer.alloc(0)] = trees;
  if (trees.length < path.length) return nameOf(root);
  let below: Buffer | null = null;
  for (let depth = path.length - 1; depth >= 0; depth -= 1) {
    const entries = entriesOf(trees[depth] ?? Buffer.alloc(0));
    const name = path[depth];
    const kept: Buffer[] = entries.flatMap((entry) => {
      if (entry.name !== name || !isDirectory(entry)) return [entry.bytes];
      return below === null ? [] : [Buffer.concat([entry.bytes.subarray(0, -20), Buffer.from(nameOf(below), 'hex')])];
    });
    below = kept.length === 0 ? null : Buffer.concat(kept);
  }
  return nameOf(below ?? Buffer.alloc(0));
}

/** `<mode> <name>\0<20 bytes>` each. */
function entriesOf(tree: Buffer): RawEntry[] {
  const entries: RawEntry[] = [];
  for (let at = 0; at < tree.length; ) {
    const space = tree.indexOf(0x20, at);
    const zero = tree.indexOf(0, space);
    const end = zero + 21;
    entries.push({ name: tree.toString('utf8', space + 1, zero), bytes: tree.subarray(at, end) });
    at = end;
  }
  return entries;
}

const isDirectory = (entry: RawEntry): boolean => entry.bytes.subarray(0, 6).toString('latin1') === '40000 ';

const nameOf = (tree: Buffer): Sha => createHash('sha1').update(`tree ${tree.length}\0`).update(tree).digest('hex');
