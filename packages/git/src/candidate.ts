/**
 * A tested commit that no branch may hold (a fork's, a protected one's) is shown to the remote under a name of its own, so that
 * the checks there have a commit to run on.
 */
import { moveRef } from './move-ref.ts';
import { expectSha } from './object-name.ts';
import type { GitFailed, GitRepo, RefusedCall, RemoteOptions, Sha } from './outcome.ts';
import { reachRemote } from './remote-access.ts';

/** Request of `pushCandidate` and `deleteCandidate`. */
export interface Candidate extends RemoteOptions {
  /** The mirror that has the commit. */
  readonly repo: GitRepo;
  /** The remote: an https or ssh address, or an absolute path. */
  readonly url: string;
  /** The tested commit that is shown at the remote. */
  readonly commit: Sha;
}

/** The full name under which a commit is shown. */
const refOf = (commit: Sha): string => `refs/gatehouse/candidate/${commit}`;

/** Pushes `commit` as `refs/gatehouse/candidate/<commit>`. One that is there already is `pushed`. */
export async function pushCandidate(
  request: Candidate,
): Promise<{ readonly kind: 'pushed' } | RefusedCall | GitFailed> {
  const moved = await moveTo(request, request.commit, null);
  return moved.kind === 'done' ? { kind: 'pushed' } : moved;
}

/** Deletes it. One that is gone is `deleted`. */
export async function deleteCandidate(
  request: Candidate,
): Promise<{ readonly kind: 'deleted' } | RefusedCall | GitFailed> {
  const moved = await moveTo(request, null, request.commit);
  return moved.kind === 'done' ? { kind: 'deleted' } : moved;
}

async function moveTo(request: Candidate, commit: Sha | null, expected: Sha | null) {
  expectSha(request.commit, 'commit');
  const remote = reachRemote(request.url, request);
  if (remote.kind === 'refused') return remote;
  const ref = refOf(request.commit);
  const moved = await moveRef({ ...request, remote, ref, commit, expected });
  if (moved.kind !== 'moved') return moved;
  const refused: RefusedCall = { kind: 'refused', reason: `${ref} holds another commit at the remote` };
  return refused;
}
