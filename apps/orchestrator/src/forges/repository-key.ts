/** One name for a repository, whatever url it is written as. */

/** `user@host:owner/name`, as git takes it beside urls. */
const SCP = /^(?:[^@/\s]+@)?([A-Za-z0-9.-]+):(?!\/\/)\/?(.+)$/;

/**
 * `host/owner/name` in lower case, without `.git`, user and port: https, ssh and the short form of one repository are the
 * same. Null: the text is none of them.
 */
export function repositoryKey(url: string): string | null {
  const [, scpHost, scpPath] = SCP.exec(url) ?? [];
  const parsed = scpHost === undefined && URL.canParse(url) ? new URL(url) : null;
  const host = scpHost ?? parsed?.hostname ?? '';
  const path = (scpPath ?? parsed?.pathname ?? '').replace(/^\/+|\/+$/g, '').replace(/\.git$/i, '');
  return host === '' || !path.includes('/') ? null : `${host}/${path}`.toLowerCase();
}
