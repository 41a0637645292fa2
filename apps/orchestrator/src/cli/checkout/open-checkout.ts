/** From a repository of this machine to a private mirror with the two commits in question: whole clones, those of CI, bare ones. */
import { join } from 'node:path';
import { borrowCheckout, type Checkout, type GitRepo, namesInCheckout, readCheckout } from '@gatehouse/git';
import { describeCrash } from '@gatehouse/verdict';
import { describeGitFailure } from '../../platform/describe-git-failure.ts';
import { readTextFile } from '../../platform/files.ts';
import type { Environment } from '../../platform/process-environment.ts';
import { processEnvironment } from '../../platform/process-environment.ts';
import { type Answer, failure, usage } from '../answer.ts';
import { detectCi, payloadPath } from '../ci-environment.ts';
import { type ChosenNames, chooseNames, type Wish } from './choose-names.ts';
import { fetchHistory } from './fetch-history.ts';
import { type FoundChoice, findCommits, mirrorNames } from './find-commits.ts';
import { type LocatedAnswer, type LocateOptions, type LocateScene, type SubjectView, shell } from './located.ts';
import { describeLack, describeUnknown, type Lack } from './missing-history.ts';
import { describeUncommitted } from './uncommitted.ts';

export interface OpenCheckout {
  /** As the caller wrote it. */
  readonly shown: string;
  /** Absolute. */
  readonly path: string;
  readonly wish: Wish;
  readonly mayFetch: boolean;
  /** Private; the mirror is made in it. */
  readonly directory: string;
  readonly env: Environment;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** The two commits, their names in the mirror, and how they were chosen. */
export interface OpenedCheckout {
  readonly kind: 'opened';
  readonly git: GitRepo;
  readonly names: { readonly base: string; readonly branch: string };
  readonly base: FoundChoice;
  readonly branch: FoundChoice;
  readonly ci: ChosenNames['ci'];
  readonly hasFetched: boolean;
  readonly checkout: Checkout;
}

export type OpenedAnswer = OpenedCheckout | { readonly kind: 'nowhere'; readonly answer: Answer };

const nowhere = (answer: Answer): OpenedAnswer => ({ kind: 'nowhere', answer });
const PAYLOAD_LIMIT = 8 * 1024 * 1024;

export async function openCheckout(request: OpenCheckout): Promise<OpenedAnswer> {
  const { shown, path, env, signal, say } = request;
  const checkout = await readAt(path, signal);
  if (typeof checkout === 'string')
    return nowhere(
      shown === '.'
        ? usage(`${checkout} here; run it inside a clone, or pass --repo`)
        : failure(`${shown} cannot be read: ${checkout}`),
    );
  const names = await chooseNames(request.wish, checkout, async () => {
    const file = payloadPath(env);
    const payload = file === null ? null : await readTextFile(file, PAYLOAD_LIMIT);
    return detectCi(env, payload?.kind === 'read' ? payload.text : null);
  });
  if (names.kind === 'unclear') return nowhere(usage(names.problem));
  for (const note of names.notes) say(note);
  return tryAndFetch(request, checkout, names);
}

/** Null of a fetch's steps: nothing was fetched yet. */
async function tryAndFetch(request: OpenCheckout, first: Checkout, names: ChosenNames): Promise<OpenedAnswer> {
  const { path, signal, env, say } = request;
  let checkout = first;
  let depth: number | null = null;
  for (let round = 0; ; round += 1) {
    const tried = await tryOnce(request, { checkout, names, round });
    if (tried.kind !== 'lacking') return tried;
    if (!request.mayFetch) return nowhere(usage(await inWords(checkout, tried.lack, { request, names })));
    if (round > 0 && depth === null)
      return nowhere(usage(describeLack(checkout, tried.lack, names.ci?.system ?? null)));
    const step = await fetchHistory({ checkout, lack: tried.lack, env, signal, say }, depth);
    if (step.kind === 'failed') return nowhere(failure(`--fetch: ${step.reason}`));
    depth = step.next;
    const again = await readAt(path, signal);
    if (typeof again === 'string') return nowhere(failure(`${request.shown} cannot be read: ${again}`));
    checkout = again;
  }
}

type Tried = OpenedAnswer | { readonly kind: 'lacking'; readonly lack: Lack };

async function tryOnce(
  { directory, signal }: OpenCheckout,
  { checkout, names, round }: { readonly checkout: Checkout; readonly names: ChosenNames; readonly round: number },
): Promise<Tried> {
  const found = await findCommits(checkout, names, signal);
  if (found.kind === 'unreadable') return nowhere(failure(found.reason));
  if (found.kind === 'missing') {
    if (found.isAmbiguous)
      return nowhere(usage(`${found[found.which].name} is the beginning of several commits; write more of it`));
    return { kind: 'lacking', lack: { what: found.which, base: found.base, branch: found.branch } };
  }
  const { base, branch } = found;
  const called = mirrorNames(checkout, found);
  const mirror = await borrowCheckout({
    dir: join(directory, `mirror-${round}.git`),
    checkout,
    main: { name: called.base, sha: base.sha },
    branch: { name: called.branch, sha: branch.sha },
    signal,
  });
  switch (mirror.kind) {
    case 'borrowed':
      return {
        ...{ kind: 'opened', git: mirror.repo, names: called, base, branch, ci: names.ci, hasFetched: round > 0 },
        checkout,
      };
    case 'too-little':
      return { kind: 'lacking', lack: { what: mirror.lacks, base, branch } };
    case 'refused':
      return nowhere(usage(mirror.reason));
    case 'git-failed':
      return nowhere(failure(describeGitFailure(mirror)));
    case 'crashed':
      return nowhere(failure(describeCrash(mirror)));
  }
}

async function readAt(path: string, signal: AbortSignal): Promise<Checkout | string> {
  const read = await readCheckout({ path, signal });
  switch (read.kind) {
    case 'checkout':
      return read;
    case 'refused':
      return read.reason;
    case 'git-failed':
      return describeGitFailure(read);
    case 'crashed':
      return describeCrash(read);
  }
}

/** A name may be mistyped, or not fetched yet: both are said where both may be. */
async function inWords(
  checkout: Checkout,
  lack: Lack,
  { request, names }: { readonly request: OpenCheckout; readonly names: ChosenNames },
): Promise<string> {
  const ci = names.ci?.system ?? null;
  if (lack.what === 'history' || lack.what === 'objects') return describeLack(checkout, lack, ci);
  const { name, from } = lack[lack.what];
  const isTyped = from.startsWith('--') || from === 'default';
  if (!isTyped || /^[0-9a-f]{40}$/.test(name)) return describeLack(checkout, lack, ci);
  const listed = await namesInCheckout({ repo: checkout, signal: request.signal });
  // The other of the two is no answer: a branch that is its own base adds nothing, whatever is in it.
  const other = lack.what === 'base' ? lack.branch : lack.base;
  const known =
    listed.kind === 'listed' ? listed.names.filter((one) => ![other.name, ...other.tries].includes(one)) : [];
  const otherwise = lack.what === 'base' ? 'pass another with --base' : 'push it first';
  const unknown = describeUnknown(request.shown, name, { known, next: otherwise });
  if (checkout.remotes.length === 0) return unknown;
  const absent = describeLack(checkout, lack, ci);
  // What a cut clone lacks was hardly mistyped.
  return checkout.shallow.length > 0 ? `${absent}; else ${unknown}` : `${unknown}; ${absent}`;
}

export async function locateHere(path: string, options: LocateOptions, scene: LocateScene): Promise<LocatedAnswer> {
  const { terminal, directory } = scene;
  const say = (line: string): void =>
    line.endsWith(' …') ? terminal.progress?.step({ what: line.slice(0, -2) }) : terminal.progress?.note(line);
  const opened = await openCheckout({
    ...{ shown: options.repo, path, directory, say },
    wish: { branch: options.branch, base: options.base, mainAlone: options.mainAlone === true },
    mayFetch: options.fetch === true,
    env: processEnvironment(),
    signal: terminal.signal,
  });
  if (opened.kind === 'nowhere') return opened;
  const { branch, base, ci, names, git, hasFetched } = opened;
  // Only now: the scanner takes long to load.
  const { maskWords } = await import('../../platform/mask-words.ts');
  // Reports are kept by CI systems: a secret in the name of a branch stands in none of them.
  const of = async ({ name, sha, from, ref }: FoundChoice) => ({
    name: await maskWords(inRepository(name, ref)),
    sha,
    from,
  });
  const view = { branch: await of(branch), base: await of(base), ci, fetched: hasFetched };
  const isPlain = branch.from === '--branch' && base.from === '--base';
  const by = ci === null ? '' : `${ci.system} ${ci.event}: `;
  if (options.mainAlone === true) say(subjectInWords(view.base));
  else if (!isPlain) say(`${by}${subjectInWords(view.branch)} onto ${subjectInWords(view.base)}`);
  const uncommitted =
    options.mainAlone === true
      ? null
      : await describeUncommitted({
          path,
          checkout: opened.checkout,
          judged: branch.sha,
          signal: terminal.signal,
        });
  if (uncommitted !== null) say(uncommitted);
  const subject = { ...shell(), branch: names.branch, main: names.base, base: base.sha, head: branch.sha };
  return { kind: 'located', git, subject, view };
}

/** `origin/main` where that, and no branch of its own, was meant. */
const inRepository = (name: string, ref: string | null): string =>
  ref?.replace(/^refs\/(?:heads|remotes)\//, '') ?? name;

const subjectInWords = ({ name, sha, from }: SubjectView['base']): string => `${name} at ${sha.slice(0, 12)} (${from})`;
