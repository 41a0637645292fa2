/** A vulnerability in the OSV format → what an audit needs of it. */
import { isMap, text } from '../lock/locked-package.ts';
import type { Severity } from '../verdict.ts';
import { cvssSeverity } from './cvss.ts';

/** One record. */
export interface OsvRecord {
  readonly id: string;
  readonly aliases: readonly string[];
  readonly severity: Severity;
  readonly title: string;
  readonly url: string;
  readonly isWithdrawn: boolean;
}

const WORDS: { readonly [word: string]: Severity } = {
  LOW: 'low',
  MODERATE: 'moderate',
  MEDIUM: 'moderate',
  HIGH: 'high',
  CRITICAL: 'critical',
};

/** Null for a value that is no record. A malicious package is always critical; its records name no severity. */
export function readOsvRecord(value: unknown): OsvRecord | null {
  if (!isMap(value) || text(value['id']) === '') return null;
  const id = text(value['id']);
  const names = Array.isArray(value['aliases']) ? value['aliases'].map(text).filter(Boolean) : [];
  const title = text(value['summary']) || (text(value['details']).split('\n', 1)[0] ?? '').slice(0, 200);
  return {
    id,
    aliases: names,
    severity: id.startsWith('MAL-') ? 'critical' : severityOf(value),
    title,
    url: `https://osv.dev/vulnerability/${encodeURIComponent(id)}`,
    isWithdrawn: text(value['withdrawn']) !== '',
  };
}

/** The source's own word, else the CVSS vector of version 3. */
function severityOf(value: { readonly [key: string]: unknown }): Severity {
  const specific = value['database_specific'];
  const word = isMap(specific) ? WORDS[text(specific['severity']).toUpperCase()] : undefined;
  if (word !== undefined) return word;
  const scores = Array.isArray(value['severity']) ? value['severity'].filter(isMap) : [];
  for (const { type, score } of scores) if (type === 'CVSS_V3') return cvssSeverity(text(score));
  return 'unknown';
}
