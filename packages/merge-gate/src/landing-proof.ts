/**
 * What main itself says about a landing. The process that moved main may answer falsely, late or never; main read again is
 * the only evidence. "Not landed" is never concluded from an answer alone: docs/adr/0003-the-tested-commit-lands.md.
 */
import { type GitFault, gitFault } from '@gatehouse/gate-run';
import { fetchMirror, type GitRepo, isAncestor, resolveCommit, validateRefName } from '@gatehouse/git';

/** What may be given to `proveLanding`. */
export interface ProveLanding {
  /** The mirror that holds the commits. */
  readonly git: GitRepo;
  /** Fetched from first; without it `git` is the repository that landed. */
  readonly url?: string;
  /** Full ref name of main, for example `refs/heads/main`. */
  readonly main: string;
  /** The main the commit was tested on top of, and the commit that was to land. */
  readonly base: string;
  /** The commit that was to land. */
  readonly tested: string;
  /** Deadline of each single git call, in milliseconds. */
  readonly gitTimeoutMs?: number;
  /** Ends the call early; what was started is ended, too. */
  readonly signal?: AbortSignal;
}

/** `main` is where main stood when it was read; others may have landed on top of the tested commit. */
export type LandingProof =
  | {
      readonly kind: 'landed';
      /** Full object name of the commit that main was at. */
      readonly main: string;
    }
  /** Main stands at the base or has grown from it without the tested commit. */
  | {
      readonly kind: 'absent';
      /** Full object name of the commit that main was at. */
      readonly main: string;
    }
  /** Main lost the base, or is gone (`null`): history was rewritten from outside. */
  | {
      readonly kind: 'rewritten';
      /** Full object name of the commit that main was at. */
      readonly main: string | null;
    }
  | GitFault;

/** Reads main again and says whether it holds the tested commit. Moves nothing; asking twice is safe. */
export async function proveLanding(request: ProveLanding): Promise<LandingProof> {
  const { git, url, main, base, tested, gitTimeoutMs: timeoutMs, signal } = request;
  const limits = { repo: git, timeoutMs, signal };
  const [, name] = /^refs\/heads\/(.+)$/.exec(main) ?? [];
  if (validateRefName(name).kind !== 'valid')
    return { kind: 'tool-failed', reason: 'main is not named as a branch: refs/heads/…' };
  if (url !== undefined) {
    const fetched = await fetchMirror({ ...limits, url, tags: false });
    if (fetched.kind !== 'fetched') return gitFault('fetch of main', fetched);
  }
  const now = await resolveCommit({ ...limits, ref: main });
  if (now.kind === 'unknown-ref') return { kind: 'rewritten', main: null };
  if (now.kind !== 'found') return gitFault('read of main', now);
  const grew = await isAncestor({ ...limits, ancestor: base, of: now.sha });
  if (grew.kind === 'no') return { kind: 'rewritten', main: now.sha };
  if (grew.kind !== 'yes') return gitFault('comparison of main with its base', grew);
  const contains = await isAncestor({ ...limits, ancestor: tested, of: now.sha });
  if (contains.kind === 'yes') return { kind: 'landed', main: now.sha };
  return contains.kind === 'no' ? { kind: 'absent', main: now.sha } : gitFault('search for the landing', contains);
}

/**
 * What the process that moved main answered. `refused` states that this attempt cannot succeed any more; anything less sure
 * (a deadline, a broken connection, a crash) is `in-doubt`.
 */
export type ReportedLanding = 'landed' | 'refused' | 'in-doubt';

/** What became of a landing. Record `landed`, `merged-outside` and `not-landed`; the rest is open. */
export type LandingConclusion =
  | {
      readonly kind: 'landed';
      /** Full object name of the commit that main is at. */
      readonly main: string;
    }
  /** The commit is on main although our landing was refused: another person or process landed it. */
  | {
      readonly kind: 'merged-outside';
      /** Full object name of the commit that main is at. */
      readonly main: string;
    }
  /** It is not on main and cannot arrive any more; asking for another landing is safe. */
  | {
      readonly kind: 'not-landed';
      /** What speaks for it, in one line. */
      readonly reason: string;
    }
  /** The landing was acknowledged and main contradicts it: nothing may land until a person has checked. */
  | {
      readonly kind: 'frozen';
      /** What speaks for it, in one line. */
      readonly reason: string;
    }
  /** Unknown so far; prove it again, and record nothing. */
  | {
      readonly kind: 'in-doubt';
      /** What speaks for it, in one line. */
      readonly reason: string;
    };

/** From what was reported and what main shows to what may be recorded. Pure, total. */
export function concludeLanding(reported: ReportedLanding, proof: LandingProof): LandingConclusion {
  switch (proof.kind) {
    case 'landed':
      return { kind: reported === 'refused' ? 'merged-outside' : 'landed', main: proof.main };
    case 'absent':
      return withoutIt(reported, 'main does not hold the tested commit');
    case 'rewritten':
      return withoutIt(reported, 'main does not even hold the base of the test any more');
    case 'infra':
    case 'tool-failed':
      return { kind: 'in-doubt', reason: proof.reason };
  }
}

const WITHOUT_IT: { readonly [Reported in ReportedLanding]: 'frozen' | 'not-landed' | 'in-doubt' } = {
  landed: 'frozen',
  refused: 'not-landed',
  'in-doubt': 'in-doubt',
};

const withoutIt = (reported: ReportedLanding, reason: string): LandingConclusion => ({
  kind: WITHOUT_IT[reported] ?? 'in-doubt',
  reason,
});
