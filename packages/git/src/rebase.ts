/**
 * Catches a branch up with its base, in a slot. The work tree is the truth: renames, attributes and directory moves
 * count as they would for a person. Why merges are never flattened: doing so raises solved conflicts again and loses
 * what only the merge commit holds.
 */
import { join } from 'node:path';
import { invariant } from '@gatehouse/verdict';
import { failureKindOf } from './adapters/diagnosis.ts';
import { onDisk, readText, removeAll } from './adapters/disk.ts';
import { type Answered, callGit, DEADLINE, type GitCall } from './adapters/git-call.ts';
import { explainFailure } from './adapters/unreadable-objects.ts';
import { expectSha, isSha } from './object-name.ts';
import type { GitFailed, RepoRequest, Sha } from './outcome.ts';
import { isAncestor, mergeBase, resolveCommit } from './resolve.ts';
import { changeOnBase, keptTwins } from './same-change.ts';
import { checkoutSlot, expectSlotPath, finishSlot, slotDirectory } from './slot.ts';
import { squashedPrefix } from './squashed-prefix.ts';

/** Request of `rebaseOnto`. */
export interface RebaseOnto extends RepoRequest {
  /** The slot to work in; see `checkoutSlot`. */
  readonly dir: string;
  /** Commit of main to catch up with. */
  readonly base: Sha;
  /** Head of the branch. */
  readonly head: Sha;
  /** `rebase` replays the branch's commits; `merge`, or a branch that holds merges, merges the base into it. */
  readonly mode: 'rebase' | 'merge';
  /** Who made the new commits; authors are kept. */
  readonly committer: {
    /** Name of the committer. */
    readonly name: string;
    /** Address of the committer. */
    readonly email: string;
  };
}

/** The branch with its base. `current` did not touch the slot; `caught-up` left `tested` checked out in it. */
export type Rebased =
  | {
      readonly kind: 'current';
      /** The commit that holds both; full object name. */
      readonly tested: Sha;
    }
  | {
      readonly kind: 'caught-up';
      /** The commit that holds both; full object name. */
      readonly tested: Sha;
      /** Tree object name of the commit. */
      readonly tree: Sha;
      /** Whether the branch's commits were replayed, or main was merged into it. */
      readonly how: 'rebased' | 'merged';
      /** Commits of `tested` that the base does not have. */
      readonly commits: number;
      /** Commits of the branch whose change the base has and has built on, and that would conflict; absent when there are none. */
      readonly leftOut?: readonly Sha[];
    };

/** The branch and its base changed the same thing. `paths` is never empty. */
export interface Conflicted {
  readonly kind: 'conflicted';
  /** Relative to the root of the commit. */
  readonly paths: readonly string[];
}

/** Branch and base have no commit in common, so nothing says what the branch changes. */
export interface UnrelatedHistory {
  readonly kind: 'unrelated';
}

/**
 * Combines `head` with `base`. New objects go straight into the mirror and are kept by `refs/gatehouse/tested/<sha>`. A
 * commit whose change the base has is applied again, because the base may have taken it back; where that conflicts
 * although the base kept the change, that commit alone is left out; so are the first commits together, where the base has them as one.
 */
export async function rebaseOnto(request: RebaseOnto): Promise<Rebased | Conflicted | UnrelatedHistory | GitFailed> {
  const { base, head } = request;
  expectRebase(request);
  const behind = await isAncestor({ ...request, ancestor: base, of: head });
  if (behind.kind === 'git-failed') return behind;
  if (behind.kind === 'yes') return { kind: 'current', tested: head };
  const common = await mergeBase({ ...request, a: base, b: head });
  if (common.kind === 'git-failed') return common;
  if (common.kind === 'unrelated') return common;
  const how = common.sha === head ? 'landed' : await howToCombine(request);
  if (typeof how !== 'string') return how;
  const ready = await checkoutSlot({ ...request, commit: how === 'merged' ? head : base });
  if (ready.kind === 'git-failed') return ready;
  if (how === 'landed') return { kind: 'caught-up', tested: base, tree: ready.tree, how: 'rebased', commits: 0 };
  const trusted = await trustCheckout(request);
  if (typeof trusted !== 'string') return trusted;
  const answer = await combineInSlot(request, how);
  if (trusted === 'as-committed') return answer;
  const forgotten = await onDisk(how, () => removeAll(join(slotDirectory(request.dir), 'index')));
  return forgotten ?? answer;
}

/**
 * A file that was committed with other line ends than its attributes ask for counts as changed as soon as it is checked out,
 * by nobody, and git begins no catch-up then. Such files are marked as unchanged; the index that says so is removed afterwards,
 * so that the next checkout looks at every file again.
 */
async function trustCheckout(request: RebaseOnto): Promise<'as-committed' | 'marked' | GitFailed> {
  const listed = await inSlot(request, { op: 'list-changed', args: ['diff-files', '--name-only', '-z'] });
  if (listed.kind === 'git-failed') return listed;
  if (listed.bytes.length === 0) return 'as-committed';
  const marked = await inSlot(request, {
    op: 'mark-unchanged',
    args: ['update-index', '--assume-unchanged', '-z', '--stdin'],
    stdin: listed.bytes,
  });
  return marked.kind === 'git-failed' ? marked : 'marked';
}

async function combineInSlot(
  request: RebaseOnto,
  how: 'rebased' | 'merged',
): Promise<Rebased | Conflicted | GitFailed> {
  const combined = await combine(request, how);
  if (combined.kind === 'git-failed') return combined;
  if (combined.code === 0) return keepTested(request, { how, leftOut: [] });
  const conflict = await readConflict(request, combined);
  if (conflict.kind !== 'conflicted') return conflict;
  if (how === 'merged') return mergeByTwins(request, conflict);
  const skipped = await leaveOutKept(request, conflict);
  return skipped.kind === 'conflicted' ? leaveOutSquashed(request, skipped) : skipped;
}

/** Goes on behind the commits that the base has as one change; where the rest conflicts as well, the first conflict is the author's. */
async function leaveOutSquashed(request: RebaseOnto, conflict: Conflicted): Promise<Rebased | Conflicted | GitFailed> {
  const squashed = await squashedPrefix(request);
  if (squashed.kind === 'git-failed') return squashed;
  const last = squashed.commits.at(-1);
  if (last === undefined) return conflict;
  const { base, head } = request;
  const ready = await checkoutSlot({ ...request, commit: base });
  if (ready.kind === 'git-failed') return ready;
  const args = [...REBASE, '--onto', base, last, head];
  const rest = await inSlot(request, { op: 'rebase', args, accept: [0, 1] });
  if (rest.kind === 'git-failed') return rest;
  return rest.code === 0 ? keepTested(request, { how: 'rebased', leftOut: squashed.commits }) : conflict;
}

/**
 * Where base and branch make the same change and the base goes on from it, a merge takes the change for two. The base's own
 * commit, merged first, makes it one; the outcome is a single merge commit all the same.
 */
async function mergeByTwins(request: RebaseOnto, conflict: Conflicted): Promise<Rebased | Conflicted | GitFailed> {
  const { base, head } = request;
  const same = await keptTwins(request);
  if (same.kind === 'git-failed') return same;
  if (same.twins.length === 0) return conflict;
  const ready = await checkoutSlot({ ...request, commit: head });
  if (ready.kind === 'git-failed') return ready;
  for (const commit of [...same.twins, base]) {
    const merged = await mergeInto(request, commit);
    if (merged.kind === 'git-failed') return merged;
    if (merged.code !== 0) return conflict;
  }
  const parents = ['-p', head, '-p', base];
  const made = await inSlot(request, {
    op: 'merge',
    args: ['commit-tree', '--no-gpg-sign', 'HEAD^{tree}', ...parents, '-m', mergeMessage(base)],
    env: authoredByCommitter(request),
  });
  if (made.kind === 'git-failed') return made;
  const moved = await inSlot(request, { op: 'merge', args: ['update-ref', '--no-deref', 'HEAD', made.text.trim()] });
  return moved.kind === 'git-failed' ? moved : keepTested(request, { how: 'merged', leftOut: same.commits });
}

/** Goes on without each commit that conflicts only with what the base made of the same change. */
async function leaveOutKept(request: RebaseOnto, first: Conflicted): Promise<Rebased | Conflicted | GitFailed> {
  const leftOut: Sha[] = [];
  for (let conflict = first; ; ) {
    const stopped = await onDisk('rebase', () => readText(join(slotDirectory(request.dir), 'REBASE_HEAD')));
    if (stopped !== null && typeof stopped !== 'string') return stopped;
    const commit = stopped?.trim();
    if (!isSha(commit)) return conflict;
    const change = await changeOnBase({ ...request, commit });
    if (change.kind === 'git-failed') return change;
    if (change.kind !== 'kept') return conflict;
    leftOut.push(commit);
    const next = await inSlot(request, { op: 'rebase', args: ['rebase', '--skip'], accept: [0, 1] });
    if (next.kind === 'git-failed') return next;
    if (next.code === 0) return keepTested(request, { how: 'rebased', leftOut });
    const again = await readConflict(request, next);
    if (again.kind !== 'conflicted') return again;
    conflict = again;
  }
}

/** Asserts a request that can be carried out. */
export function expectRebase({ base, head, mode, committer, dir }: RebaseOnto): void {
  expectSlotPath(dir);
  expectSha(base, 'base');
  expectSha(head, 'head');
  invariant(mode === 'rebase' || mode === 'merge', 'a catch-up is a rebase or a merge');
  invariant(/\w/.test(committer.name) && /\w/.test(committer.email), 'a committer has a name and an address');
}

/** What the commit that merges the base into a branch says. */
export const mergeMessage = (base: Sha): string => `Merge main (${base.slice(0, 12)}) to catch up`;

async function howToCombine(request: RebaseOnto): Promise<'rebased' | 'merged' | GitFailed> {
  if (request.mode === 'merge') return 'merged';
  const merges = await callGit(
    {
      op: 'find-merges',
      gitDir: request.repo.gitDir,
      args: ['rev-list', '--merges', '--max-count=1', request.head, `^${request.base}`],
    },
    request,
  );
  if (merges.kind === 'git-failed') return merges;
  return merges.text.trim() === '' ? 'rebased' : 'merged';
}

const REBASE = [
  'rebase',
  '--merge',
  '--quiet',
  '--no-verify',
  '--no-stat',
  '--no-gpg-sign',
  '--no-autosquash',
  '--no-autostash',
  '--no-fork-point',
  '--no-update-refs',
  '--no-rerere-autoupdate',
  '--reapply-cherry-picks',
  '--empty=drop',
];
const MERGE = [
  'merge',
  '--no-ff',
  '--no-edit',
  '--quiet',
  '--no-verify',
  '--no-stat',
  '--no-gpg-sign',
  '--no-autostash',
  '--strategy=ort',
];

/** Exit code 1 is a conflict, or something that left no conflict behind: `readConflict` separates them. */
function combine(request: RebaseOnto, how: 'rebased' | 'merged'): Promise<Answered | GitFailed> {
  const { base, head } = request;
  if (how === 'merged') return mergeInto(request, base);
  return inSlot(request, { op: 'rebase', args: [...REBASE, base, head], accept: [0, 1] });
}

function mergeInto(request: RebaseOnto, commit: Sha): Promise<Answered | GitFailed> {
  const args = [...MERGE, '-m', mergeMessage(request.base), commit];
  return inSlot(request, { op: 'merge', args, accept: [0, 1], env: authoredByCommitter(request) });
}

const authoredByCommitter = ({ committer: { name, email } }: RebaseOnto): Record<string, string> => ({
  GIT_AUTHOR_NAME: name,
  GIT_AUTHOR_EMAIL: email,
});

/** Objects are written to the mirror at once: nothing has to be copied, and a conflict leaves only garbage. */
function inSlot(request: RebaseOnto, call: Omit<GitCall, 'gitDir' | 'workTree'>): Promise<Answered | GitFailed> {
  const { name, email } = request.committer;
  const env = {
    GIT_OBJECT_DIRECTORY: join(request.repo.gitDir, 'objects'),
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
    ...call.env,
  };
  return callGit(
    { ...call, env, gitDir: slotDirectory(request.dir), workTree: request.dir, deadlineMs: DEADLINE.workTree },
    request,
  );
}

interface CombinedInSlot {
  readonly how: 'rebased' | 'merged';
  readonly leftOut: readonly Sha[];
}

async function keepTested(request: RebaseOnto, { how, leftOut }: CombinedInSlot): Promise<Rebased | GitFailed> {
  const { base, dir, repo } = request;
  const written = await onDisk(how, () => readText(join(slotDirectory(dir), 'HEAD')));
  if (written !== null && typeof written !== 'string') return written;
  const tested = written?.trim();
  invariant(isSha(tested), 'a slot is detached at a commit');
  const kept = await callGit(
    {
      op: 'keep-tested',
      gitDir: repo.gitDir,
      args: ['update-ref', '--no-deref', `refs/gatehouse/tested/${tested}`, tested],
    },
    request,
  );
  if (kept.kind === 'git-failed') return kept;
  const found = await resolveCommit({ ...request, ref: tested });
  if (found.kind === 'git-failed') return found;
  invariant(found.kind === 'found', 'a commit that was just kept is there');
  const counted = await callGit(
    { op: 'count', gitDir: repo.gitDir, args: ['rev-list', '--count', tested, `^${base}`] },
    request,
  );
  if (counted.kind === 'git-failed') return counted;
  const finished = await finishSlot(request, tested);
  if (finished !== null) return finished;
  const combined = { kind: 'caught-up', tested, tree: found.tree, how, commits: Number(counted.text) } as const;
  return leftOut.length === 0 ? combined : { ...combined, leftOut };
}

async function readConflict(request: RebaseOnto, combined: Answered): Promise<Conflicted | GitFailed> {
  const unmerged = await inSlot(request, { op: 'list-conflicts', args: ['ls-files', '-u', '-z'] });
  if (unmerged.kind === 'git-failed') return unmerged;
  const paths = new Set(unmerged.text.split('\0').flatMap((line) => /^\d+ [0-9a-f]+ \d\t(.+)$/s.exec(line)?.[1] ?? []));
  if (paths.size > 0) return { kind: 'conflicted', paths: [...paths] };
  const about = { code: combined.code, stderr: `${combined.stderr}\n${combined.text}` };
  return explainFailure('rebase', request.repo.gitDir, { ...about, kind: failureKindOf(combined.stderr) });
}
