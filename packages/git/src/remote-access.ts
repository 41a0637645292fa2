/**
 * How a request reaches and proves itself to a remote: what git is told in its environment for this one call. No secret stands
 * in an argument list or in a configuration, and what git says afterwards is searched for it (withheld.ts).
 */

import type { RefusedCall, RemoteOptions } from './outcome.ts';
import { parseRemoteUrl, type Remote } from './remote-url.ts';
import { sshCommand } from './ssh-command.ts';
import { secretsOf } from './withheld.ts';

/** The part of a git call that belongs to its remote. */
export interface RemoteCall {
  /** The one transport that git may speak. */
  readonly protocol: string;
  readonly env: Readonly<Record<string, string>>;
  /** Texts that no answer of the call may hold. */
  readonly withheld: readonly string[];
}

/** A remote that may be reached, and how. */
export interface Reached extends Remote {
  readonly call: RemoteCall;
}

/** Judges the url and what is to prove the call. */
export function reachRemote(url: unknown, options: RemoteOptions): Reached | RefusedCall {
  const remote = parseRemoteUrl(url);
  if (remote.kind === 'refused') return remote;
  const { protocol } = remote;
  const withheld = secretsOf(options);
  if (protocol === 'ssh' && options.ssh !== undefined) {
    const command = sshCommand(options.ssh);
    if (command.kind === 'refused') return command;
    return { ...remote, call: { protocol, env: { GIT_SSH_COMMAND: command.line, GIT_SSH_VARIANT: 'ssh' }, withheld } };
  }
  const env = protocol === 'https' || protocol === 'http' ? authorization(remote, options) : {};
  return { ...remote, call: { protocol, env, withheld } };
}

/** The header is bound to this url; redirects are not followed, so that no other host ever sees it. */
function authorization({ url }: Remote, options: RemoteOptions): Readonly<Record<string, string>> {
  if (options.authorization === undefined) return {};
  const header = `Authorization: ${options.authorization.replace(/[\r\n\0]/g, '')}`;
  return { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: `http.${url}.extraHeader`, GIT_CONFIG_VALUE_0: header };
}
