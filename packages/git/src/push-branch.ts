/**
 * Moves or deletes a task's branch at the remote, and only that: a landing branch cannot be named here, and a moved
 * branch wins.
 */

import { failureKindOf, gitFailed } from './adapters/diagnosis.ts';
import { onDisk } from './adapters/disk.ts';
import { type Answered, callGit, DEADLINE } from './adapters/git-call.ts';
import { expectSha, isSha } from './object-name.ts';
import type { GitFailed, GitRepo, RefusedCall, RemoteOptions, Sha } from './outcome.ts';
import { isProtected } from './protected.ts';
import { validateRefName } from './ref-name.ts';
import { authorizationOf } from './remote-access.ts';
import { parseRemoteUrl, type Remote } from './remote-url.ts';

/** Request of `pushBranch`. */
export interface PushBranch extends RemoteOptions {
  readonly repo: GitRepo;
  readonly url: string;
  /** Short name of the task's branch. */
  readonly branch: string;
  readonly commit: Sha;
  /** Where the branch must still be at the remote; `null` when it must not exist yet. */
  readonly expected: Sha | null;
  /** Names refused besides `main`, `master` and the mirror's own landing branches. */
  readonly protectedNames?: readonly string[] | undefined;
}

/** `moved`: another push came first; `found` is where the branch is now, `null` when it is gone. */
export type Pushed = { readonly kind: 'pushed' } | { readonly kind: 'moved'; readonly found: Sha | null };

/** Pushes `commit` as `branch` with a lease on `expected`. A branch that is there already is `pushed`. */
export async function pushBranch(request: PushBranch): Promise<Pushed | RefusedCall | GitFailed> {
  expectSha(request.commit, 'commit');
  const moved = await move(request);
  return moved.kind === 'done' ? { kind: 'pushed' } : moved;
}

/** Request of `deleteBranch`. */
export interface DeleteBranch extends Omit<PushBranch, 'commit' | 'expected'> {
  /** Where the branch must still be at the remote. */
  readonly expected: Sha;
}

export type Deleted = { readonly kind: 'deleted' } | { readonly kind: 'moved'; readonly found: Sha | null };

/**
 * Deletes `branch` if, and only if, it is still at `expected`: one compare-and-swap. A branch that is gone is
 * `deleted`.
 */
export async function deleteBranch(request: DeleteBranch): Promise<Deleted | RefusedCall | GitFailed> {
  const moved = await move({ ...request, commit: null });
  return moved.kind === 'done' ? { kind: 'deleted' } : moved;
}

/** `commit` null deletes. */
type MoveRequest = Omit<PushBranch, 'commit'> & { readonly commit: Sha | null };
type MoveResult = { readonly kind: 'done' } | { readonly kind: 'moved'; readonly found: Sha | null };

async function move(request: MoveRequest): Promise<MoveResult | RefusedCall | GitFailed> {
  const { branch, commit, expected, repo, url } = request;
  const remote = parseRemoteUrl(url);
  if (remote.kind === 'refused') return remote;
  const name = validateRefName(branch);
  if (name.kind === 'invalid') return refused(name.reason);
  if (expected !== null) expectSha(expected, 'expected');
  const guarded = await onDisk('push', async () =>
    (await isProtected(repo, branch, request.protectedNames)) ? refused(`${branch} is protected`) : null,
  );
  if (guarded !== null) return guarded;
  const ref = `refs/heads/${branch}`;
  const pushed = await callGit(
    {
      op: 'push',
      gitDir: repo.gitDir,
      args: [
        'push',
        '--porcelain',
        '--no-verify',
        '--no-signed',
        '--no-follow-tags',
        '--recurse-submodules=no',
        `--force-with-lease=${ref}:${expected ?? ''}`,
        '--end-of-options',
        remote.url,
        `${commit ?? ''}:${ref}`,
      ],
      accept: [0, 1],
      protocol: remote.protocol,
      deadlineMs: DEADLINE.remote,
      ...authorizationOf(remote, request),
    },
    request,
  );
  if (pushed.kind === 'git-failed') return pushed;
  return pushed.code === 0 ? { kind: 'done' } : readRefusal(request, remote, pushed);
}

/** Lines are `<flag>\t<from>:<to>\t<summary> (<reason>)`. */
async function readRefusal(
  request: MoveRequest,
  remote: Remote,
  pushed: Answered,
): Promise<MoveResult | RefusedCall | GitFailed> {
  const line = pushed.text.split('\n').find((one) => one.startsWith('!\t')) ?? '';
  const trouble = failureKindOf(pushed.stderr);
  // A remote whose disk is full says so only in passing; that is no refusal of this commit.
  if (trouble === 'disk-full' || !line.includes('rejected]'))
    return gitFailed('push', trouble, { code: pushed.code, stderr: pushed.stderr || pushed.text });
  const asked = await callGit(
    {
      op: 'ask-remote',
      gitDir: request.repo.gitDir,
      args: ['ls-remote', '--quiet', '--refs', '--end-of-options', remote.url, `refs/heads/${request.branch}`],
      protocol: remote.protocol,
      deadlineMs: DEADLINE.remote,
      ...authorizationOf(remote, request),
    },
    request,
  );
  if (asked.kind === 'git-failed') return asked;
  const sha = asked.text.slice(0, 40);
  const found = isSha(sha) ? sha : null;
  if (found === request.commit) return { kind: 'done' };
  if (found !== request.expected) return { kind: 'moved', found };
  return refused(
    `the remote refused: ${(line.split('\t')[2] ?? '').slice(0, 300)} ${pushed.stderr.slice(0, 500)}`.trim(),
  );
}

const refused = (reason: string): RefusedCall => ({ kind: 'refused', reason });
