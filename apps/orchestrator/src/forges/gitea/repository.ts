/** Which repository answers at an address of a Gitea: its own number stays when it is renamed or transferred. */
import type { RepositoryAnswer } from '../people.ts';
import { pathBelow } from '../redirection.ts';
import { addressNow } from '../repository-key.ts';
import { type GiteaClient, type Replied, whyNot } from './client.ts';
import { branchPath } from './required-checks.ts';
import { BRANCH, type GiteaRepository, REPOSITORY } from './shapes.ts';

interface Asked {
  readonly url: string;
  readonly main: string;
  readonly signal: AbortSignal | undefined;
}

export async function repositoryNow(gitea: GiteaClient, { url, main, signal }: Asked): Promise<RepositoryAnswer> {
  const found = await follow(gitea, signal);
  if (found.kind === 'refused' && (found.status === 403 || found.status === 404))
    return { kind: 'hidden', reason: whyNot(found) };
  if (found.kind !== 'ok') return { kind: 'unreachable', reason: whyNot(found) };
  const { id, full_name: fullName, archived, default_branch: defaultBranch, has_pull_requests } = found.value;
  const branch = await gitea.call({
    method: 'GET',
    path: `/repos/${fullName.split('/').map(encodeURIComponent).join('/')}/${branchPath(main)}`,
    reads: BRANCH,
    signal,
  });
  if (branch.kind !== 'ok' && !(branch.kind === 'refused' && branch.status === 404))
    return { kind: 'unreachable', reason: whyNot(branch) };
  return {
    kind: 'repository',
    id: String(id),
    address: addressNow(url, fullName),
    isArchived: archived,
    hasMain: branch.kind === 'ok',
    defaultBranch,
    hasPullRequests: has_pull_requests,
  };
}

/** One redirection, and only to the API of this very Gitea: the token goes nowhere else. */
async function follow(gitea: GiteaClient, signal: AbortSignal | undefined): Promise<Replied<GiteaRepository>> {
  const first = await gitea.call({ method: 'GET', path: '', reads: REPOSITORY, signal });
  if (first.kind !== 'refused' || first.location === undefined) return first;
  const path = pathBelow(gitea.root, first.location);
  return path === null ? first : gitea.call({ method: 'GET', path, reads: REPOSITORY, signal });
}
