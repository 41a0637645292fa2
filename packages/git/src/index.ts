/** Hardened, bounded git for gates. Every answer is a value; see README.md for what each kind means. */
import { type Crashed, neverRaise } from '@gatehouse/verdict';
import * as catching from './catch-up.ts';
import * as code from './code-tree.ts';
import * as garbage from './collect-garbage.ts';
import * as log from './commit-log.ts';
import * as diff from './diff-lines.ts';
import * as expiry from './expire-tested.ts';
import * as landing from './fast-forward.ts';
import * as importing from './import-commit.ts';
import * as history from './import-history.ts';
import * as locks from './locks.ts';
import * as mirror from './mirror.ts';
import * as objects from './objects.ts';
import * as push from './push-branch.ts';
import * as rebase from './rebase.ts';
import * as moves from './ref-log.ts';
import * as resolve from './resolve.ts';
import * as slot from './slot.ts';
import * as tree from './tree.ts';
import * as version from './version.ts';

export type { CaughtUpBy } from './catch-up.ts';
export type { CollectedGarbage, CollectGarbage, ObjectCount } from './collect-garbage.ts';
export type { LoggedCommit } from './commit-log.ts';
export type { Trouble } from './deprecated.ts';
export type { ChangedFile, LineRange } from './diff-lines.ts';
export type { ExpiredTested, ExpireTested } from './expire-tested.ts';
export type { FastForward, FastForwarded } from './fast-forward.ts';
export type { ImportCommit } from './import-commit.ts';
export type { ImportedHistory, ImportHistory } from './import-history.ts';
export type { ClearedLocks, ClearStaleLocks, StandingLock, WhyKept } from './locks.ts';
export type { Fetched, FetchMirror, Opened, OpenMirror } from './mirror.ts';
export type { StreamedObject } from './object-stream.ts';
export type { NewObject, ReadObjects } from './objects.ts';
export type {
  CallOptions,
  GitFailed,
  GitFailureKind,
  GitRepo,
  Refused,
  RemoteOptions,
  RepoRequest,
  Sha,
} from './outcome.ts';
export type { DeleteBranch, Deleted, PushBranch, Pushed } from './push-branch.ts';
export type { Conflicted, Rebased, RebaseOnto } from './rebase.ts';
export type { RefLog, RefMove, RefMoves } from './ref-log.ts';
export { type RefNameVerdict, validateRefName } from './ref-name.ts';
export type { Unfit } from './replay.ts';
export type { FoundCommit } from './resolve.ts';
export type { CheckoutSlot, SlotReady } from './slot.ts';
export type { FoundBlob, TreeEntry } from './tree.ts';
export type { GitVersion } from './version.ts';

/** The same operation, closed: it never throws and never rejects. */
type Closed<Body> = Body extends (...args: infer Args) => Promise<infer Answer>
  ? (...args: Args) => Promise<Answer | Crashed>
  : never;

/** {@link version.gitVersion} */
export const gitVersion: Closed<typeof version.gitVersion> = neverRaise('git.gitVersion', version.gitVersion);
/** {@link mirror.openMirror} */
export const openMirror: Closed<typeof mirror.openMirror> = neverRaise('git.openMirror', mirror.openMirror);
/** {@link mirror.fetchMirror} */
export const fetchMirror: Closed<typeof mirror.fetchMirror> = neverRaise('git.fetchMirror', mirror.fetchMirror);
/** {@link resolve.resolveCommit} */
export const resolveCommit: Closed<typeof resolve.resolveCommit> = neverRaise(
  'git.resolveCommit',
  resolve.resolveCommit,
);
/** {@link resolve.isAncestor} */
export const isAncestor: Closed<typeof resolve.isAncestor> = neverRaise('git.isAncestor', resolve.isAncestor);
/** {@link resolve.mergeBase} */
export const mergeBase: Closed<typeof resolve.mergeBase> = neverRaise('git.mergeBase', resolve.mergeBase);
/** {@link tree.readBlob} */
export const readBlob: Closed<typeof tree.readBlob> = neverRaise('git.readBlob', tree.readBlob);
/** {@link tree.listTree} */
export const listTree: Closed<typeof tree.listTree> = neverRaise('git.listTree', tree.listTree);
/** {@link tree.changedPaths} */
export const changedPaths: Closed<typeof tree.changedPaths> = neverRaise('git.changedPaths', tree.changedPaths);
/** {@link objects.newObjects} */
export const newObjects: Closed<typeof objects.newObjects> = neverRaise('git.newObjects', objects.newObjects);
/** {@link objects.readObjects} */
export const readObjects: Closed<typeof objects.readObjects> = neverRaise('git.readObjects', objects.readObjects);
/** {@link log.commitLog} */
export const commitLog: Closed<typeof log.commitLog> = neverRaise('git.commitLog', log.commitLog);
/** {@link slot.checkoutSlot} */
export const checkoutSlot: Closed<typeof slot.checkoutSlot> = neverRaise('git.checkoutSlot', slot.checkoutSlot);
/** {@link slot.removeSlot} */
export const removeSlot: Closed<typeof slot.removeSlot> = neverRaise('git.removeSlot', slot.removeSlot);
/** {@link rebase.rebaseOnto} */
export const rebaseOnto: Closed<typeof rebase.rebaseOnto> = neverRaise('git.rebaseOnto', rebase.rebaseOnto);
/** {@link catching.catchUp} */
export const catchUp: Closed<typeof catching.catchUp> = neverRaise('git.catchUp', catching.catchUp);
/** {@link diff.diffLines} */
export const diffLines: Closed<typeof diff.diffLines> = neverRaise('git.diffLines', diff.diffLines);
/** {@link code.codeTree} */
export const codeTree: Closed<typeof code.codeTree> = neverRaise('git.codeTree', code.codeTree);
/** {@link push.deleteBranch} */
export const deleteBranch: Closed<typeof push.deleteBranch> = neverRaise('git.deleteBranch', push.deleteBranch);
/** {@link push.pushBranch} */
export const pushBranch: Closed<typeof push.pushBranch> = neverRaise('git.pushBranch', push.pushBranch);
/** {@link landing.fastForward} */
export const fastForward: Closed<typeof landing.fastForward> = neverRaise('git.fastForward', landing.fastForward);
/** {@link importing.importCommit} */
export const importCommit: Closed<typeof importing.importCommit> = neverRaise(
  'git.importCommit',
  importing.importCommit,
);
/** {@link history.importHistory} */
export const importHistory: Closed<typeof history.importHistory> = neverRaise(
  'git.importHistory',
  history.importHistory,
);
/** {@link moves.refLog} */
export const refLog: Closed<typeof moves.refLog> = neverRaise('git.refLog', moves.refLog);
/** {@link locks.listLocks} */
export const listLocks: Closed<typeof locks.listLocks> = neverRaise('git.listLocks', locks.listLocks);
/** {@link locks.clearStaleLocks} */
export const clearStaleLocks: Closed<typeof locks.clearStaleLocks> = neverRaise(
  'git.clearStaleLocks',
  locks.clearStaleLocks,
);
/** {@link expiry.expireTested} */
export const expireTested: Closed<typeof expiry.expireTested> = neverRaise('git.expireTested', expiry.expireTested);
/** {@link garbage.collectGarbage} */
export const collectGarbage: Closed<typeof garbage.collectGarbage> = neverRaise(
  'git.collectGarbage',
  garbage.collectGarbage,
);
