/**
 * A whole tree for readers of ranges: the tree of a commit without its history, and a commit without a file to compare it with.
 * Both are named by what they hold, so that asking again writes nothing new; no ref names them, and a collection takes them away.
 */
import { invariant } from '@gatehouse/verdict';
import { callGit } from './adapters/git-call.ts';
import { expectSha, isSha } from './object-name.ts';
import type { GitFailed, RepoRequest, Sha } from './outcome.ts';

/** Git knows it without being given it. */
const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** Two commits without a parent. */
export interface StoodAlone {
  readonly kind: 'made';
  /** Holds what the commit holds. */
  readonly alone: Sha;
  /** Holds nothing. */
  readonly empty: Sha;
}

/** The tree of a commit without its history, and a commit without a file: a range from the one to the other is the whole tree. */
export async function standAlone(
  request: RepoRequest & {
    /** The commit whose tree is wanted. */
    readonly commit: Sha;
  },
): Promise<StoodAlone | GitFailed> {
  expectSha(request.commit, 'commit');
  const alone = await commitTree(request, `${request.commit}^{tree}`);
  if (typeof alone !== 'string') return alone;
  const empty = await commitTree(request, EMPTY_TREE);
  return typeof empty === 'string' ? { kind: 'made', alone, empty } : empty;
}

async function commitTree(request: RepoRequest, tree: string): Promise<Sha | GitFailed> {
  const people = ['AUTHOR', 'COMMITTER'].flatMap((who) => [
    [`GIT_${who}_NAME`, 'gatehouse'],
    [`GIT_${who}_EMAIL`, 'gatehouse@localhost'],
    [`GIT_${who}_DATE`, '1000000000 +0000'],
  ]);
  const made = await callGit(
    {
      op: 'stand-alone',
      gitDir: request.repo.gitDir,
      args: ['commit-tree', '--no-gpg-sign', tree, '-m', 'a tree without its history'],
      env: Object.fromEntries(people),
    },
    request,
  );
  if (made.kind === 'git-failed') return made;
  const sha = made.text.trim();
  invariant(isSha(sha), 'commit-tree names the commit it made');
  return sha;
}
