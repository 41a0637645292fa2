/**
 * Brings a branch on top of main. Moves no branch anywhere; the result is a commit in the mirror, made without a work tree
 * where that is safe and in the slot where it is not.
 */
import { catchUp as bringUp, type GitRepo, isAncestor } from '@gatehouse/git';

/** What may be given to `autoRebaseOntoMain`. */
export interface CatchUpRequest {
  /** The mirror that holds the commits. */
  readonly git: GitRepo;
  /** A directory that belongs to this call alone while it runs. */
  readonly slotDir: string;
  /** Full object name of the commit of main. */
  readonly base: string;
  /** Full object name of the branch's own commit. */
  readonly head: string;
  /** Default `rebase`; a branch that contains merge commits is merged into either way. */
  readonly catchUp?: 'rebase' | 'merge';
  /** Who made the new commits; authors are kept. */
  readonly committer?: {
    /** Name of the committer. */
    readonly name: string;
    /** Address of the committer. */
    readonly email: string;
  };
  /** Deadline of each single git call. */
  readonly gitTimeoutMs?: number;
  /** Ends the call early; what was started is ended, too. */
  readonly signal?: AbortSignal;
}

/** Who commits what a catch-up creates; authors are kept. */
const COMMITTER = { name: 'Gatehouse', email: 'gatehouse@localhost' } as const;

/** `behind` when `base` has commits that `head` does not contain. */
export async function branchIsBehindMain(request: {
  /** The mirror that holds the commits. */
  readonly git: GitRepo;
  /** Full object name of the commit of main. */
  readonly base: string;
  /** Full object name of the branch's own commit. */
  readonly head: string;
  /** Ends the call early; what was started is ended, too. */
  readonly signal?: AbortSignal;
}): Promise<{ readonly kind: 'behind' } | { readonly kind: 'current' } | Exclude<AncestorAnswer, YesNo>> {
  const { git, base, head, signal } = request;
  const answer = await isAncestor({ repo: git, ancestor: base, of: head, signal });
  switch (answer.kind) {
    case 'yes':
      return { kind: 'current' };
    case 'no':
      return { kind: 'behind' };
    default:
      return answer;
  }
}

type AncestorAnswer = Awaited<ReturnType<typeof isAncestor>>;
type YesNo = { readonly kind: 'yes' } | { readonly kind: 'no' };

/**
 * `current`: the head already contains base and is itself what would land. `caught-up`: `tested` is the combined
 * commit; what the slot holds is open, so check it out before running anything. `conflicted`: the paths an author must
 * resolve. `unrelated`: there is no common commit to start from. Anything else is a fault of git's and blames no change.
 */
export async function autoRebaseOntoMain(request: CatchUpRequest): Promise<Awaited<ReturnType<typeof bringUp>>> {
  const { git, slotDir, base, head, catchUp = 'rebase', committer = COMMITTER, gitTimeoutMs, signal } = request;
  const limits = { timeoutMs: gitTimeoutMs, signal };
  return bringUp({ repo: git, dir: slotDir, base, head, mode: catchUp, committer, ...limits });
}
