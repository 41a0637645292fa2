/** Hardened, bounded git for gates. Every answer is a value; see README.md for what each kind means. */
import { type Crashed, neverRaise } from '@gatehouse/verdict';
import * as borrowing from './borrow-checkout.ts';
import * as candidate from './candidate.ts';
import * as catching from './catch-up.ts';
import * as check from './check-objects.ts';
import * as checkout from './checkout.ts';
import * as naming from './checkout-name.ts';
import * as code from './code-tree.ts';
import * as garbage from './collect-garbage.ts';
import * as log from './commit-log.ts';
import * as diff from './diff-lines.ts';
import * as expiry from './expire-tested.ts';
import * as landing from './fast-forward.ts';
import * as foreseeing from './foresee-conflict.ts';
import * as ignoring from './ignored-paths.ts';
import * as importing from './import-commit.ts';
import * as history from './import-history.ts';
import * as outside from './land-by-push.ts';
import * as locks from './locks.ts';
import * as mirror from './mirror.ts';
import * as objects from './objects.ts';
import * as pulls from './pull-heads.ts';
import * as push from './push-branch.ts';
import * as rebase from './rebase.ts';
import * as moves from './ref-log.ts';
import * as remotes from './remote-ref.ts';
import * as resolve from './resolve.ts';
import * as slot from './slot.ts';
import * as standing from './stand-alone.ts';
import * as tree from './tree.ts';
import * as leftover from './uncommitted.ts';
import * as version from './version.ts';

export type { BorrowCheckout, Borrowed, BorrowedBranch, TooLittle } from './borrow-checkout.ts';
export type { Candidate } from './candidate.ts';
export type { CaughtUpBy } from './catch-up.ts';
export type { CarriedRefs, CarryRefs, CheckedObjects, CheckObjects } from './check-objects.ts';
export type { Checkout, ReadCheckout } from './checkout.ts';
export type { ListedNames, NamedCommit, UnknownName } from './checkout-name.ts';
export type { CollectedGarbage, CollectGarbage, ObjectCount } from './collect-garbage.ts';
export type { LoggedCommit } from './commit-log.ts';
export type { Refused, Trouble } from './deprecated.ts';
export type { ChangedFile, LineRange } from './diff-lines.ts';
export type { ExpiredTested, ExpireTested } from './expire-tested.ts';
export type { FastForward, FastForwarded } from './fast-forward.ts';
export type { ForeseeConflict, ForeseenConflict } from './foresee-conflict.ts';
export type { ImportCommit } from './import-commit.ts';
export type { ImportedHistory, ImportHistory } from './import-history.ts';
export type { LandByPush, LandedByPush, MainAt } from './land-by-push.ts';
export type { ClearedLocks, ClearStaleLocks, StandingLock, WhyKept } from './locks.ts';
export type { Fetched, FetchMirror, Opened, OpenMirror, Refreshed } from './mirror.ts';
export type { StreamedObject } from './object-stream.ts';
export type { NewObject, ReadObjects } from './objects.ts';
export type {
  CallOptions,
  GitFailed,
  GitFailureKind,
  GitRepo,
  RefusedCall,
  RemoteOptions,
  RepoRequest,
  Sha,
  SshAccess,
} from './outcome.ts';
export { type FetchedPullHeads, type FetchPullHeads, type PullHeadVerdict, validatePullHead } from './pull-heads.ts';
export type { DeleteBranch, Deleted, PushBranch, Pushed } from './push-branch.ts';
export type { Conflicted, Rebased, RebaseOnto, UnrelatedHistory } from './rebase.ts';
export type { RefLog, RefMove, RefMoves } from './ref-log.ts';
export { type RefNameVerdict, validateRefName } from './ref-name.ts';
export type { FoundBranch, RemoteBranch } from './remote-ref.ts';
export type { Unfit } from './replay.ts';
export type { FoundCommit, Resolved } from './resolve.ts';
export type { CheckoutSlot, SlotReady } from './slot.ts';
export type { StoodAlone } from './stand-alone.ts';
export type { BlobName, ChangedEntry, FoundBlob, TreeEntry } from './tree.ts';
export type { UncommittedPaths } from './uncommitted.ts';
export type { GitVersion } from './version.ts';

/** The same operation, closed: it never throws and never rejects. */
type NeverRaising<Body> = Body extends (...args: infer Args) => Promise<infer Answer>
  ? (...args: Args) => Promise<Answer | Crashed>
  : never;

/** Asks git for its version; `too-old` below 2.39, `missing-git` when there is none. */
export const gitVersion: NeverRaising<typeof version.gitVersion> = neverRaise('git.gitVersion', version.gitVersion);
/**
 * Creates or reuses the mirror of `url` in `dir`; fetches when `main` is not known yet. Refuses shallow and grafted
 * ones.
 *
 * @example
 * ```ts
 * import { execFileSync } from 'node:child_process';
 * import { mkdtemp } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { openMirror, resolveCommit } from '@gatehouse/git';
 *
 * const dir = await mkdtemp(join(tmpdir(), 'git-'));
 * const author = ['-c', 'user.name=ann', '-c', 'user.email=ann@mail.example'];
 * const git = (...args: string[]) => execFileSync('git', ['-C', dir, ...author, ...args], { encoding: 'utf8' }).trim();
 * git('init', '--quiet', '--initial-branch=main');
 * git('commit', '--quiet', '--allow-empty', '--message=one');
 *
 * const opened = await openMirror({ dir: join(dir, 'mirror'), url: dir });
 * if (opened.kind !== 'opened') throw new Error(opened.kind, { cause: opened });
 * const found = await resolveCommit({ repo: opened.repo, ref: opened.main });
 * console.log(found.kind === 'found' && found.sha === git('rev-parse', 'main')); // true
 * ```
 */
export const openMirror: NeverRaising<typeof mirror.openMirror> = neverRaise('git.openMirror', mirror.openMirror);
/**
 * Brings every branch of `url` into the mirror, pruned, and its tags, for checkouts to show. A branch that the remote cannot
 * give does not stop the others: it is `broken`, and what the mirror had of it stays. A tag that it cannot give stops no branch.
 */
export const fetchMirror: NeverRaising<typeof mirror.fetchMirror> = neverRaise('git.fetchMirror', mirror.fetchMirror);
/**
 * Opens a mirror and brings it up to date, for a caller that fetches whatever is there: `openMirror` and `fetchMirror` with one
 * fetch from the first time on. A remote without `main` is `fetched`. A mirror whose own `main` is not whole is `missing-object`.
 */
export const refreshMirror: NeverRaising<typeof mirror.refreshMirror> = neverRaise(
  'git.refreshMirror',
  mirror.refreshMirror,
);
/** Brings exactly these refs into the mirror. Nothing is asked of the remote for an empty list. */
export const fetchPullHeads: NeverRaising<typeof pulls.fetchPullHeads> = neverRaise(
  'git.fetchPullHeads',
  pulls.fetchPullHeads,
);
/**
 * Resolves a short branch name, a full `refs/heads/…` or `refs/gatehouse/…` name, or a full object name to a commit.
 * Anything else, revision expressions included, is `unknown-ref`. A ref whose commit is gone is `missing-object`.
 */
export const resolveCommit: NeverRaising<typeof resolve.resolveCommit> = neverRaise(
  'git.resolveCommit',
  resolve.resolveCommit,
);
/** As `resolveCommit` for two names, by one process of git where both are found. */
export const resolveBoth: NeverRaising<typeof resolve.resolveBoth> = neverRaise('git.resolveBoth', resolve.resolveBoth);
/** Whether `ancestor` is `of` or can be reached from it. */
export const isAncestor: NeverRaising<typeof resolve.isAncestor> = neverRaise('git.isAncestor', resolve.isAncestor);
/** The best common ancestor; the first one git names where a criss-cross history has several. */
export const mergeBase: NeverRaising<typeof resolve.mergeBase> = neverRaise('git.mergeBase', resolve.mergeBase);
/** Reads one file of a commit. A directory, a submodule or an impossible path is `absent`. */
export const readBlob: NeverRaising<typeof tree.readBlob> = neverRaise('git.readBlob', tree.readBlob);
/** Every file of a commit, in git's order. */
export const listTree: NeverRaising<typeof tree.listTree> = neverRaise('git.listTree', tree.listTree);
/** Those of `paths` that the `.gitignore` files of a commit leave out. What is no path of a tree is not ignored. */
export const ignoredPaths: NeverRaising<typeof ignoring.ignoredPaths> = neverRaise(
  'git.ignoredPaths',
  ignoring.ignoredPaths,
);
/** Paths that differ between two commits; a rename is two paths. */
export const changedPaths: NeverRaising<typeof tree.changedPaths> = neverRaise('git.changedPaths', tree.changedPaths);
/** Like `changedPaths`, with mode and object of both sides, so that contents can be read in one go by `readObjects`. */
export const changedEntries: NeverRaising<typeof tree.changedEntries> = neverRaise(
  'git.changedEntries',
  tree.changedEntries,
);
/** What one directory of a commit holds, not what lies below; `''` is the root. Paths are whole. An absent one is empty, an impossible one `absent`. */
export const listDirectory: NeverRaising<typeof tree.listDirectory> = neverRaise(
  'git.listDirectory',
  tree.listDirectory,
);
/** Lists commits, trees and blobs reachable from `head` and not from `base`. */
export const newObjects: NeverRaising<typeof objects.newObjects> = neverRaise('git.newObjects', objects.newObjects);
/**
 * Streams objects to `onObject` in the order asked for, one at a time in memory. Larger ones than `maxObjectBytes`
 * (default 64 MiB) are skipped and named. What `onObject` throws ends the read and comes back as `crashed`.
 */
export const readObjects: NeverRaising<typeof objects.readObjects> = neverRaise('git.readObjects', objects.readObjects);
/** Commits reachable from `head` and not from `base`, parents before children. */
export const commitLog: NeverRaising<typeof log.commitLog> = neverRaise('git.commitLog', log.commitLog);
/** Puts `commit` into the slot, cleaned of everything an earlier run left, ignored files included. */
export const checkoutSlot: NeverRaising<typeof slot.checkoutSlot> = neverRaise('git.checkoutSlot', slot.checkoutSlot);
/** Removes a slot, its git directory and the ref that kept its commit. A slot that is not there is `removed`. */
export const removeSlot: NeverRaising<typeof slot.removeSlot> = neverRaise('git.removeSlot', slot.removeSlot);
/** The tree of a commit without its history, and a commit without a file: a range from the one to the other is the whole tree. */
export const standAlone: NeverRaising<typeof standing.standAlone> = neverRaise('git.standAlone', standing.standAlone);
/**
 * Combines `head` with `base`. New objects go straight into the mirror and are kept by `refs/gatehouse/tested/<sha>`. A
 * commit whose change the base has is applied again, because the base may have taken it back; where that conflicts
 * although the base kept the change, that commit alone is left out; so are the first commits together, where the base has them as one.
 */
export const rebaseOnto: NeverRaising<typeof rebase.rebaseOnto> = neverRaise('git.rebaseOnto', rebase.rebaseOnto);
/**
 * Like `rebaseOnto`, with one difference: what the slot holds afterwards is open (`fast` does not touch it). Check
 * `tested` out before running anything in it. A conflict is always the work tree's answer.
 */
export const catchUp: NeverRaising<typeof catching.catchUp> = neverRaise('git.catchUp', catching.catchUp);
/**
 * Merges `head` into `base` without a work tree and keeps nothing of it. A catch-up by rebase may still end otherwise, commit
 * by commit. Histories without a common commit are `git-failed`.
 */
export const foreseeConflict: NeverRaising<typeof foreseeing.foreseeConflict> = neverRaise(
  'git.foreseeConflict',
  foreseeing.foreseeConflict,
);
/** Compares two commits line by line, renames found. Attributes of either side do not hide a file from it. */
export const diffLines: NeverRaising<typeof diff.diffLines> = neverRaise('git.diffLines', diff.diffLines);
/** Gives a mirror what another one keeps of ours: everything under `refs/gatehouse/` but the tags of its source. */
export const carryRefs: NeverRaising<typeof check.carryRefs> = neverRaise('git.carryRefs', check.carryRefs);
/** Looks for objects that are missing, or that a power cut left empty. */
export const checkObjects: NeverRaising<typeof check.checkObjects> = neverRaise('git.checkObjects', check.checkObjects);
/**
 * Name of the commit's tree without `docs/work-items/<key>/`; without `key`, or where that is absent, the commit's
 * tree.
 */
export const codeTree: NeverRaising<typeof code.codeTree> = neverRaise('git.codeTree', code.codeTree);
/**
 * Deletes `branch` if, and only if, it is still at `expected`: one compare-and-swap. A branch that is gone is
 * `deleted`.
 */
export const deleteBranch: NeverRaising<typeof push.deleteBranch> = neverRaise('git.deleteBranch', push.deleteBranch);
/** Pushes `commit` as `branch` with a lease on `expected`. A branch that is there already is `pushed`. */
export const pushBranch: NeverRaising<typeof push.pushBranch> = neverRaise('git.pushBranch', push.pushBranch);
/** Pushes `commit` as `refs/gatehouse/candidate/<commit>`. One that is there already is `pushed`. */
export const pushCandidate: NeverRaising<typeof candidate.pushCandidate> = neverRaise(
  'git.pushCandidate',
  candidate.pushCandidate,
);
/** Deletes it. One that is gone is `deleted`. */
export const deleteCandidate: NeverRaising<typeof candidate.deleteCandidate> = neverRaise(
  'git.deleteCandidate',
  candidate.deleteCandidate,
);
/**
 * Pushes `<commit>:refs/heads/<main>`. `refused` is a protection, a hook or a missing right, in the remote's own words;
 * `git-failed` says nothing about what the remote did. After anything but `landed` the caller reads the branch.
 */
export const landByPush: NeverRaising<typeof outside.landByPush> = neverRaise('git.landByPush', outside.landByPush);
/** Reads the branch at the remote; brings its commits, but moves no ref here. */
export const whereMainIs: NeverRaising<typeof outside.whereMainIs> = neverRaise('git.whereMainIs', outside.whereMainIs);
/** Asks the remote for one branch; needs no repository of our own. */
export const remoteBranch: NeverRaising<typeof remotes.remoteBranch> = neverRaise(
  'git.remoteBranch',
  remotes.remoteBranch,
);
/**
 * Moves `ref` from `from` to `to`. Asking again after success is `moved`. `locked` names a lock that another process
 * holds or left behind; `timeout` carries the pid of the child, which may still move the ref: only its death proves
 * that it did not.
 */
export const fastForward: NeverRaising<typeof landing.fastForward> = neverRaise('git.fastForward', landing.fastForward);
/** Imports `commit` as `ref`. A protected branch is only created, never moved. Shallow sources fail. */
export const importCommit: NeverRaising<typeof importing.importCommit> = neverRaise(
  'git.importCommit',
  importing.importCommit,
);
/** Creates the repository and imports the stream. What git refuses of the stream is `git-failed`. */
export const importHistory: NeverRaising<typeof history.importHistory> = neverRaise(
  'git.importHistory',
  history.importHistory,
);
/** Reads the reflog of a ref. */
export const refLog: NeverRaising<typeof moves.refLog> = neverRaise('git.refLog', moves.refLog);
/** Lists every lock of a repository, oldest first. */
export const listLocks: NeverRaising<typeof locks.listLocks> = neverRaise('git.listLocks', locks.listLocks);
/**
 * Removes the ref locks whose makers are provably gone. For a repository on a disk of this machine, used by its git
 * alone.
 */
export const clearStaleLocks: NeverRaising<typeof locks.clearStaleLocks> = neverRaise(
  'git.clearStaleLocks',
  locks.clearStaleLocks,
);
/** Removes `refs/gatehouse/tested/*` of old results. All of them go, or none. */
export const expireTested: NeverRaising<typeof expiry.expireTested> = neverRaise(
  'git.expireTested',
  expiry.expireTested,
);
/** Packs what is reachable and removes what is neither that nor young. A call that ends half-way loses nothing. */
export const collectGarbage: NeverRaising<typeof garbage.collectGarbage> = neverRaise(
  'git.collectGarbage',
  garbage.collectGarbage,
);
/** Reads the state of the repository around `path`. Refuses a place without one, and object names that are not SHA-1. */
export const readCheckout: NeverRaising<typeof checkout.readCheckout> = neverRaise(
  'git.readCheckout',
  checkout.readCheckout,
);
/**
 * Where a name stands in a checkout: `HEAD`; a full or shortened object name; `refs/…`; a branch; then a branch of a remote
 * (`origin/main`). Tags only by their full name. No revision expression is understood.
 */
export const nameInCheckout: NeverRaising<typeof naming.nameInCheckout> = neverRaise(
  'git.nameInCheckout',
  naming.nameInCheckout,
);
/** Names that a person may have meant: branches, and branches of remotes. */
export const namesInCheckout: NeverRaising<typeof naming.namesInCheckout> = neverRaise(
  'git.namesInCheckout',
  naming.namesInCheckout,
);
/**
 * Lists what differs from HEAD in the work tree, submodules aside. Nothing is written, and no filter that the repository configures is run:
 * a file that one would change back counts as changed.
 */
export const uncommittedPaths: NeverRaising<typeof leftover.uncommittedPaths> = neverRaise(
  'git.uncommittedPaths',
  leftover.uncommittedPaths,
);
/** Makes the mirror. Refuses equal names, and names of which one is a directory of the other. */
export const borrowCheckout: NeverRaising<typeof borrowing.borrowCheckout> = neverRaise(
  'git.borrowCheckout',
  borrowing.borrowCheckout,
);
