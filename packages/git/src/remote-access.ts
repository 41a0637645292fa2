/** How a request proves itself to an HTTP remote without a secret in an argument list. */
import type { RemoteOptions } from './outcome.ts';
import type { Remote } from './remote-url.ts';

/** The environment that carries the header for this url alone; empty when there is nothing to carry. */
export function authorizationOf(
  remote: Remote,
  options: RemoteOptions,
): { readonly env?: Readonly<Record<string, string>> } {
  const { authorization } = options;
  if (authorization === undefined || !remote.protocol.startsWith('http')) return {};
  const header = `Authorization: ${authorization.replace(/[\r\n\0]/g, '')}`;
  return {
    env: {
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: `http.${remote.url}.extraHeader`,
      GIT_CONFIG_VALUE_0: header,
    },
  };
}
