/**
 * Slows whoever shows wrong tokens or signatures: after some of them their address waits longer and longer, and no other address
 * does. A right one is let through at once whatever came before it, so nobody can lock others out who share the address; what keeps
 * guesses out is the length of a token (docs/security.md).
 */
import { isIPv6 } from 'node:net';
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';

/** Wrong ones before an address has to wait, the longest wait, and the silence after which all is forgotten. */
const [FREE, LONGEST_MS, FORGOTTEN_MS] = [5, 60_000, 600_000];
/** So many addresses are remembered, the last that failed. */
export const REMEMBERED = 10_000;

export interface WrongTokens {
  /** Takes note of a wrong one. How many seconds the address has to wait already; 0: it did not have to. */
  noted(c: Context): number;
}

interface WrongParts {
  readonly now: () => number;
  /** An address has to wait from now on, as it did not before. */
  readonly onWait?: (address: string) => void;
}

export function createWrongTokens({ now, onWait }: WrongParts): WrongTokens {
  const known = new Map<string, { readonly count: number; readonly atMs: number }>();
  return {
    noted(c) {
      const address = addressOf(c);
      const last = known.get(address);
      const { count, atMs } = last === undefined || now() - last.atMs > FORGOTTEN_MS ? { count: 0, atMs: 0 } : last;
      const waitMs = atMs + pauseMs(count) - now();
      if (waitMs > 0) return Math.ceil(waitMs / 1000);
      known.delete(address);
      known.set(address, { count: count + 1, atMs: now() });
      const [eldest] = known.keys();
      if (known.size > REMEMBERED && eldest !== undefined) known.delete(eldest);
      if (count + 1 === FREE) onWait?.(address);
      return 0;
    },
  };
}

const pauseMs = (count: number): number => (count < FREE ? 0 : Math.min(LONGEST_MS, 1000 * 2 ** (count - FREE)));

/** Who connected; a proxy counts as one. Of IPv6 the network, which one sender has as a whole. */
export function addressOf(c: Context): string {
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>;
  const address = (incoming?.socket.remoteAddress ?? '').replace(/^::ffff:(?=[\d.]+$)/i, '');
  return isIPv6(address) ? networkOf(address) : address;
}

function networkOf(address: string): string {
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  return `${[...before, ...Array.from({ length: zeros }, () => '0'), ...after].slice(0, 4).join(':')}::/64`;
}
