/** Every dependency file of a commit, read as data. Files are told apart by name; each content is read once. */
import { type GitRepo, listTree, readObjects, type TreeEntry } from '@gatehouse/git';
import type { EngineFailed } from '../adapters/worker-thread.ts';
import { gitFault } from '../new-objects.ts';
import type { ScanFailed } from '../verdict.ts';
import type { ReadLockfile } from './base-index.ts';
import { dependencyFileOf } from './dependency-files.ts';
import { type Format, folderOf, formatOf, limitBytesOf } from './formats.ts';
import type { LockAnswer, LockRemarks } from './locked-package.ts';
import type { LockTask } from './read-lock.ts';

/** How a tree is read; `cache` is shared by both ends. */
export interface TreeTools {
  readonly git: GitRepo;
  readonly signal: AbortSignal;
  readonly readLock: (task: Omit<LockTask, 'kind'>) => Promise<LockAnswer | EngineFailed>;
  readonly cache: Map<string, LockAnswer>;
}

/** A lockfile with what its reader said of it. */
export type Lockfile = ReadLockfile & {
  readonly oid: string;
  readonly notes: readonly string[];
  /** Folders whose manifests it locks; null where it does not say. */
  readonly members: ReadonlySet<string> | null;
};

export interface LockTree {
  readonly kind: 'tree';
  readonly locks: ReadonlyMap<string, Lockfile>;
  /** Why, by path. */
  readonly malformed: ReadonlyMap<string, string>;
  /** Files that no reader is for, and where package managers are told about hosts. */
  readonly others: ReadonlyMap<string, TreeEntry>;
  readonly paths: ReadonlySet<string>;
}

const LOCK_COUNT = 1_000;
const BATCH_BYTES = 32 * 1024 * 1024;
/** Files of base whose addresses are places that base trusts. */
export const HOST_FILE: RegExp =
  /(?:^|\/)(?:\.npmrc|\.yarnrc(?:\.yml)?|bunfig\.toml|pip\.conf|\.cargo\/config(?:\.toml)?)$/;
const failed = (reason: string): ScanFailed => ({ kind: 'tool-failed', reason });

/** Reads all lockfiles of a commit. */
export async function readTree(commit: string, tools: TreeTools): Promise<LockTree | ScanFailed> {
  const listed = await listTree({ repo: tools.git, commit, signal: tools.signal });
  if (listed.kind !== 'listed') return gitFault(listed);
  const found: { readonly entry: TreeEntry; readonly format: Format }[] = [];
  const others = new Map<string, TreeEntry>();
  for (const entry of listed.entries) {
    const format = formatOf(entry.path);
    if (format !== null) found.push({ entry, format });
    if (dependencyFileOf(entry.path) !== null || HOST_FILE.test(entry.path)) others.set(entry.path, entry);
  }
  if (found.length > LOCK_COUNT) return failed(`more than ${LOCK_COUNT} lockfiles`);
  const locks = new Map<string, Lockfile>();
  const malformed = new Map<string, string>();
  const wanted = found.filter(
    ({ entry, format }) => whyUnfit(entry, format) === null && !tools.cache.has(keyOf(entry, format)),
  );
  const read = await readAll(wanted, tools);
  if (read !== null) return read;
  for (const { entry, format } of found) {
    const { path, oid } = entry;
    const answer = tools.cache.get(keyOf(entry, format));
    const unfit = whyUnfit(entry, format);
    if (unfit !== null) malformed.set(path, unfit);
    else if (answer === undefined) return failed(`${path} was listed and could not be read`);
    else if (answer.kind === 'malformed') malformed.set(path, answer.reason);
    else
      locks.set(path, { path, folder: folderOf(path), format, oid, packages: answer.packages, ...remarksOf(answer) });
  }
  return { kind: 'tree', locks, malformed, others, paths: new Set(listed.entries.map(({ path }) => path)) };
}

const remarksOf = ({ notes = [], members }: LockRemarks): Pick<Lockfile, 'notes' | 'members'> => ({
  notes,
  members: members === undefined ? null : new Set(members.map(plain)),
});
const plain = (folder: string): string => folder.replace(/^\.\/|\/$/g, '').replace(/^\.$/, '');
const keyOf = ({ oid }: TreeEntry, { id }: Format): string => `${id} ${oid}`;

function whyUnfit({ mode, type, size = 0 }: TreeEntry, format: Format): string | null {
  if (type !== 'blob') return 'it is a submodule';
  if (mode === '120000') return 'it is a symbolic link';
  const limit = limitBytesOf(format);
  return size > limit ? `larger than ${limit / 1024 / 1024} MiB` : null;
}

/** Fills the cache; null when all were read. */
async function readAll(
  wanted: readonly { readonly entry: TreeEntry; readonly format: Format }[],
  tools: TreeTools,
): Promise<ScanFailed | null> {
  const blobs = await readBlobs(
    wanted.map(({ entry }) => entry),
    tools,
    async (oid, bytes) => {
      for (const { entry, format } of wanted) {
        if (entry.oid !== oid || tools.cache.has(keyOf(entry, format))) continue;
        const answer = await tools.readLock({ format: format.id, text: bytes });
        if (answer.kind === 'engine-failed') return failed(answer.reason);
        tools.cache.set(keyOf(entry, format), answer);
      }
      return null;
    },
  );
  return blobs;
}

/** Hands over the content of entries, a bounded number of bytes in memory at a time. */
export async function readBlobs(
  entries: readonly TreeEntry[],
  tools: Pick<TreeTools, 'git' | 'signal'>,
  take: (oid: string, bytes: Uint8Array) => Promise<ScanFailed | null>,
): Promise<ScanFailed | null> {
  const sizes = new Map(entries.map(({ oid, size = 0 }) => [oid, size]));
  const queue = [...sizes];
  while (queue.length > 0) {
    let bytes = 0;
    const cut = queue.findIndex(([, size]) => {
      bytes += size;
      return bytes > BATCH_BYTES;
    });
    const batch = queue.splice(0, cut === -1 ? queue.length : Math.max(1, cut)).map(([oid]) => oid);
    const contents = new Map<string, Uint8Array>();
    const read = await readObjects({
      repo: tools.git,
      oids: batch,
      signal: tools.signal,
      onObject: ({ oid, bytes: content }) => void contents.set(oid, Uint8Array.from(content)),
    });
    if (read.kind !== 'read') return gitFault(read);
    if (read.missing.length + read.oversized.length > 0) return failed('a listed file could not be read');
    for (const [oid, content] of contents) {
      const fault = await take(oid, content);
      if (fault !== null) return fault;
    }
  }
  return null;
}
