/** What is known of the health of a main, and how it is put. */

/** One thing that stands on main, for which no branch is blamed. */
export interface HealthFinding {
  /** The same for the same secret or vulnerability, wherever main is. */
  readonly id: string;
  readonly kind: 'secret' | 'vulnerability';
  /** Masked, for a person. */
  readonly text: string;
  /** The commit at which it was found first. */
  readonly since: string;
  /** Absent: one. An audit lists only so many. */
  readonly count?: number | undefined;
}

export interface MainHealth {
  readonly commit: string;
  readonly atMs: number;
  /** Of everything that an audit depends on besides the commit. */
  readonly digest: string;
  readonly findings: readonly HealthFinding[];
  /** What could not be looked at, in words; what was known of it before stays among the findings. */
  readonly unknown: readonly string[];
}

/** `2 secrets and 1 known vulnerability`; empty where there is nothing. */
export function inWords(findings: readonly Pick<HealthFinding, 'kind' | 'count'>[]): string {
  const words = {
    secret: ['secret', 'secrets'],
    vulnerability: ['known vulnerability', 'known vulnerabilities'],
  } as const;
  const counts = (['secret', 'vulnerability'] as const).map((kind) => {
    const count = findings.reduce((sum, one) => sum + (one.kind === kind ? (one.count ?? 1) : 0), 0);
    return count === 0 ? '' : `${count} ${words[kind][count === 1 ? 0 : 1]}`;
  });
  return counts.filter((text) => text !== '').join(' and ');
}
