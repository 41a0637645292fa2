/** One name for a repository, whatever url it is written as. */
import { parseRemote } from './address.ts';

/**
 * `host/owner/name` in lower case, without `.git` and port: https, ssh and the short form of one repository are the same.
 * Null: the text is none of them.
 */
export function repositoryKey(url: string): string | null {
  const remote = parseRemote(url);
  if (remote === null || !remote.path.includes('/')) return null;
  return `${remote.host.replace(/:\d+$/, '')}/${remote.path}`.toLowerCase();
}
