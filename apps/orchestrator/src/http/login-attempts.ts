/** Slows the guessing of tokens: after some wrong ones an address waits longer and longer, and no other address does. */

/** Wrong tokens before an address has to wait, and the longest wait. */
const [FREE, LONGEST_MS] = [5, 60_000];
/** So many addresses are remembered, the last that failed. */
const REMEMBERED = 10_000;

export interface LoginAttempts {
  /** How long the address has to wait before it may try; 0: it may now. */
  waitMs(address: string): number;
  failed(address: string): void;
  succeeded(address: string): void;
}

export function createLoginAttempts(now: () => number): LoginAttempts {
  const known = new Map<string, { readonly count: number; readonly atMs: number }>();
  const pauseMs = (count: number): number => (count < FREE ? 0 : Math.min(LONGEST_MS, 1000 * 2 ** (count - FREE)));
  return {
    waitMs(address) {
      const { count = 0, atMs = 0 } = known.get(address) ?? {};
      return Math.max(0, atMs + pauseMs(count) - now());
    },
    failed(address) {
      const count = (known.get(address)?.count ?? 0) + 1;
      known.delete(address);
      known.set(address, { count, atMs: now() });
      const [eldest] = known.keys();
      if (known.size > REMEMBERED && eldest !== undefined) known.delete(eldest);
    },
    succeeded(address) {
      known.delete(address);
    },
  };
}
