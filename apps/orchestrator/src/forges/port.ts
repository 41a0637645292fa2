/**
 * Where a repository's branches and pull requests live. Gates never see it, and nothing beside it reaches the remote; only
 * it moves `main`. No method throws. `test/forge.contract.ts` is the law (docs/adr/0013-complete-ports.md).
 */
import type { GitRepo } from '@gatehouse/git';
import type { MachineFault } from '@gatehouse/verdict';
import type { Unsupported } from '../platform/tell-answer.ts';
import type { ForgeForPeople } from './people.ts';

/** The forge of one repository. */
export interface Forge extends ForgeForPeople {
  /** Kind of forge, as the repository names it. */
  readonly name: string;
  /** Name of the credential it uses; null: it needs none. The value never leaves the adapter. */
  readonly credential: string | null;

  /** Brings every branch head into the mirror, and the heads of pull requests that are asked for. */
  fetch(request: FetchRequest): Promise<FetchAnswer>;
  /** Says, before anything waits for it, why nothing can land on `main` here; null: it can. */
  cannotLand(main: string): Promise<CannotLand | null>;
  /** What the forge's own required checks say of this very commit. Read before the critical window is entered. */
  requiredChecks(of: CommitOnMain): Promise<RequiredChecks | Unsupported>;
  /** What the forge reports of this very commit: the required checks where main requires any, else all that were reported. Absent:
   *  it reports nothing that is more than `requiredChecks` says. */
  readonly reportedChecks?: (of: CommitOnMain) => Promise<ReportedChecks | Unsupported>;
  /** Brings what landing needs to the forge, before the critical window is entered: at most the members' branches move,
   *  from the head that was judged to the tested commit. */
  prepare(request: LandRequest): Promise<PrepareAnswer>;
  /** Fast-forwards main to the very commit that was tested, or says why not. Never anything but a fast-forward;
   *  landing the same commit again is `landed`. */
  land(request: LandRequest): Promise<LandingAnswer>;
  /** Moves a task's branch, if it is still where it was recorded; never the one that is landed on. */
  pushBranch(order: PushBranchRequest): Promise<PushBranchAnswer>;
  /** Deletes a task's branch, if it is still where it was recorded; never the one that is landed on. Gone is `deleted`. */
  deleteBranch(order: DeleteBranchRequest): Promise<DeleteBranchAnswer>;
}

export interface FetchRequest {
  /** Absolute path of the mirror; made when absent. */
  readonly dir: string;
  readonly main: string;
  /** Heads of pull requests from other repositories, as `PullRequest.headRef` names them; what the mirror has of others is
   *  dropped. Absent: they are left as they are. */
  readonly pullHeads?: readonly string[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What is fetched can be read, or nothing is known to have changed. */
export type FetchAnswer =
  | {
      readonly kind: 'fresh';
      readonly git: GitRepo;
      /** By branch, and by the full name of a pull request's head, which no branch can have. */
      readonly heads: Readonly<Record<string, string>>;
      /** Branches whose objects the forge has lost: not gone, but nothing can be said about them. */
      readonly broken: readonly string[];
    }
  /** The forge or the disk did not answer; nothing is known to have changed. */
  | {
      readonly kind: 'unreachable';
      readonly reason: string;
      readonly trouble?: MachineFault;
      /** A lock stood in the way: of a git at work for moments, of a killed one for ever. */
      readonly isLocked?: true;
      /** Objects are missing or torn, at the forge or in the mirror. */
      readonly isAboutObjects?: true;
      /** A repository answered, and it is not the one that was known: a person has to look. */
      readonly isForeign?: true;
    };

export interface CannotLand {
  readonly reason: string;
  /** What a person does about it. */
  readonly next: string;
}

export interface CommitOnMain {
  readonly commit: string;
  readonly main: string;
  readonly signal?: AbortSignal;
}

/**
 * `green`: nothing is required that is not green; its reason names what the forge counts as passed though it did not run.
 * A required check that was never reported is `pending`.
 */
export type RequiredChecks =
  | { readonly kind: 'green'; readonly reason?: string }
  | { readonly kind: 'pending'; readonly reason: string }
  | { readonly kind: 'red'; readonly reason: string }
  | { readonly kind: 'unreachable'; readonly reason: string };

/** `none`: nothing is required and nothing was reported. `names`: the checks that are green. */
export type ReportedChecks =
  | Exclude<RequiredChecks, { readonly kind: 'green' }>
  | { readonly kind: 'green'; readonly names: readonly string[] }
  | { readonly kind: 'none' };

/** A branch that lands with the tested commit, and how the forge's people know it. */
export interface LandingMember {
  readonly branch: string;
  /** The head that was judged. */
  readonly head: string;
  readonly pullRequest: number | null;
}

export interface LandRequest {
  /** The mirror that holds the tested commit. */
  readonly git: GitRepo;
  readonly main: string;
  /** The base the commit was tested on; main must still be exactly here. */
  readonly from: string;
  readonly commit: string;
  readonly members: readonly LandingMember[];
  readonly signal?: AbortSignal;
}

/** Getting ready never moves main. */
export type PrepareAnswer =
  | { readonly kind: 'prepared' }
  /** The forge would not let it land: an approval is missing, its disk is full, or may not be written. A person has to act. */
  | { readonly kind: 'cannot-land'; readonly reason: string }
  | { readonly kind: 'unprepared'; readonly reason: string };

/** How an attempt to fast-forward main ended. Only `landed` means main has the commit. */
export type LandingAnswer =
  | { readonly kind: 'landed' }
  /** main moved since the test; nothing was changed, and this attempt cannot succeed any more. */
  | { readonly kind: 'base-moved'; readonly reason: string }
  /** The forge waits for its own required checks. */
  | { readonly kind: 'ci-pending'; readonly reason: string }
  /** Protection or a missing right; a person has to act. */
  | { readonly kind: 'cannot-land'; readonly reason: string }
  /** What happened is not known, and may still happen: ask main, then land again. Never recorded as "not landed". */
  | { readonly kind: 'in-doubt'; readonly reason: string };

export interface DeleteBranchRequest {
  /** The mirror. */
  readonly git: GitRepo;
  readonly branch: string;
  readonly main: string;
  /** Where the branch was recorded to be. */
  readonly expected: string;
  readonly signal: AbortSignal;
}

export interface PushBranchRequest extends Omit<DeleteBranchRequest, 'expected'> {
  readonly commit: string;
  /** Where the branch was when the work began; null: nowhere. */
  readonly expected: string | null;
}

export type PushBranchAnswer =
  | { readonly kind: 'pushed' }
  /** Another person pushed meanwhile; nothing was changed. */
  | { readonly kind: 'moved' }
  | { readonly kind: 'unpushed'; readonly reason: string };

export type DeleteBranchAnswer =
  | { readonly kind: 'deleted' }
  /** Another person's work, or a branch that must stay. */
  | { readonly kind: 'kept'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reason: string };
