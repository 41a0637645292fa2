/**
 * Private checkouts in which a gate runs a command on an exact commit. The work tree is `dir`, its git directory is
 * `dir` + `.git` beside it, where the command has no business; the `.git` inside the work tree is a decoy.
 */
import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { invariant } from '@gatehouse/verdict';
import { gitFailed } from './adapters/diagnosis.ts';
import {
  absent,
  emptyDirectory,
  ensureDirectory,
  kindsOf,
  notEmpty,
  onDisk,
  readText,
  removeAll,
} from './adapters/disk.ts';
import { callGit, DEADLINE } from './adapters/git-call.ts';
import { mirrorOfAlternates, writeDecoy, writeSlotDirectory } from './adapters/git-directory.ts';
import { removeOwnRef, writeOwnRef } from './adapters/ref-files.ts';
import { expectSha } from './object-name.ts';
import type { CallOptions, GitFailed, RepoRequest, Sha } from './outcome.ts';
import { type FoundCommit, resolveCommit } from './resolve.ts';
import { type ListedDirectories, listDirectories } from './tree.ts';

/** Request of `checkoutSlot`. */
export interface CheckoutSlot extends RepoRequest {
  /** Absolute path of the work tree; made when absent. */
  readonly dir: string;
  /** The commit to lay out. */
  readonly commit: Sha;
  /**
   * Untracked paths that survive the cleaning, relative to `dir`, for example `node_modules`. They carry whatever an
   * earlier command left there into the next run: name only what a trusted command fills.
   */
  readonly keep?: readonly string[] | undefined;
}

/** The work tree holds exactly the commit. */
export interface SlotReady {
  readonly kind: 'ready';
  /** Absolute path of the work tree. */
  readonly dir: string;
  /** Full object name of the commit. */
  readonly commit: Sha;
  /** Tree object name of the commit. */
  readonly tree: Sha;
}

/** Where a slot's own git directory lies. */
export const slotDirectory = (dir: string): string => `${dir}.git`;

/** Puts `commit` into the slot, cleaned of everything an earlier run left, ignored files included. */
export async function checkoutSlot(request: CheckoutSlot): Promise<SlotReady | GitFailed> {
  const { dir, commit, keep = [] } = request;
  expectSlotPath(dir);
  expectSha(commit, 'commit');
  invariant(
    keep.every((path) => /^[\w.@+-]+(?:\/[\w.@+-]+)*$/.test(path) && !/(?:^|\/)\.(?:\.|git)?(?:\/|$)/.test(path)),
    'a kept path is plain',
  );
  const held = await holdCommit(request);
  if (held.kind === 'git-failed') return held;
  const placed = await placeCommit(request);
  if (placed !== null) {
    if (!startsFresh(placed)) return placed;
    const again = await removeTrees(dir, () => placeCommit(request));
    if (again !== null) return again;
  }
  return { kind: 'ready', dir, commit, tree: held.tree };
}

/** What an earlier run may have caused in the slot, and a fresh slot cures. */
const startsFresh = ({ trouble }: GitFailed): boolean =>
  trouble === 'denied' || trouble === 'corrupt' || trouble === 'locked' || trouble === 'other';

async function removeTrees(dir: string, next: () => Promise<GitFailed | null>): Promise<GitFailed | null> {
  const removed = await onDisk('checkout', async () => {
    await removeAll(dir);
    await removeAll(slotDirectory(dir));
    return null;
  });
  return removed ?? next();
}

/** Makes sure that there is such a commit, and that it stays as long as the slot does. */
async function holdCommit(request: CheckoutSlot): Promise<FoundCommit | GitFailed> {
  const { dir, commit, repo } = request;
  const found = await resolveCommit({ ...request, ref: commit });
  if (found.kind === 'git-failed') return found;
  if (found.kind === 'unknown-ref') return gitFailed('checkout', 'missing-object', { stderr: `no commit ${commit}` });
  if (await writeOwnRef(repo.gitDir, slotRef(dir), commit)) return found;
  const held = await callGit(
    { op: 'keep-slot', gitDir: repo.gitDir, args: ['update-ref', '--no-deref', slotRef(dir), commit] },
    request,
  );
  return held.kind === 'git-failed' ? held : found;
}

async function placeCommit(request: CheckoutSlot): Promise<GitFailed | null> {
  const { dir, commit, repo, keep = [] } = request;
  const slot = slotDirectory(dir);
  const objects = join(repo.gitDir, 'objects');
  const prepared = await onDisk('checkout', async () => {
    const isEmpty = await ensureDirectory(dir);
    if (isEmpty) await removeAll(join(slot, 'index'));
    await writeSlotDirectory(slot, objects, commit);
    return { isEmpty };
  });
  if ('kind' in prepared) return prepared;
  const place = { gitDir: slot, workTree: dir, deadlineMs: DEADLINE.workTree };
  const write = { ...place, op: 'checkout', args: ['read-tree', '--reset', '-u', commit] };
  if (prepared.isEmpty) {
    // What an earlier run left is gone, or there was none, so there is nothing to clean away.
    const filled = await callGit(write, request);
    return filled.kind === 'git-failed' ? filled : onDisk('checkout', () => renewDecoy(request, commit));
  }
  const [written, directories] = await bothEnded(callGit(write, request), listDirectories({ ...request, commit }));
  if (written.kind === 'git-failed') return written;
  if (directories.kind === 'git-failed') return directories;
  const kept = keep.flatMap((path) => ['-e', `/${path}`]);
  // Cleaning passes over whatever is called `.git`, and that is all the other one touches.
  const [cleaned, renewed] = await bothEnded(
    callGit({ ...place, op: 'clean', args: ['clean', '-ffdxq', ...kept] }, request),
    renewGitEntries(request, commit, directories),
  );
  return cleaned.kind === 'git-failed' ? cleaned : renewed;
}

/** Waits for both, also when one of them throws: nothing may be at work in a slot after an answer. */
async function bothEnded<One, Other>(one: Promise<One>, other: Promise<Other>): Promise<[One, Other]> {
  await Promise.allSettled([one, other]);
  return Promise.all([one, other]);
}

/** Puts the `.git` entries of a work tree in order whose files are those of `commit` already. */
export async function finishSlot(
  request: RepoRequest & { readonly dir: string },
  commit: Sha,
): Promise<GitFailed | null> {
  const directories = await listDirectories({ ...request, commit });
  return directories.kind === 'git-failed' ? directories : renewGitEntries(request, commit, directories);
}

/**
 * Removes planted `.git` entries from tracked directories, empties those of submodules and renews the decoy. A link in
 * place of a directory, to where the very same files lie, deceives git: it finds them unchanged, and then cleans the link
 * away. That slot is `corrupt`.
 */
function renewGitEntries(
  { dir, repo }: Pick<CheckoutSlot, 'dir' | 'repo'>,
  commit: Sha,
  { paths, submodules }: ListedDirectories,
): Promise<GitFailed | null> {
  return onDisk('checkout', async () => {
    const placeOf = (path: Buffer): Buffer => Buffer.concat([Buffer.from(`${dir}/`), path]);
    const places = paths.map(placeOf);
    const kinds = await kindsOf(places);
    if (kinds.some((kind) => kind !== 'directory')) return corruptSlot('a directory of the commit is not there');
    const entries = places.map((place) => Buffer.concat([place, Buffer.from('/.git')]));
    const found = await kindsOf(entries);
    const planted = entries.filter((_, at) => found[at] !== 'absent');
    if (!planted.every((path) => isUtf8(path))) return corruptSlot('a planted .git lies where no text leads');
    for (const path of planted) await removeAll(path.toString());
    // What a command put there is neither tracked nor untracked to git: it would stay for the next run.
    const used = await notEmpty(submodules.map(placeOf));
    if (!used.every((path) => isUtf8(path))) return corruptSlot('a submodule was filled where no text leads');
    for (const path of used) await emptyDirectory(path.toString());
    return renewDecoy({ dir, repo }, commit);
  });
}

async function renewDecoy({ dir, repo }: Pick<CheckoutSlot, 'dir' | 'repo'>, commit: Sha): Promise<null> {
  const objects = join(repo.gitDir, 'objects');
  await writeDecoy({ workTree: dir, slotDirectory: slotDirectory(dir), objects, head: commit });
  return null;
}

const corruptSlot = (reason: string): GitFailed => gitFailed('checkout', 'corrupt', { stderr: reason });

/** Removes a slot, its git directory and the ref that kept its commit. A slot that is not there is `removed`. */
export async function removeSlot(
  request: CallOptions & {
    /** Absolute path of the work tree. */
    readonly dir: string;
  },
): Promise<{ readonly kind: 'removed' } | GitFailed> {
  const { dir } = request;
  expectSlotPath(dir);
  const slot = slotDirectory(dir);
  const alternates = await onDisk('remove-slot', () => readText(join(slot, 'objects/info/alternates')));
  if (alternates !== null && typeof alternates !== 'string') return alternates;
  const removed = await onDisk('remove-slot', async () => {
    await removeAll(dir);
    return null;
  });
  if (removed !== null) return removed;
  const mirror = alternates === null ? null : mirrorOfAlternates(alternates);
  if (mirror !== null && !(await absent(mirror)) && !removeOwnRef(mirror, slotRef(dir))) {
    const released = await callGit(
      { op: 'remove-slot', gitDir: mirror, args: ['update-ref', '--no-deref', '-d', slotRef(dir)] },
      request,
    );
    if (released.kind === 'git-failed') return released;
  }
  const gone = await onDisk('remove-slot', async () => {
    await removeAll(slot);
    return null;
  });
  return gone ?? { kind: 'removed' };
}

/** One ref per slot path, so that the commit under test stays in the mirror whatever happens to its branch. */
const slotRef = (dir: string): string =>
  `refs/gatehouse/slots/${createHash('sha256').update(dir).digest('hex').slice(0, 16)}`;

/** Asserts a path that can be emptied without regret. */
export function expectSlotPath(dir: unknown): asserts dir is string {
  const plain =
    typeof dir === 'string' &&
    /^(?:\/[^/\0\n]+){2,}$/.test(dir) &&
    !/\/\.{1,2}(?:\/|$)/.test(dir) &&
    !dir.endsWith('.git');
  invariant(plain, 'a slot lives at an absolute, plain path below some directory');
}
