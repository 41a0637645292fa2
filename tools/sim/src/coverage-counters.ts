/** How often each fault and each path of interest came up. A table in which something is zero proves less than it says. */

export type CoverageCounters = Map<string, number>;

export function count(counters: CoverageCounters, what: string, times = 1): void {
  counters.set(what, (counters.get(what) ?? 0) + times);
}

export function addCounters(sum: CoverageCounters, more: Iterable<readonly [string, number]>): void {
  for (const [what, times] of more) count(sum, what, times);
}
