/** Where the API of a repository is, from the url that it is cloned by. */
import { parseRemote } from '../address.ts';

export interface ApiAddress {
  /** `https://host[/sub/path]/api/v1`, without a slash at its end. */
  readonly api: string;
  /** Of the repository, for people. */
  readonly page: string;
  readonly owner: string;
  readonly name: string;
}

/** Null: the url names no owner and repository. Over ssh the API is looked for at https of the same host. */
export function apiAddress(url: string): ApiAddress | null {
  const remote = parseRemote(url);
  const parts = remote?.path.split('/') ?? [];
  const [owner, name] = parts.slice(-2);
  if (remote === null || owner === undefined || name === undefined || owner === '' || name === '') return null;
  const host =
    remote.scheme === 'ssh' ? `https://${remote.host.replace(/:\d+$/, '')}` : `${remote.scheme}://${remote.host}`;
  const root = [host, ...parts.slice(0, -2)].join('/');
  return { api: `${root}/api/v1`, page: `${root}/${owner}/${name}`, owner, name };
}
