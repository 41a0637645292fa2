/**
 * Landing where only main decides: one attempt to fast-forward it, and after every answer but success a look at main itself
 * (docs/adr/0022-the-outside-is-read-again-and-told-once.md). Also how a tested commit is shown to a remote that has no branch for it.
 */
import { deleteCandidate, isAncestor, landByPush, pushCandidate, whereMainIs } from '@gatehouse/git';
import { describeCrash } from '@gatehouse/verdict';
import { type MintRemote, missing, wayOf } from './git-remote.ts';
import type { LandingAnswer, LandRequest } from './port.ts';
import { adviceOn, describeRemoteFailure } from './remote-trouble.ts';

/** What an attempt to move main was answered. `unclear` says nothing: it may have moved, and may still move. */
export type LandingAttempt =
  | { readonly kind: 'landed' }
  /** Refused in words. `isPending`: the forge waits for checks of its own. */
  | { readonly kind: 'refused'; readonly reason: string; readonly isPending?: boolean }
  | { readonly kind: 'unclear'; readonly reason: string };

/** Where main is. `has`: it holds the commit. `at` null: there is no such branch. */
export type MainReading =
  | { readonly kind: 'main'; readonly at: string | null; readonly has: boolean }
  | { readonly kind: 'unreadable'; readonly reason: string };

type Landing = Pick<LandRequest, 'commit' | 'from' | 'git' | 'main'> & GitPatience;

/** How long one call of git may take inside the window, where no signal ends it. [a minute to read, two to push] */
export interface GitPatience {
  readonly gitTimeoutMs?: number;
}

const PUSH_MS = 120_000;
const READ_MS = 60_000;

/** Reads main unless the attempt was told that it landed. Neither step is cut short by a caller who leaves. */
export async function concludeByMain(
  attempt: LandingAttempt,
  { from, commit, main }: Landing,
  readMain: () => Promise<MainReading>,
): Promise<LandingAnswer> {
  if (attempt.kind === 'landed') return attempt;
  const read = await readMain();
  const { reason } = attempt;
  if (read.kind === 'unreadable')
    return { kind: 'in-doubt', reason: `${reason}; and ${main} cannot be read: ${read.reason}` };
  if (read.has) return { kind: 'landed' };
  if (read.at !== from) {
    const at = read.at === null ? 'not there any more' : `at ${short(read.at)}`;
    return { kind: 'base-moved', reason: `${main} is ${at}, and ${short(commit)} is to follow ${short(from)}` };
  }
  if (attempt.kind === 'unclear') return { kind: 'in-doubt', reason };
  return { kind: attempt.isPending === true ? 'ci-pending' : 'cannot-land', reason };
}

/** Main as the remote shows it to git; no ref of the mirror moves. */
export async function readMainByGit(
  mint: MintRemote,
  { git, main, commit, gitTimeoutMs: timeoutMs = READ_MS }: Landing,
): Promise<MainReading> {
  const remote = await mint();
  if (remote.kind === 'no-credential') return { kind: 'unreadable', reason: missing(remote) };
  const read = await whereMainIs({ repo: git, ...wayOf(remote), main, commit, timeoutMs });
  switch (read.kind) {
    case 'main':
      return read;
    case 'refused':
      return { kind: 'unreadable', reason: read.reason };
    case 'git-failed':
      return { kind: 'unreadable', reason: describeRemoteFailure(read, remote) };
    case 'crashed':
      return { kind: 'unreadable', reason: describeCrash(read) };
  }
}

/** One plain push of `<commit>:refs/heads/<main>`. */
export async function pushToMain(
  mint: MintRemote,
  { git, main, commit, gitTimeoutMs: timeoutMs = PUSH_MS }: Landing,
): Promise<LandingAttempt> {
  const remote = await mint();
  if (remote.kind === 'no-credential') return { kind: 'refused', reason: missing(remote) };
  const pushed = await landByPush({ repo: git, ...wayOf(remote), main, commit, timeoutMs });
  switch (pushed.kind) {
    case 'landed':
      return pushed;
    case 'not-fast-forward':
      return { kind: 'unclear', reason: pushed.reason };
    case 'refused': {
      const next = adviceOn(pushed.reason, remote);
      const words = next === null ? pushed.reason : `${next} (${pushed.reason})`;
      return { kind: 'refused', reason: `${main} was refused: ${words}` };
    }
    case 'git-failed':
      return { kind: 'unclear', reason: describeRemoteFailure(pushed, remote) };
    case 'crashed':
      return { kind: 'unclear', reason: describeCrash(pushed) };
  }
}

/** The whole landing for a forge that has nothing better than a push. */
export async function landByGit(mint: MintRemote, request: Landing): Promise<LandingAnswer> {
  const { git, from, commit } = request;
  const follows = await isAncestor({ repo: git, ancestor: from, of: commit });
  if (follows.kind === 'no') return { kind: 'base-moved', reason: `${short(commit)} does not contain ${short(from)}` };
  return concludeByMain(await pushToMain(mint, request), request, () => readMainByGit(mint, request));
}

type CandidateOrder = Pick<LandRequest, 'commit' | 'git' | 'signal'> & GitPatience;
export type CandidateAnswer = { readonly kind: 'done' } | { readonly kind: 'undone'; readonly reason: string };

/** Puts the tested commit at `refs/gatehouse/candidate/<commit>`; there already is `done`. */
export const showCandidate = (mint: MintRemote, order: CandidateOrder): Promise<CandidateAnswer> =>
  onCandidate(mint, order, pushCandidate);

/** Takes it away again; gone already is `done`. */
export const hideCandidate = (mint: MintRemote, order: CandidateOrder): Promise<CandidateAnswer> =>
  onCandidate(mint, order, deleteCandidate);

async function onCandidate(
  mint: MintRemote,
  { git, commit, signal, gitTimeoutMs: timeoutMs = PUSH_MS }: CandidateOrder,
  act: typeof pushCandidate | typeof deleteCandidate,
): Promise<CandidateAnswer> {
  const remote = await mint();
  if (remote.kind === 'no-credential') return { kind: 'undone', reason: missing(remote) };
  const answer = await act({ repo: git, ...wayOf(remote), commit, timeoutMs, signal });
  switch (answer.kind) {
    case 'pushed':
    case 'deleted':
      return { kind: 'done' };
    case 'refused':
      return { kind: 'undone', reason: answer.reason };
    case 'git-failed':
      return { kind: 'undone', reason: describeRemoteFailure(answer, remote) };
    case 'crashed':
      return { kind: 'undone', reason: describeCrash(answer) };
  }
}

const short = (sha: string): string => sha.slice(0, 12);
