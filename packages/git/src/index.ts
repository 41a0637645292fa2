/** Hardened, bounded git for gates. Every answer is a value; see README.md for what each kind means. */
import { type Crashed, neverRaise } from '@gatehouse/verdict';
import * as candidate from './candidate.ts';
import * as catching from './catch-up.ts';
import * as check from './check-objects.ts';
import * as code from './code-tree.ts';
import * as garbage from './collect-garbage.ts';
import * as log from './commit-log.ts';
import * as diff from './diff-lines.ts';
import * as expiry from './expire-tested.ts';
import * as landing from './fast-forward.ts';
import * as foreseeing from './foresee-conflict.ts';
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
import * as tree from './tree.ts';
import * as version from './version.ts';

export type { Candidate } from './candidate.ts';
export type { CaughtUpBy } from './catch-up.ts';
export type { CarriedRefs, CarryRefs, CheckedObjects, CheckObjects } from './check-objects.ts';
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
export type { Fetched, FetchMirror, Opened, OpenMirror } from './mirror.ts';
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
export type { FoundCommit } from './resolve.ts';
export type { CheckoutSlot, SlotReady } from './slot.ts';
export type { BlobName, ChangedEntry, FoundBlob, TreeEntry } from './tree.ts';
export type { GitVersion } from './version.ts';

/** The same operation, closed: it never throws and never rejects. */
type NeverRaising<Body> = Body extends (...args: infer Args) => Promise<infer Answer>
  ? (...args: Args) => Promise<Answer | Crashed>
  : never;

/** {@link version.gitVersion} */
export const gitVersion: NeverRaising<typeof version.gitVersion> = neverRaise('git.gitVersion', version.gitVersion);
/** {@link mirror.openMirror} */
export const openMirror: NeverRaising<typeof mirror.openMirror> = neverRaise('git.openMirror', mirror.openMirror);
/** {@link mirror.fetchMirror} */
export const fetchMirror: NeverRaising<typeof mirror.fetchMirror> = neverRaise('git.fetchMirror', mirror.fetchMirror);
/** {@link pulls.fetchPullHeads} */
export const fetchPullHeads: NeverRaising<typeof pulls.fetchPullHeads> = neverRaise(
  'git.fetchPullHeads',
  pulls.fetchPullHeads,
);
/** {@link resolve.resolveCommit} */
export const resolveCommit: NeverRaising<typeof resolve.resolveCommit> = neverRaise(
  'git.resolveCommit',
  resolve.resolveCommit,
);
/** {@link resolve.isAncestor} */
export const isAncestor: NeverRaising<typeof resolve.isAncestor> = neverRaise('git.isAncestor', resolve.isAncestor);
/** {@link resolve.mergeBase} */
export const mergeBase: NeverRaising<typeof resolve.mergeBase> = neverRaise('git.mergeBase', resolve.mergeBase);
/** {@link tree.readBlob} */
export const readBlob: NeverRaising<typeof tree.readBlob> = neverRaise('git.readBlob', tree.readBlob);
/** {@link tree.listTree} */
export const listTree: NeverRaising<typeof tree.listTree> = neverRaise('git.listTree', tree.listTree);
/** {@link tree.changedPaths} */
export const changedPaths: NeverRaising<typeof tree.changedPaths> = neverRaise('git.changedPaths', tree.changedPaths);
/** {@link tree.changedEntries} */
export const changedEntries: NeverRaising<typeof tree.changedEntries> = neverRaise(
  'git.changedEntries',
  tree.changedEntries,
);
/** {@link tree.listDirectory} */
export const listDirectory: NeverRaising<typeof tree.listDirectory> = neverRaise(
  'git.listDirectory',
  tree.listDirectory,
);
/** {@link objects.newObjects} */
export const newObjects: NeverRaising<typeof objects.newObjects> = neverRaise('git.newObjects', objects.newObjects);
/** {@link objects.readObjects} */
export const readObjects: NeverRaising<typeof objects.readObjects> = neverRaise('git.readObjects', objects.readObjects);
/** {@link log.commitLog} */
export const commitLog: NeverRaising<typeof log.commitLog> = neverRaise('git.commitLog', log.commitLog);
/** {@link slot.checkoutSlot} */
export const checkoutSlot: NeverRaising<typeof slot.checkoutSlot> = neverRaise('git.checkoutSlot', slot.checkoutSlot);
/** {@link slot.removeSlot} */
export const removeSlot: NeverRaising<typeof slot.removeSlot> = neverRaise('git.removeSlot', slot.removeSlot);
/** {@link rebase.rebaseOnto} */
export const rebaseOnto: NeverRaising<typeof rebase.rebaseOnto> = neverRaise('git.rebaseOnto', rebase.rebaseOnto);
/** {@link catching.catchUp} */
export const catchUp: NeverRaising<typeof catching.catchUp> = neverRaise('git.catchUp', catching.catchUp);
/** {@link foreseeing.foreseeConflict} */
export const foreseeConflict: NeverRaising<typeof foreseeing.foreseeConflict> = neverRaise(
  'git.foreseeConflict',
  foreseeing.foreseeConflict,
);
/** {@link diff.diffLines} */
export const diffLines: NeverRaising<typeof diff.diffLines> = neverRaise('git.diffLines', diff.diffLines);
/** {@link check.carryRefs} */
export const carryRefs: NeverRaising<typeof check.carryRefs> = neverRaise('git.carryRefs', check.carryRefs);
/** {@link check.checkObjects} */
export const checkObjects: NeverRaising<typeof check.checkObjects> = neverRaise('git.checkObjects', check.checkObjects);
/** {@link code.codeTree} */
export const codeTree: NeverRaising<typeof code.codeTree> = neverRaise('git.codeTree', code.codeTree);
/** {@link push.deleteBranch} */
export const deleteBranch: NeverRaising<typeof push.deleteBranch> = neverRaise('git.deleteBranch', push.deleteBranch);
/** {@link push.pushBranch} */
export const pushBranch: NeverRaising<typeof push.pushBranch> = neverRaise('git.pushBranch', push.pushBranch);
/** {@link candidate.pushCandidate} */
export const pushCandidate: NeverRaising<typeof candidate.pushCandidate> = neverRaise(
  'git.pushCandidate',
  candidate.pushCandidate,
);
/** {@link candidate.deleteCandidate} */
export const deleteCandidate: NeverRaising<typeof candidate.deleteCandidate> = neverRaise(
  'git.deleteCandidate',
  candidate.deleteCandidate,
);
/** {@link outside.landByPush} */
export const landByPush: NeverRaising<typeof outside.landByPush> = neverRaise('git.landByPush', outside.landByPush);
/** {@link outside.whereMainIs} */
export const whereMainIs: NeverRaising<typeof outside.whereMainIs> = neverRaise('git.whereMainIs', outside.whereMainIs);
/** {@link remotes.remoteBranch} */
export const remoteBranch: NeverRaising<typeof remotes.remoteBranch> = neverRaise(
  'git.remoteBranch',
  remotes.remoteBranch,
);
/** {@link landing.fastForward} */
export const fastForward: NeverRaising<typeof landing.fastForward> = neverRaise('git.fastForward', landing.fastForward);
/** {@link importing.importCommit} */
export const importCommit: NeverRaising<typeof importing.importCommit> = neverRaise(
  'git.importCommit',
  importing.importCommit,
);
/** {@link history.importHistory} */
export const importHistory: NeverRaising<typeof history.importHistory> = neverRaise(
  'git.importHistory',
  history.importHistory,
);
/** {@link moves.refLog} */
export const refLog: NeverRaising<typeof moves.refLog> = neverRaise('git.refLog', moves.refLog);
/** {@link locks.listLocks} */
export const listLocks: NeverRaising<typeof locks.listLocks> = neverRaise('git.listLocks', locks.listLocks);
/** {@link locks.clearStaleLocks} */
export const clearStaleLocks: NeverRaising<typeof locks.clearStaleLocks> = neverRaise(
  'git.clearStaleLocks',
  locks.clearStaleLocks,
);
/** {@link expiry.expireTested} */
export const expireTested: NeverRaising<typeof expiry.expireTested> = neverRaise(
  'git.expireTested',
  expiry.expireTested,
);
/** {@link garbage.collectGarbage} */
export const collectGarbage: NeverRaising<typeof garbage.collectGarbage> = neverRaise(
  'git.collectGarbage',
  garbage.collectGarbage,
);
