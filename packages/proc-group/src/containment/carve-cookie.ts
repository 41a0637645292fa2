/**
 * The mark that every descendant of a run carries: an interval written into RLIMIT_LOCKS. Linux has ignored that limit
 * since 2.4.25, fork and exec inherit it, `env -i` and setsid do not touch it, and only CAP_SYS_RESOURCE may raise it.
 * Soft limit and hard limit are the two ends. A run inside a run carves a smaller interval out of the one it carries,
 * so the outer run still recognises every process of the inner one, and not the other way round.
 */

import type { LockLimit } from '../adapters/procfs.ts';
import { randomBytes } from '../adapters/random.ts';

export interface Cookie {
  readonly low: bigint;
  readonly high: bigint;
}

/** Some shells read limits as signed 64-bit numbers. */
const HIGHEST: bigint = 2n ** 62n;
/** Two independent runs at depth 0 overlap with probability 2^-21 and are still distinguished unless both nest. */
const WIDTHS: readonly bigint[] = [2n ** 40n, 2n ** 26n, 2n ** 14n, 2n ** 4n];
/** How many times wider the surrounding interval must be, so that siblings fit in at random. */
const SPACING = 256n;
const ATTEMPTS = 64;

/** An interval strictly inside `around`, disjoint from `taken`; null if we are nested too deep for another. */
export function carveCookie(
  around: LockLimit,
  taken: Iterable<Cookie>,
  random: () => bigint = random64,
): Cookie | null {
  const from = around.soft > HIGHEST ? 2n ** 20n : around.soft + 1n;
  const to = around.hard > HIGHEST ? HIGHEST : around.hard - 1n;
  const width = WIDTHS.find((wide) => wide * SPACING <= to - from);
  if (width === undefined) return null;
  const others = [...taken];
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const low = from + (random() % (to - from - width));
    const cookie = { low, high: low + width };
    if (others.every((other) => other.high < cookie.low || cookie.high < other.low)) return cookie;
  }
  return null;
}

/**
 * True if a process with these limits belongs to the run: it carries the mark, a narrower one, or lowered half of it.
 */
export const carries = (limit: LockLimit, { low, high }: Cookie): boolean =>
  (limit.soft >= low && limit.hard <= high) || limit.hard === high;

const random64 = (): bigint => randomBytes(8).readBigUInt64LE();
