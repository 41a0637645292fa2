/** Where a remote is, as people write it: `https://host/owner/name`, `ssh://git@host/owner/name`, `git@host:owner/name`. */

export interface RemoteAddress {
  readonly scheme: 'https' | 'http' | 'ssh';
  /** In lower case, with its port where the address names one. */
  readonly host: string;
  /** Without the first slash and without `.git` and slashes at its end. */
  readonly path: string;
}

const SCP = /^[\w.-]+@([\w.-]+):(.+)$/;

/** Whether somebody who wrote this meant an address, however wrong it is, and no path. */
export const isMeantAsAddress = (text: string): boolean => text.includes('://') || /^[^/]+@[^/]+:/.test(text);

/** The first that was meant as an address where a path of this machine is asked for; null: none is. */
export const addressAsPath = (...paths: readonly (string | undefined)[]): string | null =>
  paths.find((path) => path !== undefined && isMeantAsAddress(path)) ?? null;

/** Null: a path of this machine, or nothing that can be reached. */
export function parseRemote(url: string): RemoteAddress | null {
  const scp = url.includes('://') ? null : SCP.exec(url);
  if (scp !== null) return { scheme: 'ssh', host: (scp[1] ?? '').toLowerCase(), path: plainPath(scp[2] ?? '') };
  const scheme = /^(https|http|ssh):\/\//.exec(url)?.[1];
  if (scheme === undefined || !URL.canParse(url)) return null;
  const { host, pathname } = new URL(url);
  return { scheme: scheme as RemoteAddress['scheme'], host: host.toLowerCase(), path: plainPath(pathname) };
}

/** Whether `url` is below `base`, an address of a forge; over ssh the host alone is compared, without its port. */
export function isBelow(url: string, base: string): boolean {
  const [remote, root] = [parseRemote(url), parseRemote(base)];
  if (remote === null || root === null || remote.path === '') return false;
  if (remote.scheme === 'ssh') return withoutPort(remote.host) === withoutPort(root.host);
  const isInside = root.path === '' || remote.path.startsWith(`${root.path}/`);
  return remote.scheme === root.scheme && remote.host === root.host && isInside;
}

const plainPath = (path: string): string =>
  path
    .replace(/^\/+/, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '');
const withoutPort = (host: string): string => host.replace(/:\d+$/, '');

/** The same address with another `owner/name`: scheme, host and whatever stands before them stay. */
export function withFullName(url: string, fullName: string): string {
  const end = /[^/:]+\/[^/]+?(\.git)?\/*$/.exec(url);
  return end === null ? url : `${url.slice(0, end.index)}${fullName}${end[1] ?? ''}`;
}
