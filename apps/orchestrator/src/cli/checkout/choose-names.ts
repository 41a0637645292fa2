/**
 * Which branch is judged and where it would land: what the caller says, else what the CI system says, else HEAD and main. A claim of
 * CI counts only while HEAD is where such a system puts it; otherwise it is about another checkout.
 */
import { type Checkout, validateRefName } from '@gatehouse/git';
import type { CiAnswer, CiClaim, CiName } from '../ci-environment.ts';

/** A commit that is to be found in the checkout. */
export interface Choice {
  /** As people know it. */
  readonly name: string;
  /** The option, variable or field that says so. */
  readonly from: string;
  /** Names to look for, in this order; see `nameInCheckout`. */
  readonly tries: readonly string[];
}

export interface ChosenNames {
  readonly kind: 'chosen';
  readonly branch: Choice;
  readonly base: Choice;
  readonly ci: { readonly system: CiName; readonly event: string } | null;
  /** Said to the caller before anything runs. */
  readonly notes: readonly string[];
}

export interface Wish {
  readonly branch: string | undefined;
  readonly base: string | undefined;
  /** The base is the branch, too, and CI is not asked. */
  readonly mainAlone?: boolean;
}

/** Asked only where the caller left something out. */
export type AskCi = () => Promise<CiAnswer>;

export const DEFAULT_BASE = 'main';

/** What main is called where nobody says: first a branch of one's own, then one of the remote, last what the remote calls its own. */
export const MAIN_NAMES: readonly string[] = ['main', 'origin/main', 'master', 'origin/master', 'origin/HEAD'];

/** What to look for, or why nothing may be guessed. */
export async function chooseNames(
  { branch, base, mainAlone = false }: Wish,
  checkout: Checkout,
  askCi: AskCi,
): Promise<ChosenNames | { readonly kind: 'unclear'; readonly problem: string }> {
  const said = {
    ...(branch === undefined ? {} : { branch: named(branch, '--branch', checkout) }),
    ...(base === undefined ? {} : { base: named(base, '--base', checkout) }),
  };
  if (said.branch !== undefined && said.base !== undefined)
    return { kind: 'chosen', branch: said.branch, base: said.base, ci: null, notes: [] };
  if (mainAlone) {
    const alone: Choice = said.base ?? { name: DEFAULT_BASE, from: 'default', tries: defaultTries(checkout) };
    return { kind: 'chosen', branch: alone, base: alone, ci: null, notes: [] };
  }
  const found = checkout.isBare ? ({ kind: 'none' } as const) : judge(await askCi(), checkout);
  if (found.kind === 'claim') {
    const { system, event } = found;
    const claimed = { branch: claimedBranch(found), base: claimedBase(found) };
    return { kind: 'chosen', ...claimed, ...said, ci: { system, event }, notes: [] };
  }
  if (found.kind === 'unclear' && said.branch === undefined)
    return {
      kind: 'unclear',
      problem: `${found.system}: ${found.reason}; say which with --branch and --base, for example --branch HEAD --base origin/main`,
    };
  if (said.branch === undefined && checkout.isBare)
    return { kind: 'unclear', problem: 'a bare repository has no checkout to judge; pass --branch' };
  const notes =
    found.kind === 'unclear'
      ? [`${found.system}: ${found.reason}; the base is ${base ?? DEFAULT_BASE} as no other is named`]
      : [];
  const atHead: Choice = { name: checkout.head?.branch ?? 'HEAD', from: 'HEAD', tries: ['HEAD'] };
  const byDefault: Choice = { name: DEFAULT_BASE, from: 'default', tries: defaultTries(checkout) };
  return { kind: 'chosen', branch: atHead, base: byDefault, ...said, ci: null, notes };
}

/** `MAIN_NAMES` with the remote that is there. */
function defaultTries({ remotes }: Checkout): readonly string[] {
  const remote = remoteIn(remotes);
  return MAIN_NAMES.flatMap((name) => {
    if (!name.startsWith('origin/')) return [name];
    return remote === undefined ? [] : [`refs/remotes/${remote}/${name.slice('origin/'.length)}`];
  });
}

const remoteIn = (remotes: readonly string[]): string | undefined =>
  remotes.includes('origin') ? 'origin' : remotes.length === 1 ? remotes[0] : undefined;

/** A branch that is only at the remote is found there; a name of its own goes first. */
function named(name: string, from: string, { remotes }: Checkout): Choice {
  const isWhole =
    name === 'HEAD' ||
    name.startsWith('refs/') ||
    OBJECT_NAME.test(name) ||
    remotes.some((remote) => name.startsWith(`${remote}/`));
  const remote = remoteIn(remotes);
  const tries = isWhole || remote === undefined ? [name] : [name, `refs/remotes/${remote}/${name}`];
  return { name, from, tries };
}

/** Of a commit, whole: no branch is called so. */
const OBJECT_NAME = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** The very claim, or why it is none about this checkout. */
function judge(answer: CiAnswer, { head }: Checkout): CiAnswer {
  if (answer.kind !== 'claim') return answer;
  if (head !== null && answer.heads.includes(head.sha)) return answer;
  const { system, event } = answer;
  const at = head === null ? 'nothing is checked out' : `HEAD is at ${head.sha.slice(0, 12)}`;
  const reason = `its environment is about ${answer.heads.map((sha) => sha.slice(0, 12)).join(' or ')}, but ${at}`;
  return { kind: 'unclear', system, event, reason };
}

const claimedBranch = ({ branch: { name, at, from } }: CiClaim): Choice => ({ name, from, tries: [at] });

/** Never the clone's own branch of that name: that is where it was once, if it is there at all. */
const claimedBase = ({ base: { name, at, from } }: CiClaim): Choice => ({ name, from, tries: [at] });

/** What is wrong with the first of them that cannot be one; null: nothing. */
export function wrongName(
  names: readonly (string | undefined)[],
  { isLocal }: { readonly isLocal: boolean },
): string | null {
  for (const name of names) {
    const problem = name === undefined || (isLocal && isExact(name)) ? null : nameProblem(name);
    if (problem !== null) return problem;
  }
  return null;
}

/** HEAD, an object name or a full name: of a repository on this machine, besides branches. */
function isExact(name: string): boolean {
  const inside = /^refs\/(.+)$/s.exec(name)?.[1];
  if (inside !== undefined) return validateRefName(`x/${inside}`).kind === 'valid';
  return name === 'HEAD' || /^[0-9a-f]{40}$/.test(name);
}

function nameProblem(name: string): string | null {
  const valid = validateRefName(name);
  return valid.kind === 'valid' ? null : `the branch name ${JSON.stringify(name)} cannot be used: ${valid.reason}`;
}
