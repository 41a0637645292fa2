/**
 * Lands on a branch of a remote by a plain push: the server takes a fast-forward or nothing, in one step. No `+` and no lease:
 * on a branch without protection a lease that holds would force. What the answer says is a hint; the branch itself decides.
 */
import { failureKindOf, gitFailed } from './adapters/diagnosis.ts';
import { callGit, DEADLINE } from './adapters/git-call.ts';
import { expectSha } from './object-name.ts';
import type { GitFailed, GitRepo, RefusedCall, RemoteOptions, Sha } from './outcome.ts';
import { callPush, rejectionIn } from './push-call.ts';
import { validateRefName } from './ref-name.ts';
import { type Reached, reachRemote } from './remote-access.ts';
import { askForRef } from './remote-ref.ts';
import { isAncestor } from './resolve.ts';

/** Request of `landByPush` and `whereMainIs`. */
export interface LandByPush extends RemoteOptions {
  /** The mirror that has the commit. */
  readonly repo: GitRepo;
  /** The remote: an https or ssh address, or an absolute path. */
  readonly url: string;
  /** Short name of the branch that is landed on. */
  readonly main: string;
  /** The tested commit that is to land. */
  readonly commit: Sha;
}

/** `landed`: the remote says so. `not-fast-forward`: the branch has what the commit has not. */
export type LandedByPush =
  | { readonly kind: 'landed' }
  | {
      readonly kind: 'not-fast-forward';
      /** What the remote said. */
      readonly reason: string;
    };

/**
 * Pushes `<commit>:refs/heads/<main>`. `refused` is a protection, a hook or a missing right, in the remote's own words;
 * `git-failed` says nothing about what the remote did. After anything but `landed` the caller reads the branch.
 */
export async function landByPush(request: LandByPush): Promise<LandedByPush | RefusedCall | GitFailed> {
  const judged = judge(request);
  if (judged.kind === 'refused') return judged;
  const pushed = await callPush({ ...request, remote: judged, refspec: `${request.commit}:${judged.ref}` });
  if (pushed.kind === 'git-failed') {
    const { stderr } = pushed;
    return NO_RIGHT.test(stderr) ? { kind: 'refused', reason: wordsOf('the push was not allowed', stderr) } : pushed;
  }
  if (pushed.code === 0) return { kind: 'landed' };
  const rejection = rejectionIn(pushed);
  const reason = wordsOf(rejection, pushed.stderr);
  if (isStale(rejection, pushed.stderr)) return { kind: 'not-fast-forward', reason };
  const trouble = failureKindOf(pushed.stderr);
  const isRefusal = rejection.includes('rejected]') && trouble !== 'disk-full' && !PASSING.test(rejection);
  if (isRefusal || NO_RIGHT.test(pushed.stderr)) return { kind: 'refused', reason };
  return gitFailed('push', trouble, { code: pushed.code, stderr: pushed.stderr || pushed.text });
}

/** `has`: the branch holds the commit. `at` null: there is no such branch. */
export interface MainAt {
  readonly kind: 'main';
  /** Where the branch is at the remote. */
  readonly at: Sha | null;
  /** Whether the branch holds the commit. */
  readonly has: boolean;
}

/** Reads the branch at the remote; brings its commits, but moves no ref here. */
export async function whereMainIs(request: LandByPush): Promise<MainAt | RefusedCall | GitFailed> {
  const judged = judge(request);
  if (judged.kind === 'refused') return judged;
  const asked = await askForRef(judged, judged.ref, request);
  if (asked.kind === 'git-failed') return asked;
  const at = asked.sha;
  if (at === null || at === request.commit) return { kind: 'main', at, has: at !== null };
  const brought = await callGit(
    {
      op: 'fetch',
      gitDir: request.repo.gitDir,
      args: [...BRING, '--end-of-options', judged.url, judged.ref],
      ...judged.call,
      deadlineMs: DEADLINE.remote,
    },
    request,
  );
  if (brought.kind === 'git-failed') return brought;
  const holds = await isAncestor({ ...request, ancestor: request.commit, of: at });
  return holds.kind === 'git-failed' ? holds : { kind: 'main', at, has: holds.kind === 'yes' };
}

const BRING = [
  'fetch',
  '--quiet',
  '--no-tags',
  '--no-write-fetch-head',
  '--no-recurse-submodules',
  '--no-auto-maintenance',
];

function judge({ url, main, commit, ...options }: LandByPush): (Reached & { readonly ref: string }) | RefusedCall {
  const remote = reachRemote(url, options);
  if (remote.kind === 'refused') return remote;
  const name = validateRefName(main);
  if (name.kind === 'invalid') return { kind: 'refused', reason: name.reason };
  expectSha(commit, 'commit');
  return { ...remote, ref: `refs/heads/${main}` };
}

/** Two pushes at once: the slower one finds the branch elsewhere, and the server says so in one of these ways. */
const isStale = (rejection: string, stderr: string): boolean =>
  /\((?:fetch first|non-fast-forward|stale info|incorrect old value provided)\)/.test(rejection) ||
  /cannot lock ref .*is at [0-9a-f]+ but expected/.test(stderr);

/** What a server says when it met trouble of its own. */
const PASSING =
  /failed to update ref|unpacker error|unpack failed|missing necessary objects|transaction|internal|time-?out|lock|try again/i;

const NO_RIGHT =
  /returned error: 40[13]\b|Authentication failed|could not read (?:Username|Password)|Permission denied \((?:publickey|password|keyboard)|Permission to \S+ denied|not allowed to push|Write access/;

/** The rejection, and what the remote's own hooks said of it. */
function wordsOf(rejection: string, stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) =>
      line
        .replace(/^(?:remote: )?(?:error:|fatal:)?/, '')
        .replace(/^remote:/, '')
        .trim(),
    )
    .filter((line) => line !== '' && !/^(?:hint:|failed to push some refs)/.test(line));
  return [rejection, ...lines]
    .filter((part) => part !== '')
    .join(': ')
    .slice(0, 800);
}
