/** Which repository answers at an address of a GitHub: its own number stays when it is renamed or transferred. */
import type { RepositoryAnswer } from '../people.ts';
import { pathBelow } from '../redirection.ts';
import { addressNow } from '../repository-key.ts';
import type { GithubApi } from './api.ts';
import { type Asked, inPath, read } from './call.ts';
import { REF, REPOSITORY } from './shapes.ts';

interface Place {
  readonly url: string;
  readonly main: string;
  readonly signal: AbortSignal | undefined;
}

export async function repositoryNow(api: GithubApi, { url, main, signal }: Place): Promise<RepositoryAnswer> {
  const found = read(await follow(api, signal), REPOSITORY);
  if (found.kind === 'refused' && found.status === 404) return { kind: 'hidden', reason: found.reason };
  if (found.kind !== 'read') return { kind: 'unreachable', reason: found.reason };
  const { id, full_name: fullName, archived, default_branch: defaultBranch } = found.value;
  const path = `//repos/${fullName}/git/ref/heads/${inPath(main)}`;
  const branch = read(await api.ask({ method: 'GET', path, signal }), REF);
  if (branch.kind !== 'read' && !(branch.kind === 'refused' && branch.status === 404))
    return { kind: 'unreachable', reason: branch.reason };
  return {
    kind: 'repository',
    id: String(id),
    address: addressNow(url, fullName),
    isArchived: archived,
    hasMain: branch.kind === 'read',
    defaultBranch,
    hasPullRequests: true,
  };
}

/** One redirection, and only to the API of this very GitHub: the token goes nowhere else. It names the repository by its number. */
async function follow(api: GithubApi, signal: AbortSignal | undefined): Promise<Asked> {
  const first = await api.ask({ method: 'GET', path: '', signal });
  if (first.kind !== 'refused' || first.location === undefined) return first;
  const path = pathBelow(api.root, first.location);
  return path === null ? first : api.ask({ method: 'GET', path: `/${path}`, signal });
}
