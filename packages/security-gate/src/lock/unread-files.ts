/** What the audit could not look at, in words: a verdict that is silent about it would read as clean. */
import { decodeUtf8 } from '../adapters/utf8.ts';
import { sanitizeText } from '../sanitize-text.ts';
import type { ScanFailed, UnreadDependencies } from '../verdict.ts';
import { dependencyFileOf } from './dependency-files.ts';
import { folderOf, formatOf } from './formats.ts';
import { HOST_FILE, type Lockfile, type LockTree, readBlobs, type TreeTools } from './read-tree.ts';

const LISTED = 50;
const MANIFEST_BYTES = 1024 * 1024;

/** Everything of head that nobody read, changed by the branch or not. */
export async function findUnread(
  base: LockTree,
  head: LockTree,
  tools: Pick<TreeTools, 'git' | 'signal'>,
): Promise<{ readonly kind: 'unread'; readonly unread: readonly UnreadDependencies[] } | ScanFailed> {
  const found: UnreadDependencies[] = [];
  const say = (path: string, why: string, isChanged: boolean): void => {
    if (found.length < LISTED) found.push({ path: sanitizeText(path), why: sanitizeText(why), isChanged });
  };
  for (const [path, why] of head.malformed) say(path, `cannot be read (${why}), on base as well`, false);
  for (const { path, oid, remarks } of head.locks.values())
    for (const note of remarks.notes ?? []) say(path, note, base.locks.get(path)?.oid !== oid);
  for (const [path, why] of twoLocks(head)) if (!twoLocks(base).has(path)) say(path, why, true);
  const manifests = [...head.others].filter(([path, { type }]) => type === 'blob' && dependencyFileOf(path) !== null);
  const open = manifests.filter(([path]) => !isCovered(path, head));
  const texts = new Map<string, string>();
  const readable = open.map(([, entry]) => entry).filter(({ size = 0 }) => size <= MANIFEST_BYTES);
  const fault = await readBlobs(readable, tools, async (oid, bytes) => {
    texts.set(oid, decodeUtf8(bytes) ?? '');
    return null;
  });
  if (fault !== null) return fault;
  for (const [path, { oid }] of open) {
    const file = dependencyFileOf(path);
    const isChanged = base.others.get(path)?.oid !== oid;
    if (file?.kind === 'unknown-lock') say(path, 'no reader is for this kind of lockfile', isChanged);
    else if (file?.kind === 'manifest' && file.asks.test(texts.get(oid) ?? 'dependencies'))
      say(path, 'asks for packages and no lockfile that can be read names their versions', isChanged);
  }
  return { kind: 'unread', unread: found };
}

/** A manifest is covered by a lock beside it, or by one above it that does not leave its folder out. */
function isCovered(path: string, tree: LockTree): boolean {
  const file = dependencyFileOf(path);
  if (file === null || file.kind === 'unknown-lock') return false;
  const name = path.slice(path.lastIndexOf('/') + 1);
  const folder = folderOf(path);
  return [...tree.locks.values()].some((lock) => {
    const isOfIt = lock.format.ecosystem === file.ecosystem && (lock.format.manifest?.test(name) ?? false);
    if (!isOfIt || !isBelow(folder, lock.folder)) return false;
    const inside = lock.folder === '' ? folder : folder.slice(lock.folder.length + 1);
    return inside === '' || lock.remarks.members === undefined || lock.remarks.members.map(plain).includes(inside);
  });
}

const plain = (folder: string): string => folder.replace(/^\.\/|\/$/g, '').replace(/^\.$/, '');
const isBelow = (folder: string, above: string): boolean =>
  above === '' || folder === above || folder.startsWith(`${above}/`);

/** Folders where several package managers lock one package.json: which of them installs is not for a lockfile to say. */
function twoLocks(tree: LockTree): ReadonlyMap<string, string> {
  const byFolder = new Map<string, Lockfile[]>();
  for (const lock of tree.locks.values())
    if (lock.format.ecosystem === 'npm') byFolder.set(lock.folder, [...(byFolder.get(lock.folder) ?? []), lock]);
  return new Map(
    [...byFolder.values()].flatMap((locks) => {
      const [first, ...rest] = locks.map(({ path }) => path);
      return first === undefined || rest.length === 0
        ? []
        : [[first, `is one of several lockfiles of one manifest (${rest.join(', ')})`] as const];
    }),
  );
}

/** Lockfiles that base has and head has not, while a manifest that they lock is left without another one. */
export function deletedLocks(base: LockTree, head: LockTree): readonly string[] {
  return [
    ...base.locks.values(),
    ...[...base.malformed.keys()].map((path) => ({ path, format: formatOf(path) })),
  ].flatMap(({ path, format }) => {
    if (head.locks.has(path) || head.malformed.has(path) || format?.manifest == null) return [];
    const folder = folderOf(path);
    const manifest = [...head.paths].find(
      (one) => folderOf(one) === folder && format.manifest?.test(one.slice(one.lastIndexOf('/') + 1)),
    );
    return manifest === undefined || isCovered(manifest, head) ? [] : [path];
  });
}

/** Hosts that base's own package manager configuration names. */
export async function configuredHosts(
  base: LockTree,
  tools: Pick<TreeTools, 'git' | 'signal'>,
): Promise<{ readonly kind: 'hosts'; readonly hosts: readonly string[] } | ScanFailed> {
  const files = [...base.others].filter(([path, { size = 0 }]) => HOST_FILE.test(path) && size <= MANIFEST_BYTES);
  const hosts: string[] = [];
  const fault = await readBlobs(
    files.map(([, entry]) => entry),
    tools,
    async (_oid, bytes) => {
      for (const [address] of (decodeUtf8(bytes) ?? '').matchAll(/\bhttps:\/\/[^\s"'<>]+/g))
        hosts.push(...[URL.parse(address)?.host ?? ''].filter(Boolean));
      return null;
    },
  );
  return fault ?? { kind: 'hosts', hosts };
}
