/** What a person calls a verdict, where its status alone would say more than was found out. Pure. */

interface Told {
  readonly status: string;
  readonly reason: string;
  readonly warnings: readonly string[];
}

/** The status, or: `overridden` of a check that a person let pass, `unknown` of a pass of a gate that is open for what it cannot measure. */
export function verdictWord({ status, reason, warnings }: Told): string {
  if (status === 'skip' && reason.startsWith('overridden by ')) return 'overridden';
  if (status === 'pass' && warnings.some((warning) => warning.startsWith('coverage_unknown:'))) return 'unknown';
  return status;
}
