/** The way to a repository's remote with the credential that it names: looked up at each call, so that a changed one is used. */
import { parseRemote } from './address.ts';
import type { ForgeAccess } from './choose.ts';
import type { MintRemote } from './git-remote.ts';

/**
 * A token is the password of an https remote: `user:password` as it stands, else with a user that Gitea, GitHub and GitLab take
 * for any token. An ssh remote takes the private key. What the credential lacks is said at the call.
 */
export function remoteOf({ url, credential = null, credentials }: Omit<ForgeAccess, 'forge'>): MintRemote {
  const isSsh = parseRemote(url)?.scheme === 'ssh';
  return async () => {
    if (credential === null) return { kind: 'remote', url };
    const values = credentials.get(credential);
    if (values === undefined) return { kind: 'no-credential', name: credential };
    if (isSsh) {
      const { sshKey, knownHosts = '' } = values;
      if (sshKey === '') return { kind: 'no-credential', name: credential, lacks: 'private key' };
      const known = knownHosts === '' ? {} : { knownHostsFile: knownHosts };
      return { kind: 'remote', url, credential, ssh: { keyFile: sshKey, ...known } };
    }
    if (values.token === '') return { kind: 'no-credential', name: credential, lacks: 'token' };
    return { kind: 'remote', url, credential, authorization: basicAuthorization(values.token) };
  };
}

/** What git sends for a token. */
export function basicAuthorization(token: string): string {
  const pair = token.includes(':') ? token : `x-access-token:${token}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}
