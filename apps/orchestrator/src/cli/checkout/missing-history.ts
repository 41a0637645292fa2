/** What a clone lacks, and the one command that brings it. */
import type { Checkout } from '@gatehouse/git';
import { likelyMatch } from '../../platform/did-you-mean.ts';
import { CI_SYSTEMS, type CiName } from '../ci-environment.ts';
import type { Choice } from './choose-names.ts';

export interface Lack {
  /** `name`: a commit that was asked for; else what lies between the two. */
  readonly what: 'base' | 'branch' | 'history' | 'objects';
  readonly base: Choice & { readonly sha?: string };
  readonly branch: Choice & { readonly sha?: string };
}

/** What of a remote is asked for: refspecs that move nothing but branches of remotes, and exact commits. */
export interface Wants {
  readonly remote: string;
  readonly base: readonly string[];
  readonly branch: readonly string[];
}

const SHA = /^[0-9a-f]{40}$/;

export function wantsOf({ remotes }: Checkout, { base, branch }: Omit<Lack, 'what'>): Wants | null {
  const remote =
    remotes.find((one) =>
      base.tries.some((name) => name.startsWith(`${one}/`) || name.startsWith(`refs/remotes/${one}/`)),
    ) ?? (remotes.includes('origin') ? 'origin' : remotes[0]);
  if (remote === undefined) return null;
  return { remote, base: wanted(base, remote), branch: wanted(branch, remote) };
}

function wanted({ tries, sha }: Choice & { readonly sha?: string }, remote: string): readonly string[] {
  const prefix = `refs/remotes/${remote}/`;
  for (const name of tries) {
    const full = name.startsWith(`${remote}/`) ? `refs/remotes/${name}` : name;
    if (full.startsWith(prefix)) return [`+refs/heads/${full.slice(prefix.length)}:${full}`];
    // As checkouts of pull requests name them: refs/remotes/pull/7/merge.
    const pull = /^refs\/(?:remotes\/)?(pull\/\d+\/(?:head|merge))$/.exec(full)?.[1];
    if (pull !== undefined) return [`+refs/${pull}:${full}`];
  }
  const commit = sha ?? tries.find((name) => SHA.test(name));
  return commit === undefined ? [] : [commit];
}

/** Options that never touch a local branch, a tag or the work tree, whatever the clone's configuration says. */
export const FETCH: readonly string[] = [
  'fetch',
  '--no-tags',
  '--refmap=',
  '--no-recurse-submodules',
  '--no-write-fetch-head',
  '--no-auto-maintenance',
];

/** One sentence with the command, as a shell takes it. */
export function describeLack(checkout: Checkout, lack: Lack, ci: CiName | null): string {
  const wants = wantsOf(checkout, lack);
  const next =
    wants === null ? 'this clone has no remote to fetch from' : `fetch it: ${commandFor(checkout, lack, wants)}`;
  const orSo = wants === null ? '' : ', or pass --fetch';
  const hint = ci === null ? '' : ` (${ci}: ${CI_SYSTEMS[ci].wholeClone})`;
  return `${describe(checkout, lack)}; ${next}${orSo}${hint}`;
}

function describe({ shallow }: Checkout, { what, base, branch }: Lack): string {
  const cut = shallow.length > 0 ? 'this shallow clone' : 'this clone';
  switch (what) {
    case 'base':
      return `${shown(base)}, where the branch would land, is not in ${cut}`;
    case 'branch':
      return `${shown(branch)} is not in ${cut}`;
    case 'history':
      return `${cut} does not show where ${shown(branch)} and ${shown(base)} part`;
    case 'objects':
      return `this partial clone lacks content of ${shown(branch)} or ${shown(base)}`;
  }
}

/** A commit of an event is told beside the branch it is of. */
const shown = ({ name, tries: [first = ''] }: Choice): string =>
  SHA.test(first) && first !== name ? `${name} (${first.slice(0, 12)})` : first.replace(/^refs\/remotes\//, '') || name;

/** One after the other where content is fetched anew: git 2.39 passes over those of several that it has a name for. */
function commandFor({ shallow }: Checkout, { what }: Lack, { remote, base, branch }: Wants): string {
  const wants = [...base, ...branch].map(quoted);
  if (what === 'objects')
    return wants.map((want) => `git fetch --no-tags ${REFETCH.join(' ')} ${remote} ${want}`).join(' && ');
  const how = shallow.length > 0 ? ['--unshallow'] : [];
  return ['git fetch --no-tags', ...how, remote, ...wants].join(' ');
}

/** Everything again, whatever filter the clone was made with. */
export const REFETCH: readonly string[] = ['--refetch', '--no-filter'];

const quoted = (word: string): string => (/^[\w./:+@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

/** A name that no branch has. `next` is what can be done where it was not mistyped. */
export function describeUnknown(
  repo: string,
  name: string,
  { known, next }: { readonly known: readonly string[]; readonly next: string },
): string {
  const likely = likelyMatch(name, known);
  const others = known.length === 0 ? 'it has no other branch' : `it has ${known.slice(0, 5).join(', ')}`;
  const hint = likely === null ? `${others} (${next})` : `did you mean ${likely}? (${next})`;
  return `${repo} has no branch ${JSON.stringify(name)}; ${hint}`;
}
