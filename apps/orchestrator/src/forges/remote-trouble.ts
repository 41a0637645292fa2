/** Why a remote could not be used, with the next step where git's own words name none. */
import type { GitFailed } from '@gatehouse/git';
import { describeGitFailure } from '../platform/describe-git-failure.ts';
import { parseRemote } from './address.ts';

export interface UsedRemote {
  readonly url: string;
  /** Name of the credential; absent: none was used. */
  readonly credential?: string | undefined;
}

/** First match wins. */
const SIGNS: readonly (readonly [
  RegExp,
  (of: { readonly host: string; readonly who: string; readonly isNamed: boolean }) => string,
])[] = [
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED|Host key for .* has changed/,
    ({ host }) =>
      `${host} shows another host key than the one that is known; ask who runs it, and only if the change is meant, replace the old key in the known_hosts file`,
  ],
  [
    /Host key verification failed|No \S+ host key is known/,
    ({ host }) =>
      `the host key of ${host} is not known; compare what \`ssh-keyscan ${host}\` prints with what its owner publishes, then put it into ~/.ssh/known_hosts of this user`,
  ],
  [
    /Load key .*:|Identity file .* not accessible|UNPROTECTED PRIVATE KEY FILE/,
    ({ who }) =>
      `the private key of ${who} cannot be used; it is a file without a passphrase that this user alone can read (chmod 600)`,
  ],
  [
    /Permission denied \((?:publickey|password|keyboard)/,
    ({ host, who }) => `${host} does not take the key of ${who}; add its public half there`,
  ],
  [
    /server certificate verification failed|SSL certificate problem|certificate verify failed|certificate is not trusted/i,
    ({ host }) =>
      `no authority that is known here signed the certificate of ${host}; name the file of yours in NODE_EXTRA_CA_CERTS and start the service again`,
  ],
  [
    /could not read (?:Username|Password)|Authentication failed|returned error: 40[13]\b/,
    ({ host, who, isNamed }) =>
      isNamed
        ? `${host} does not let ${who} in; look whether it may read and push here, and has not expired`
        : `${host} lets nobody in without a credential; start the service with ORCH_GITEA_URL and ORCH_GITEA_TOKEN or with ORCH_GITHUB_TOKEN, or set ORCH_CREDENTIAL_NAME to a token of another host and say --credential NAME`,
  ],
  [
    /unable to update url base from redirection|returned error: 30\d\b/,
    ({ host }) => `${host} answers with another address, which is not followed; use the address it names`,
  ],
];

/** What a person does about these words of git or of the host; null: they have to do. */
export function adviceOn(words: string, { url, credential }: UsedRemote): string | null {
  const host = parseRemote(url)?.host;
  if (host === undefined) return null;
  const isNamed = credential !== undefined;
  const who = isNamed ? `the credential ${credential}` : 'a caller without a credential';
  return SIGNS.find(([sign]) => sign.test(words))?.[1]({ host, who, isNamed }) ?? null;
}

/** What to do about it, where there is advice, and git's own first words. */
export function describeRemoteFailure(failed: GitFailed, used: UsedRemote): string {
  const said = describeGitFailure(failed);
  const next = adviceOn(failed.stderr, used);
  return next === null ? said : `${next} (${said})`;
}
