/**
 * What `repo add` may name: a bare repository of this machine, or an address and the name of a credential. Which forge serves an
 * address is chosen here, once, and kept. No answer repeats a secret that somebody put into an address.
 */
import { isAbsolute } from 'node:path';
import type { Credentials } from '../platform/credentials.ts';
import { closestMatch } from '../platform/did-you-mean.ts';
import { isBelow, parseRemote, type RemoteAddress } from './address.ts';

export interface Registration {
  readonly path?: string | undefined;
  readonly url?: string | undefined;
  /** The kind that serves it; absent: chosen by the address. */
  readonly forge?: 'local' | 'git' | 'gitea' | 'github' | undefined;
  /** Name of the credential, in any case. */
  readonly credential?: string | undefined;
}

export type JudgedRegistration =
  | { readonly kind: 'address'; readonly forge: string; readonly url: string; readonly credential: string | null }
  | { readonly kind: 'refused'; readonly reason: string; readonly next: string };

/** What of the settings decides. */
interface Known {
  readonly credentials: Credentials;
  readonly forges: { readonly giteaUrl: string; readonly githubUrl: string };
}

/** Pure: nothing is reached. */
export function judgeRegistration(wanted: Registration, known: Known): JudgedRegistration {
  const { path, url } = wanted;
  if (path !== undefined && url === undefined) return judgePath(path, wanted);
  if (url === undefined || path !== undefined)
    return refused(
      'a repository is a path of this machine or an address, one of the two',
      'pass --path DIR or an address',
    );
  const remote = judgeUrl(url, known.forges.giteaUrl);
  if (remote.kind === 'refused') return remote;
  if (wanted.forge === 'local') return refused('the forge local is a path of this machine', 'pass --path DIR');
  const found = forgeOfUrl(url, known.forges);
  const forge = wanted.forge ?? found;
  // Only below the address of the settings: a token goes to no other host by itself.
  const ownName = found === forge && known.credentials.has(found) ? found : null;
  const name = wanted.credential?.toLowerCase() ?? ownName;
  return judgeCredential(name, remote.remote, known.credentials) ?? { kind: 'address', forge, url, credential: name };
}

/** Below the addresses of the settings; else plain git. */
export function forgeOfUrl(url: string, { giteaUrl, githubUrl }: Known['forges']): string {
  if (isBelow(url, giteaUrl)) return 'gitea';
  return isBelow(url, githubUrl) ? 'github' : 'git';
}

function judgePath(path: string, { forge = 'local', credential }: Registration): JudgedRegistration {
  if (forge !== 'local')
    return refused(`the forge ${forge} is reached by an address`, 'pass https://… or git@… in place of --path');
  if (credential !== undefined) return refused('a path of this machine needs no credential', 'leave --credential away');
  if (!isAbsolute(path)) return refused('the path of a local repository must be absolute', 'pass --path /…');
  return { kind: 'address', forge, url: path, credential: null };
}

type JudgedUrl =
  | { readonly kind: 'remote'; readonly remote: RemoteAddress }
  | Extract<JudgedRegistration, { readonly kind: 'refused' }>;

function judgeUrl(url: string, giteaUrl: string): JudgedUrl {
  const forms = 'write https://host/owner/name, ssh://git@host/owner/name or git@host:owner/name';
  if (holdsSecret(url))
    return refused(
      'an address holds no user with a password and no token: it is shown to everybody',
      'put it into ORCH_CREDENTIAL_<NAME> and pass --credential NAME; what stood in the address should be replaced',
    );
  const remote = /\s/.test(url) ? null : parseRemote(url);
  if (remote === null || remote.path === '') return refused('that is no address of a repository', forms);
  if (/[?#]/.test(url)) return refused('an address of a repository has no ? and no #', forms);
  if (remote.scheme === 'http' && !isLoopback(remote.host) && !isBelow(url, giteaUrl))
    return refused('over http everybody on the way reads the credential and changes what is fetched', 'use https');
  return { kind: 'remote', remote };
}

/** A user over https is a token as a rule. */
function holdsSecret(url: string): boolean {
  if (!URL.canParse(url)) return /^\w+:\/\/[^/]*@/.test(url);
  const { protocol, username, password, searchParams } = new URL(url);
  const isWeb = protocol === 'http:' || protocol === 'https:';
  return password !== '' || (isWeb && (username !== '' || [...searchParams].length > 0));
}

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/.test(host);

/** Null: it is there and has what this remote needs, or none is named. */
function judgeCredential(
  name: string | null,
  { scheme }: RemoteAddress,
  credentials: Credentials,
): Extract<JudgedRegistration, { readonly kind: 'refused' }> | null {
  if (name === null) return null;
  const values = credentials.get(name);
  const names = [...credentials.keys()].sort();
  const variable = `ORCH_CREDENTIAL_${name.toUpperCase()}`;
  if (values === undefined)
    return names.length === 0
      ? refused(
          `no credential is set at all, and none is called ${JSON.stringify(name)}`,
          `set ${variable} and start the service again`,
        )
      : refused(
          `no credential is called ${JSON.stringify(name)}; there are: ${names.join(', ')}`,
          `did you mean ${closestMatch(name, names)}?`,
        );
  if (scheme === 'ssh' ? values.sshKey !== '' : values.token !== '') return null;
  return scheme === 'ssh'
    ? refused(
        `the credential ${name} has no private key`,
        `set ${variable}_SSH_KEY to the path of one and start the service again`,
      )
    : refused(`the credential ${name} has no token`, `set ${variable} and start the service again`);
}

const refused = (reason: string, next: string): Extract<JudgedRegistration, { readonly kind: 'refused' }> => ({
  kind: 'refused',
  reason,
  next,
});
