/** Moves or deletes one ref of ours at the remote, by a lease on where it was: another push always wins. */
import { failureKindOf, gitFailed } from './adapters/diagnosis.ts';
import type { Answered } from './adapters/git-call.ts';
import type { GitFailed, GitRepo, RefusedCall, RemoteOptions, Sha } from './outcome.ts';
import { callPush, rejectionIn } from './push-call.ts';
import type { Reached } from './remote-access.ts';
import { askForRef } from './remote-ref.ts';

/** Request of `moveRef`. `commit` null deletes; `expected` null: it must not exist yet. */
export interface MoveRef extends RemoteOptions {
  readonly repo: GitRepo;
  readonly remote: Reached;
  /** Full name; judged by the caller. */
  readonly ref: string;
  readonly commit: Sha | null;
  readonly expected: Sha | null;
}

/** `moved`: it was not where it was expected; `found` null: it is gone. */
export type MovedRef = { readonly kind: 'done' } | { readonly kind: 'moved'; readonly found: Sha | null };

/** A ref that is there already, or gone already, is `done`. */
export async function moveRef(request: MoveRef): Promise<MovedRef | RefusedCall | GitFailed> {
  const { ref, commit, expected } = request;
  const lease = `${ref}:${expected ?? ''}`;
  const pushed = await callPush({ ...request, lease, refspec: `${commit ?? ''}:${ref}` });
  if (pushed.kind === 'git-failed') return pushed;
  return pushed.code === 0 ? { kind: 'done' } : readRefusal(request, pushed);
}

async function readRefusal(request: MoveRef, pushed: Answered): Promise<MovedRef | RefusedCall | GitFailed> {
  const rejection = rejectionIn(pushed);
  const trouble = failureKindOf(pushed.stderr);
  // A remote whose disk is full says so only in passing; that is no refusal of this commit.
  if (trouble === 'disk-full' || !rejection.includes('rejected]'))
    return gitFailed('push', trouble, { code: pushed.code, stderr: pushed.stderr || pushed.text });
  const asked = await askForRef(request.remote, request.ref, request);
  if (asked.kind === 'git-failed') return asked;
  if (asked.sha === request.commit) return { kind: 'done' };
  if (asked.sha !== request.expected) return { kind: 'moved', found: asked.sha };
  const reason = `the remote refused: ${rejection.slice(0, 300)} ${pushed.stderr.slice(0, 500)}`.trim();
  return { kind: 'refused', reason };
}
