/** How often each fault and each path of interest came up. A table in which something is zero proves less than it says. */

export type Tally = Map<string, number>;

export function count(tally: Tally, what: string, times = 1): void {
  tally.set(what, (tally.get(what) ?? 0) + times);
}

export function addTally(sum: Tally, more: Iterable<readonly [string, number]>): void {
  for (const [what, times] of more) count(sum, what, times);
}
