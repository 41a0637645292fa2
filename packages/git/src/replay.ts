/**
 * A catch-up without a work tree: trees are merged and commits written straight into the mirror. Never the judge of a
 * conflict, and `unfit` wherever git in a work tree might answer something else.
 */
import { onDisk } from './adapters/disk.ts';
import { callGit } from './adapters/git-call.ts';
import { isAsWritten } from './adapters/git-directory.ts';
import { writeCommit } from './adapters/loose-object.ts';
import { attributeEffectOfChanges, attributeEffectOfCommit, sidesAreApart, stronger } from './attributes.ts';
import { type CommitList, listCommits, type ReadCommit, type ReadCommitList, readCommits } from './commit-list.ts';
import { isSha } from './object-name.ts';
import type { GitFailed, Sha } from './outcome.ts';
import { listRawChanges, type RawChange } from './raw-changes.ts';
import { type Committer, identOf, isPlainCommitter, rawCommit } from './raw-commit.ts';
import { mergeMessage, type Rebased, type RebaseOnto } from './rebase.ts';

/**
 * What the work tree has to judge: `conflict`, a merge ended in one; `merges`, the branch holds merge commits;
 * `attributes`, a `.gitattributes` file may decide; `message`, a text that git would re-encode; `path`, a name that git
 * may refuse to check out; `committer`, a name that git would alter; `history`, no common commit or far too many;
 * `settings`, the repository is not configured as `openMirror` does it; `git`, a call failed.
 */
export type Unfit =
  | 'conflict'
  | 'merges'
  | 'attributes'
  | 'message'
  | 'path'
  | 'committer'
  | 'history'
  | 'settings'
  | 'git';

interface Combined {
  readonly kind: 'combined';
  readonly tested: Sha;
  readonly tree: Sha;
  readonly commits: number;
}

type Chain = Extract<CommitList, { kind: 'chain' }>;
type NotHere = { readonly kind: 'unfit'; readonly why: Unfit };

/** Tries to combine `head` with `base`; the slot is not touched. */
export async function replay(request: RebaseOnto): Promise<Rebased | NotHere | GitFailed> {
  const { base, head, mode, repo } = request;
  const { name, email } = request.committer;
  if (!isPlainCommitter(name, email)) return unfit('committer');
  const ours = await onDisk('replay', () => isAsWritten(repo.gitDir));
  if (ours !== true) return ours === false ? unfit('settings') : ours;
  const listed = await listCommits(request);
  switch (listed.kind) {
    case 'git-failed':
    case 'unfit':
      return listed;
    case 'current':
      return { kind: 'current', tested: head };
    case 'chain':
  }
  // The first merge needs none of what is read meanwhile. Where that says no, all it leaves is a tree that no ref holds.
  const [chain, odd, first] = await Promise.all([
    readCommits(request, listed),
    whatIsOdd(request, listed),
    mergeFirst(request, listed),
  ]);
  if (chain.kind !== 'read') return chain;
  if (odd !== null) return odd;
  if (chain.commits.length === 0 || first === null)
    return { kind: 'caught-up', tested: base, tree: chain.baseTree, how: 'rebased', commits: 0 };
  const combined = mode === 'rebase' ? await replayEach(request, chain, first) : await mergeOnce(request, chain, first);
  if (combined.kind !== 'combined') return combined;
  const { tested, tree, commits } = combined;
  const kept = await callGit(
    {
      op: 'keep-tested',
      gitDir: repo.gitDir,
      args: ['update-ref', '--no-deref', `refs/gatehouse/tested/${tested}`, tested],
    },
    request,
  );
  if (kept.kind === 'git-failed') return kept;
  return { kind: 'caught-up', tested, tree, how: mode === 'rebase' ? 'rebased' : 'merged', commits };
}

async function whatIsOdd(request: RebaseOnto, { fork, links }: Chain): Promise<NotHere | GitFailed | null> {
  const { base } = request;
  const [changes, ofBase] = await Promise.all([
    listRawChanges({ ...request, from: fork, to: base, commits: links.map(({ sha }) => sha) }),
    attributeEffectOfCommit({ ...request, commit: base }),
  ]);
  if (changes.kind === 'git-failed') return changes;
  if (ofBase.kind === 'git-failed') return ofBase;
  if ([...changes.between, ...changes.byCommits].some(mayNotBeCheckedOut)) return unfit('path');
  const ofChanges = await attributeEffectOfChanges({ ...request, changes });
  if (ofChanges.kind === 'git-failed') return ofChanges;
  switch (stronger(ofBase.effect, ofChanges.effect)) {
    case 'none':
      return null;
    case 'some':
      return sidesAreApart(changes) ? null : unfit('attributes');
    case 'any':
      return unfit('attributes');
  }
}

/** Git refuses to check out what reads as `.git` on some file system; here every near miss counts. */
function mayNotBeCheckedOut({ path, newMode }: RawChange): boolean {
  return path.split('/').some((part) => {
    const plain = part.replace(/[^\x21-\x7e]/g, '').toLowerCase();
    if (part === '.' || part === '..' || part.includes('\\')) return true;
    return newMode === '120000' ? /^\.?gi/.test(plain) : /^(?:\.git(?![a-z])|git~)/.test(plain);
  });
}

type MergedTree = Sha | NotHere | GitFailed;

/** The merge of two commits that are there already: of the base and the first commit, or of both heads. Null: there is none. */
async function mergeFirst(request: RebaseOnto, { links }: Chain): Promise<MergedTree | null> {
  const { base, head, mode } = request;
  const [first] = links;
  if (first === undefined) return null;
  return mode === 'rebase' ? await mergeTrees(request, base, first.sha) : await mergeTrees(request, head, base);
}

async function replayEach(
  request: RebaseOnto,
  chain: ReadCommitList,
  first: MergedTree,
): Promise<Combined | NotHere | GitFailed> {
  const committer = committerOf(request);
  let tip = { commit: request.base, tree: chain.baseTree };
  let before = { commit: '', tree: chain.forkTree };
  let count = 0;
  for (const commit of chain.commits) {
    const beganEmpty = commit.tree === before.tree;
    const step = { tip, before: before.commit, commit };
    const merged = beganEmpty ? tip.tree : before.commit === '' ? first : await mergeOnto(request, step);
    if (typeof merged !== 'string') return merged;
    if (beganEmpty || merged !== tip.tree) {
      const bytes = rawCommit({ ...commit, tree: merged, parents: [tip.commit] }, committer);
      const written = await onDisk('replay', () => writeCommit(request.repo, bytes));
      if (typeof written !== 'string') return written;
      tip = { commit: written, tree: merged };
      count += 1;
    }
    before = { commit: commit.sha, tree: commit.tree };
  }
  return { kind: 'combined', tested: tip.commit, tree: tip.tree, commits: count };
}

/**
 * Merges one commit's change into the tip. Git 2.39 takes no merge base, so the tip is shown as if it were a child of
 * the commit's parent. The first commit needs no such stand-in, because base and branch part at its parent.
 */
async function mergeOnto(
  request: RebaseOnto,
  step: {
    readonly tip: { readonly commit: Sha; readonly tree: Sha };
    /** The commit's parent. */
    readonly before: Sha;
    readonly commit: ReadCommit;
  },
): Promise<MergedTree> {
  const { tip, before, commit } = step;
  // Dated like the commit: an old date would make git walk the whole history for the merge base.
  const author = Buffer.from(identOf({ name: 'stand-in', email: 'gatehouse@localhost', at: commit.committedAt }));
  const parts = { tree: tip.tree, parents: [before], author, message: Buffer.alloc(0) };
  const bytes = rawCommit(parts, { name: 'stand-in', email: 'gatehouse@localhost', at: commit.committedAt });
  const standIn = await onDisk('replay', () => writeCommit(request.repo, bytes));
  return typeof standIn === 'string' ? mergeTrees(request, standIn, commit.sha) : standIn;
}

async function mergeOnce(
  request: RebaseOnto,
  chain: ReadCommitList,
  tree: MergedTree,
): Promise<Combined | NotHere | GitFailed> {
  const { base, head, repo } = request;
  if (typeof tree !== 'string') return tree;
  const committer = committerOf(request);
  const author = Buffer.from(identOf(committer));
  const message = Buffer.from(`${mergeMessage(base)}\n`);
  const bytes = rawCommit({ tree, parents: [head, base], author, message }, committer);
  const tested = await onDisk('replay', () => writeCommit(repo, bytes));
  if (typeof tested !== 'string') return tested;
  return { kind: 'combined', tested, tree, commits: chain.commits.length + 1 };
}

/** The merged tree; a conflict is never more than a reason to ask the work tree. */
async function mergeTrees(request: RebaseOnto, ours: Sha, theirs: Sha): Promise<MergedTree> {
  const merged = await callGit(
    {
      op: 'merge-trees',
      gitDir: request.repo.gitDir,
      args: ['merge-tree', '--write-tree', '--no-messages', ours, theirs],
      accept: [0, 1],
    },
    request,
  );
  if (merged.kind === 'git-failed') return merged;
  if (merged.code === 1) return unfit('conflict');
  const tree = merged.text.trim();
  return isSha(tree) ? tree : unfit('git');
}

const committerOf = ({ committer: { name, email } }: RebaseOnto): Committer => ({
  name,
  email,
  at: Math.floor(Date.now() / 1000),
});

const unfit = (why: Unfit): NotHere => ({ kind: 'unfit', why });
