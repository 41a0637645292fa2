/** One fetch from a remote into a mirror. A fetch that runs into another one is repeated. */
import { callGit, DEADLINE } from './adapters/git-call.ts';
import type { GitFailed, GitRepo, RemoteOptions } from './outcome.ts';
import type { Reached } from './remote-access.ts';

/** Request of `fetchRefs`. */
export interface FetchRefs extends RemoteOptions {
  readonly repo: GitRepo;
  readonly remote: Reached;
  readonly refspecs: readonly string[];
  /** Remove what the refspecs match here and not there. */
  readonly prune: boolean;
}

const ATTEMPTS = 3;

/** `null` when everything arrived. A fetch that fails changes no ref. */
export async function fetchRefs(request: FetchRefs): Promise<GitFailed | null> {
  for (let tries = 1; ; tries += 1) {
    const failed = await fetchOnce(request);
    if (failed === null || failed.trouble !== 'locked' || tries === ATTEMPTS) return failed;
  }
}

async function fetchOnce(request: FetchRefs): Promise<GitFailed | null> {
  const { repo, remote, refspecs, prune } = request;
  const fetched = await callGit(
    {
      op: 'fetch',
      gitDir: repo.gitDir,
      args: [
        'fetch',
        '--quiet',
        ...(prune ? ['--prune'] : []),
        '--no-tags',
        '--no-write-fetch-head',
        '--no-recurse-submodules',
        '--no-auto-maintenance',
        '--stdin',
        '--end-of-options',
        remote.url,
      ],
      stdin: `${refspecs.join('\n')}\n`,
      ...remote.call,
      deadlineMs: DEADLINE.remote,
    },
    request,
  );
  return fetched.kind === 'git-failed' ? fetched : null;
}
