/** Where the chosen names stand in a checkout, and what they are called in the private mirror. */
import { type Checkout, nameInCheckout } from '@gatehouse/git';
import { describeCrash } from '@gatehouse/verdict';
import { describeGitFailure } from '../../platform/describe-git-failure.ts';
import type { Choice } from './choose-names.ts';

/** A choice with its exact commit. */
export interface FoundChoice extends Choice {
  readonly sha: string;
  /** Full name it was found under; null for HEAD and object names. */
  readonly ref: string | null;
}

export type FoundChoices =
  | { readonly kind: 'found'; readonly branch: FoundChoice; readonly base: FoundChoice }
  /** `base` goes first: without it nothing can be said of the branch. */
  | {
      readonly kind: 'missing';
      readonly which: 'base' | 'branch';
      readonly isAmbiguous: boolean;
      readonly base: Choice & { readonly sha?: string };
      readonly branch: Choice & { readonly sha?: string };
    }
  | { readonly kind: 'unreadable'; readonly reason: string };

export async function findCommits(
  checkout: Checkout,
  wanted: { readonly branch: Choice; readonly base: Choice },
  signal: AbortSignal,
): Promise<FoundChoices> {
  const base = await findOne(checkout, wanted.base, signal);
  if (base.kind === 'unreadable') return base;
  const branch = await findOne(checkout, wanted.branch, signal);
  if (branch.kind === 'unreadable') return branch;
  if (base.kind === 'found' && branch.kind === 'found')
    return { kind: 'found', base: base.choice, branch: branch.choice };
  const which = base.kind === 'missing' ? 'base' : 'branch';
  const { isAmbiguous } =
    base.kind === 'missing' ? base : { isAmbiguous: branch.kind === 'missing' && branch.isAmbiguous };
  return { kind: 'missing', which, isAmbiguous, base: base.choice, branch: branch.choice };
}

type FoundOne =
  | { readonly kind: 'found'; readonly choice: FoundChoice }
  | { readonly kind: 'missing'; readonly choice: Choice; readonly isAmbiguous: boolean }
  | { readonly kind: 'unreadable'; readonly reason: string };

async function findOne(checkout: Checkout, choice: Choice, signal: AbortSignal): Promise<FoundOne> {
  let isAmbiguous = false;
  for (const name of choice.tries) {
    const answer = await nameInCheckout({ repo: checkout, name, signal });
    if (answer.kind === 'crashed') return { kind: 'unreadable', reason: describeCrash(answer) };
    if (answer.kind === 'git-failed') return { kind: 'unreadable', reason: describeGitFailure(answer) };
    if (answer.kind === 'found') return { kind: 'found', choice: { ...choice, sha: answer.sha, ref: answer.ref } };
    if (answer.kind === 'ambiguous') isAmbiguous = true;
  }
  return { kind: 'missing', choice, isAmbiguous };
}

/** Names for the two in a mirror; they can stand beside each other whatever they are called in the checkout. */
export function mirrorNames(
  checkout: Checkout,
  { base, branch }: { readonly base: FoundChoice; readonly branch: FoundChoice },
): { readonly base: string; readonly branch: string } {
  const main = shortName(checkout, base) ?? DETACHED_BASE;
  const own = shortName(checkout, branch) ?? `commit-${branch.sha.slice(0, 12)}`;
  const clash = `${main}/`.startsWith(`${own}/`) || `${own}/`.startsWith(`${main}/`);
  return { base: main, branch: clash ? `commit-${branch.sha.slice(0, 12)}` : own };
}

const DETACHED_BASE = 'base';

/** That of the remote for a branch of a remote: what looks for `origin/main` in a checkout finds it. */
function shortName({ head, remotes }: Checkout, { ref, from, name }: FoundChoice): string | null {
  if (ref === null)
    return from === '--branch' || from === '--base' || from === 'HEAD'
      ? name === 'HEAD'
        ? (head?.branch ?? null)
        : null
      : name;
  const short = ref.replace(/^refs\/(?:heads|remotes)\//, '').replace(/^refs\//, '');
  const remote = ref.startsWith('refs/remotes/') ? remotes.find((one) => short.startsWith(`${one}/`)) : undefined;
  const own = remote === undefined ? short : short.slice(remote.length + 1);
  return own === 'HEAD' ? null : own;
}
