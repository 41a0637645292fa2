/** What the audit could not look at, in words: a verdict that is silent about it would read as clean. */
import { decodeUtf8 } from '../adapters/utf8.ts';
import type { ScanFailed, UnreadDependencies } from '../verdict.ts';
import { isCovered, twoLocks } from './covered.ts';
import { dependencyFileOf } from './dependency-files.ts';
import { folderOf, formatOf } from './formats.ts';
import { type LockTree, readBlobs, type TreeTools } from './read-tree.ts';
import { shownText } from './shown-text.ts';

const LISTED = 50;
const MANIFEST_BYTES = 1024 * 1024;

/** What nobody read, and lockfiles that the branch took away from a manifest that still asks. */
export interface UnreadFiles {
  readonly kind: 'unread';
  readonly unread: readonly UnreadDependencies[];
  readonly deleted: readonly string[];
}

/** Everything of head that nobody read, changed by the branch or not. */
export async function findUnread(
  base: LockTree,
  head: LockTree,
  tools: Pick<TreeTools, 'git' | 'signal'>,
): Promise<UnreadFiles | ScanFailed> {
  const found: UnreadDependencies[] = [];
  const say = (path: string, why: string, isChanged: boolean): void => {
    if (found.length < LISTED) found.push({ path: shownText(path), why: shownText(why), isChanged });
  };
  for (const [path, why] of head.malformed) {
    const isOld = base.malformed.has(path);
    say(path, `cannot be read (${why})${isOld ? ', on base as well' : ''}`, !isOld);
  }
  for (const { path, oid, notes } of head.locks.values())
    for (const note of notes) say(path, note, base.locks.get(path)?.oid !== oid);
  for (const [path, why] of twoLocks(head)) if (!twoLocks(base).has(path)) say(path, why, true);
  const manifests = [...head.others].filter(([path, { type }]) => type === 'blob' && dependencyFileOf(path) !== null);
  const open = manifests.filter(([path]) => !isCovered(path, head));
  const texts = new Map<string, string | null>();
  const readable = open.map(([, entry]) => entry).filter(({ size = 0 }) => size <= MANIFEST_BYTES);
  const fault = await readBlobs(readable, tools, async (oid, bytes) => {
    texts.set(oid, decodeUtf8(bytes));
    return null;
  });
  if (fault !== null) return fault;
  const bare = new Set<string>();
  for (const [path, { oid }] of open) {
    const file = dependencyFileOf(path);
    const isChanged = base.others.get(path)?.oid !== oid;
    const content = texts.get(oid) ?? null;
    if (file?.kind === 'unknown-lock') say(path, 'no reader is for this kind of lockfile', isChanged);
    else if (content === null) say(path, 'is a manifest that cannot be read', isChanged);
    else if (file?.kind === 'manifest' && file.asks.test(content))
      say(path, 'asks for packages and no lockfile that can be read names their versions', isChanged);
    else if (isChanged) continue; // it asks for nothing any more
    bare.add(path);
  }
  return { kind: 'unread', unread: found, deleted: deletedLocks(base, head, bare) };
}

/** Lockfiles that base has and head has not, while a manifest that they lock is left without another one. */
function deletedLocks(base: LockTree, head: LockTree, bare: ReadonlySet<string>): readonly string[] {
  const before = [...base.locks.keys(), ...base.malformed.keys()];
  return before.filter((path) => {
    if (head.locks.has(path) || head.malformed.has(path)) return false;
    const manifest = formatOf(path)?.manifest;
    return [...bare].some(
      (one) => folderOf(one) === folderOf(path) && manifest?.test(one.slice(one.lastIndexOf('/') + 1)),
    );
  });
}
