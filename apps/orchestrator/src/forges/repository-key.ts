/** One name for a repository, whatever url it is written as. */
import { parseRemote, withFullName } from './address.ts';

/**
 * `host/owner/name` in lower case, without `.git` and port: https, ssh and the short form of one repository are the same.
 * Null: the text is none of them.
 */
export function repositoryKey(url: string): string | null {
  const remote = parseRemote(url);
  if (remote === null || !remote.path.includes('/')) return null;
  return `${remote.host.replace(/:\d+$/, '')}/${remote.path}`.toLowerCase();
}

/** Where a repository is that its forge calls `fullName`: `url` itself while that names it, in whatever letters. */
export function addressNow(url: string, fullName: string): string {
  const address = withFullName(url, fullName);
  return repositoryKey(address) === repositoryKey(url) ? url : address;
}
