/** How the address that a service listens on is written by those who ask there. */
import { isIPv6 } from 'node:net';

/** An address to listen on as it stands in a URL and in the header Host: that of IPv6 in brackets, and spelled as everybody does. */
export function nameInUrl(host: string): string {
  const url = `http://${isIPv6(host) ? `[${host}]` : host}/`;
  return URL.canParse(url) ? new URL(url).hostname : host.toLowerCase();
}

/** What a client on this machine asks at: where the service listens on every address, the loopback. */
export const ownAddress = (host: string, port: number): string =>
  `http://${['0.0.0.0', '::', ''].includes(host) ? '127.0.0.1' : nameInUrl(host)}:${port}`;
