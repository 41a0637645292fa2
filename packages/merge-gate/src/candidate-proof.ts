/**
 * What a commit that is about to land really is. The catch-up of the recorded head onto the recorded base is made once more
 * and its tree compared, and it must not be the base's own tree: a record that names another commit lands nothing.
 */
import { type GitFault, gitFault } from '@gatehouse/gate-run';
import { resolveBoth, resolveCommit } from '@gatehouse/git';
import { autoRebaseOntoMain, type CatchUpRequest } from './catch-up.ts';

/** What may be given to `proveCandidate`. */
export interface ProveCandidate extends CatchUpRequest {
  /** The commit that was tested and is about to land. */
  readonly tested: string;
}

/** Whether a tested commit is what the branch comes to on main. */
export type CandidateProof =
  | {
      readonly kind: 'proven';
      /** Tree object name of the commit. */
      readonly tree: string;
    }
  /** The tested commit is not what `head` comes to on `base`. */
  | {
      readonly kind: 'differs';
      /** What differs, in one line. */
      readonly reason: string;
    }
  /** The tested commit changes nothing against `base`. */
  | { readonly kind: 'nothing-to-land' }
  | GitFault;

/**
 * Proves that `tested` is the catch-up of `head` onto `base` and changes something. Moves no branch; mostly done without a
 * work tree, and in `slotDir` where only a work tree can judge.
 */
export async function proveCandidate(request: ProveCandidate): Promise<CandidateProof> {
  const { git, base, tested, gitTimeoutMs: timeoutMs, signal } = request;
  const limits = { repo: git, timeoutMs, signal };
  const read = await resolveBoth({ ...limits, a: base, b: tested });
  if (read.kind !== 'resolved') return gitFault('read of main', read);
  const { a: ofBase, b: ofTested } = read;
  if (ofBase.kind !== 'found') return gitFault('read of main', ofBase);
  if (ofTested.kind !== 'found') return gitFault('read of the tested commit', ofTested);
  const { tree } = ofTested;
  if (tree === ofBase.tree) return { kind: 'nothing-to-land' };
  const made = await treeOfCatchUp(request, tree);
  if (made.kind !== 'made') return made;
  return made.tree === tree
    ? { kind: 'proven', tree }
    : differs(`the catch-up comes to tree ${short(made.tree)}, the tested commit holds ${short(tree)}`);
}

async function treeOfCatchUp(
  request: ProveCandidate,
  ofTested: string,
): Promise<{ readonly kind: 'made'; readonly tree: string } | CandidateProof> {
  const { git, gitTimeoutMs: timeoutMs, signal } = request;
  const again = await autoRebaseOntoMain(request);
  switch (again.kind) {
    case 'caught-up':
      return { kind: 'made', tree: again.tree };
    case 'current': {
      if (again.tested === request.tested) return { kind: 'made', tree: ofTested };
      const found = await resolveCommit({ repo: git, timeoutMs, signal, ref: again.tested });
      return found.kind === 'found' ? { kind: 'made', tree: found.tree } : gitFault('read of the branch', found);
    }
    case 'conflicted':
      return differs(`the branch conflicts with main in ${again.paths.slice(0, 5).join(', ')}`);
    case 'unrelated':
      return differs('the branch has no commit in common with main');
    default:
      return gitFault('catch-up', again);
  }
}

const differs = (reason: string): CandidateProof => ({ kind: 'differs', reason });
const short = (name: string): string => name.slice(0, 12);
