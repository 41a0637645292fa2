import { createHash } from 'node:crypto';
import { invariant } from '@gatehouse/verdict';
import type { CoveragePolicy } from './verdict.ts';

type Measuring = Pick<CoveragePolicy, 'setup' | 'command' | 'report' | 'parts'>;

/** Names what produced a measurement: numbers of another command, setup or report are not compared with it. Hex SHA-256. */
export function commandHash({ setup, command, report, parts = [] }: Measuring): string {
  const isReport = typeof report === 'string' || Array.isArray(report);
  invariant(typeof command === 'string' && isReport, 'a policy names a command and a report');
  const others = parts.length === 0 ? [] : [parts.map((part) => [part.command, part.report])];
  return createHash('sha256')
    .update(JSON.stringify([setup ?? null, command, report, ...others]))
    .digest('hex');
}
