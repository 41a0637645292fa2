/** Gives a clone the agent-tool configuration of main, even if the branch changed it. */
import { type GitRepo, listTree, readBlob, type TreeEntry } from '@gatehouse/git';
import { replaceInside } from '../platform/clone-files.ts';
import { isToolConfig } from './tool-config.ts';

export interface RestoreRequest {
  readonly git: GitRepo;
  readonly dir: string;
  /** The commit whose configuration counts. */
  readonly base: string;
  /** The commit that is checked out. */
  readonly start: string;
  readonly signal?: AbortSignal;
}

export type Restored =
  /** `paths` differ from the branch's own. */
  | { readonly kind: 'restored'; readonly paths: readonly string[] }
  | { readonly kind: 'infra'; readonly reason: string };

const CONFIG_LIMIT = 4 * 1024 * 1024;

export async function restoreToolConfig(order: RestoreRequest): Promise<Restored> {
  const { base, start, dir } = order;
  const wanted = await configOf(order, base);
  const present = await configOf(order, start);
  if (wanted === null || present === null) return { kind: 'infra', reason: 'a tree cannot be listed' };
  const differing = [...new Set([...present.keys(), ...wanted.keys()])].filter(
    (path) => !isSame(present.get(path), wanted.get(path)),
  );
  // Removals first: a file of the branch may stand where main has a folder.
  const gone = differing.filter((path) => !wanted.has(path));
  for (const path of [...gone, ...differing.filter((one) => wanted.has(one))]) {
    const entry = wanted.get(path);
    const content = entry === undefined ? null : await contentOf(order, entry);
    if (content === 'unreadable') return { kind: 'infra', reason: `${path} of main cannot be read` };
    const replaced = await replaceInside(dir, path, content);
    if (replaced.kind === 'odd') return { kind: 'infra', reason: `${path} cannot be restored: ${replaced.reason}` };
  }
  return { kind: 'restored', paths: differing };
}

const bounded = ({ signal }: RestoreRequest) => (signal === undefined ? {} : { signal });

async function configOf(order: RestoreRequest, commit: string): Promise<Map<string, TreeEntry> | null> {
  const tree = await listTree({ repo: order.git, commit, ...bounded(order) });
  if (tree.kind !== 'listed') return null;
  return new Map(tree.entries.filter(({ path }) => isToolConfig(path)).map((entry) => [entry.path, entry]));
}

const isSame = (one: TreeEntry | undefined, other: TreeEntry | undefined): boolean =>
  one !== undefined && other !== undefined && one.oid === other.oid && one.mode === other.mode;

async function contentOf(order: RestoreRequest, { path, type }: TreeEntry) {
  // A submodule has no files of its own here.
  if (type !== 'blob') return null;
  const { git, base } = order;
  const blob = await readBlob({ repo: git, commit: base, path, maxBytes: CONFIG_LIMIT, ...bounded(order) });
  return blob.kind === 'found' ? { mode: blob.mode, bytes: blob.bytes } : ('unreadable' as const);
}
