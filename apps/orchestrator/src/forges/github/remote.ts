/** The way of git to a GitHub: a token as it stands, or one of the App's installation, made anew for each hour. */
import type { ForgeAccess } from '../choose.ts';
import type { MintRemote } from '../git-remote.ts';
import { basicAuthorization, remoteOf } from '../remote-of.ts';
import type { GithubApi } from './api.ts';
import { readAppCredential } from './app-credential.ts';

export function githubRemote(access: ForgeAccess, api: GithubApi): MintRemote {
  const { credential = null, credentials, url } = access;
  const value = credential === null ? '' : (credentials.get(credential)?.token ?? '');
  // Over ssh git has a key of its own, whatever the API is called with.
  if (credential === null || !/^https?:/.test(url) || readAppCredential(value) === null) return remoteOf(access);
  return async () => {
    const minted = await api.token();
    return minted.kind === 'token'
      ? { kind: 'remote', url, credential, authorization: basicAuthorization(minted.token) }
      : { kind: 'no-credential', name: credential, because: minted.reason };
  };
}
