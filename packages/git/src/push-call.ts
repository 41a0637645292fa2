/** One push, as every push of this package is: no hook, no signature, no tag, no submodule, and one answer per ref. */
import { type Answered, callGit, DEADLINE } from './adapters/git-call.ts';
import type { CallOptions, GitFailed, GitRepo } from './outcome.ts';
import type { Reached } from './remote-access.ts';

/** Request of `callPush`. */
export interface PushCall extends CallOptions {
  readonly repo: GitRepo;
  readonly remote: Reached;
  /** `<commit>:<ref>` or `:<ref>`. Never with `+`. */
  readonly refspec: string;
  /** `<ref>:<where it must be>`; absent: git's own rule, which takes a fast-forward alone. */
  readonly lease?: string;
}

/** Code 0: done. Code 1: refused, and the text says why: see `rejectionIn`. */
export function callPush(request: PushCall): Promise<Answered | GitFailed> {
  const { repo, remote, refspec, lease } = request;
  return callGit(
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
        ...(lease === undefined ? [] : [`--force-with-lease=${lease}`]),
        '--end-of-options',
        remote.url,
        refspec,
      ],
      accept: [0, 1],
      ...remote.call,
      deadlineMs: DEADLINE.remote,
    },
    request,
  );
}

/** The summary of the ref that was not moved, for example `[rejected] (fetch first)`; empty when there is none. */
export function rejectionIn({ text }: Answered): string {
  // Lines are `<flag>\t<from>:<to>\t<summary> (<reason>)`.
  const line = text.split('\n').find((one) => one.startsWith('!\t')) ?? '';
  return line.split('\t')[2] ?? '';
}
