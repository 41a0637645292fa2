/** The base score of a CVSS 3 vector (CVSS v3.1 specification, section 7.1 and 7.4) as a word. */
import type { Severity } from '../verdict.ts';

const VALUES: { readonly [metric: string]: { readonly [value: string]: number } } = {
  AV: { N: 0.85, A: 0.62, L: 0.55, P: 0.2 },
  AC: { L: 0.77, H: 0.44 },
  UI: { N: 0.85, R: 0.62 },
  C: { H: 0.56, L: 0.22, N: 0 },
  I: { H: 0.56, L: 0.22, N: 0 },
  A: { H: 0.56, L: 0.22, N: 0 },
};
const PRIVILEGES: { readonly [value: string]: readonly [unchanged: number, changed: number] } = {
  N: [0.85, 0.85],
  L: [0.62, 0.68],
  H: [0.27, 0.5],
};

/** `unknown` for a vector that is none. A score of 0 is low. */
export function cvssSeverity(vector: string): Severity {
  const metrics = new Map(vector.split('/').map((part) => part.split(':', 2) as [string, string]));
  const scope = metrics.get('S');
  const privileges = PRIVILEGES[metrics.get('PR') ?? ''];
  const of = (metric: string): number => VALUES[metric]?.[metrics.get(metric) ?? ''] ?? Number.NaN;
  if ((scope !== 'U' && scope !== 'C') || privileges === undefined) return 'unknown';
  const isChanged = scope === 'C';
  const lost = 1 - (1 - of('C')) * (1 - of('I')) * (1 - of('A'));
  const impact = isChanged ? 7.52 * (lost - 0.029) - 3.25 * (lost - 0.02) ** 15 : 6.42 * lost;
  const exploitability = 8.22 * of('AV') * of('AC') * of('UI') * privileges[isChanged ? 1 : 0];
  if (Number.isNaN(impact + exploitability)) return 'unknown';
  const sum = (impact + exploitability) * (isChanged ? 1.08 : 1);
  const score = impact <= 0 ? 0 : Math.ceil(Math.min(sum, 10) * 10 - 1e-9) / 10;
  return score >= 9 ? 'critical' : score >= 7 ? 'high' : score >= 4 ? 'moderate' : 'low';
}
