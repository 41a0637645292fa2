/**
 * A mirror that borrows the objects of a checkout in place of copying them: made at once whatever the size, with exactly two
 * branches. It is whole where it matters: a shallow or partial checkout that lacks anything between the two is told apart.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onDisk } from './adapters/disk.ts';
import { callGit, DEADLINE } from './adapters/git-call.ts';
import { writePlainRepository } from './adapters/git-directory.ts';
import { TAGS } from './adapters/tag-list.ts';
import type { Checkout } from './checkout.ts';
import { expectSha, isSha } from './object-name.ts';
import type { CallOptions, GitFailed, GitRepo, RefusedCall, Sha } from './outcome.ts';
import { protectName } from './protected.ts';
import { validateRefName } from './ref-name.ts';
import { refreshTagList } from './tags.ts';

/** A branch of the mirror to be. */
export interface BorrowedBranch {
  /** Short. */
  readonly name: string;
  /** The commit it stands at. */
  readonly sha: Sha;
}

/** Request of `borrowCheckout`. */
export interface BorrowCheckout extends CallOptions {
  /** Absolute path of the mirror; nothing may be there. */
  readonly dir: string;
  /** Where the objects are, as `readCheckout` found it. */
  readonly checkout: Checkout;
  /** The branch that is landed on. */
  readonly main: BorrowedBranch;
  /** The one that is judged. */
  readonly branch: BorrowedBranch;
}

/** The mirror, while the checkout stands. */
export interface Borrowed {
  readonly kind: 'borrowed';
  /** The mirror. */
  readonly repo: GitRepo;
}

/**
 * What lies between the two commits is not all here. `history`: the clone is cut too early to say where they part, or what the
 * branch brings. `objects`: the clone is partial and lacks content.
 */
export interface TooLittle {
  readonly kind: 'too-little';
  /** What is missing. */
  readonly lacks: 'history' | 'objects';
}

/** Makes the mirror. Refuses equal names, and names of which one is a directory of the other. */
export async function borrowCheckout(request: BorrowCheckout): Promise<Borrowed | TooLittle | RefusedCall | GitFailed> {
  const { dir, checkout, main, branch } = request;
  expectSha(main.sha, 'main');
  expectSha(branch.sha, 'branch');
  if (typeof dir !== 'string' || !dir.startsWith('/') || dir.includes('\0'))
    return { kind: 'refused', reason: 'a mirror lives at an absolute path' };
  for (const { name } of [main, branch]) {
    const judged = validateRefName(name);
    if (judged.kind === 'invalid') return { kind: 'refused', reason: judged.reason };
  }
  if (`${main.name}/`.startsWith(`${branch.name}/`) || `${branch.name}/`.startsWith(`${main.name}/`))
    return { kind: 'refused', reason: 'the two branches cannot stand beside each other under these names' };
  const repo: GitRepo = { gitDir: dir };
  const written = await onDisk('borrow', () => writeMirror(dir, checkout, main.name));
  if (written !== null) return written;
  const known = await onlyCommits(request, repo);
  if (known !== null) return known;
  const set = await setRefs(request, repo);
  if (set !== null) return set;
  const lacks = await lacking(request, repo);
  return lacks ?? { kind: 'borrowed', repo };
}

async function writeMirror(dir: string, { objects, shallow }: Checkout, main: string): Promise<null> {
  await writePlainRepository({ gitDir: dir, bare: true });
  await writeFile(join(dir, 'objects/info/alternates'), `${objects}\n`);
  if (shallow.length > 0) await writeFile(join(dir, 'shallow'), `${shallow.join('\n')}\n`);
  await protectName({ gitDir: dir }, main);
  return null;
}

async function onlyCommits(
  { main, branch, ...options }: BorrowCheckout,
  repo: GitRepo,
): Promise<RefusedCall | GitFailed | null> {
  const asked = await callGit(
    {
      op: 'borrow',
      gitDir: repo.gitDir,
      args: ['cat-file', '--batch-check=%(objecttype)'],
      stdin: `${main.sha}\n${branch.sha}\n`,
    },
    options,
  );
  if (asked.kind === 'git-failed') return asked;
  return asked.text === 'commit\ncommit\n'
    ? null
    : { kind: 'refused', reason: 'a branch stands at a commit of the checkout' };
}

/** Tags are for the suites that ask git which version they are; none stops a branch. */
async function setRefs(request: BorrowCheckout, repo: GitRepo): Promise<GitFailed | null> {
  const { checkout, main, branch } = request;
  const listed = await callGit(
    {
      op: 'list-tags',
      gitDir: checkout.gitDir,
      args: ['for-each-ref', '--format=%(objectname) %(refname)', 'refs/tags/'],
    },
    request,
  );
  const tags = listed.kind === 'git-failed' ? [] : listed.text.split('\n').flatMap(tagUpdate);
  const heads = [main, branch].map(({ name, sha }) => `update refs/heads/${name} ${sha}\n`);
  const update = (lines: readonly string[]) =>
    callGit(
      { op: 'borrow', gitDir: repo.gitDir, args: ['update-ref', '--no-deref', '--stdin'], stdin: lines.join('') },
      request,
    );
  const set = await update(heads);
  if (set.kind === 'git-failed') return set;
  const shown = tags.length === 0 ? set : await update(tags);
  if (shown.kind === 'answered') await refreshTagList({ ...request, repo });
  return null;
}

const TAG = /^([0-9a-f]{40}) refs\/tags\/([^\0-\x20\x7f~^:?*[\\]+)$/;

function tagUpdate(line: string): readonly string[] {
  const [, oid, name] = TAG.exec(line) ?? [];
  return oid === undefined || name === undefined ? [] : [`update ${TAGS}${name} ${oid}\n`];
}

async function lacking(request: BorrowCheckout, repo: GitRepo): Promise<TooLittle | GitFailed | null> {
  const { checkout, main, branch } = request;
  const cut = new Set(checkout.shallow);
  if (cut.size > 0) {
    const between = await revList(request, repo, [`${main.sha}...${branch.sha}`]);
    if (between.kind === 'git-failed') return between;
    if (between.text.split('\n').some((sha) => cut.has(sha))) return { kind: 'too-little', lacks: 'history' };
  }
  return checkout.isPartial ? lackingObjects(request, repo) : null;
}

/** What the gates read: both trees, and whatever came in between. */
async function lackingObjects(request: BorrowCheckout, repo: GitRepo): Promise<TooLittle | GitFailed | null> {
  const { main, branch } = request;
  const objects = ['--objects', '--no-object-names', '--missing=print'];
  for (const range of [
    [...objects, '--no-walk', main.sha, branch.sha],
    [...objects, `${main.sha}...${branch.sha}`],
  ]) {
    const listed = await revList(request, repo, range);
    if (listed.kind === 'git-failed' && listed.trouble !== 'missing-object') return listed;
    if (
      listed.kind === 'git-failed' ||
      listed.text.split('\n').some((line) => line.startsWith('?') && isSha(line.slice(1)))
    )
      return { kind: 'too-little', lacks: 'objects' };
  }
  return null;
}

const revList = (options: CallOptions, { gitDir }: GitRepo, range: readonly string[]) =>
  callGit({ op: 'borrow', gitDir, args: ['rev-list', ...range, '--'], deadlineMs: DEADLINE.remote }, options);
