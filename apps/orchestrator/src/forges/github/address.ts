/** Where the API of a repository's GitHub is. */
import { parseRemote } from '../address.ts';

export interface GithubAddress {
  /** Without a slash at its end. */
  readonly api: string;
  /** The repository's page. */
  readonly web: string;
  readonly owner: string;
  readonly name: string;
}

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

/**
 * github.com has its API on a host of its own, every other GitHub below `/api/v3`. Null: the url is no `owner/name`, or its
 * token would travel in the clear: plain http is for loopback alone.
 */
export function githubAddress(url: string): GithubAddress | null {
  const remote = parseRemote(url);
  const [owner = '', name = '', ...rest] = remote?.path.split('/') ?? [];
  if (remote === null || owner === '' || name === '' || rest.length > 0) return null;
  if (remote.scheme === 'http' && !LOOPBACK.test(remote.host)) return null;
  const host = remote.scheme === 'ssh' ? remote.host.replace(/:\d+$/, '') : remote.host;
  if (/^(www\.|ssh\.)?github\.com$/.test(host))
    return { api: 'https://api.github.com', web: `https://github.com/${owner}/${name}`, owner, name };
  const root = `${remote.scheme === 'http' ? 'http' : 'https'}://${host}`;
  return { api: `${root}/api/v3`, web: `${root}/${owner}/${name}`, owner, name };
}
