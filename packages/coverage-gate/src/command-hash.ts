import { createHash } from 'node:crypto';
import { invariant } from '@gatehouse/verdict';
import type { CoveragePolicy } from './verdict.ts';

/** Names what produced a measurement: numbers of another command, setup or report are not compared with it. Hex SHA-256. */
export function commandHash({ setup, command, report }: Pick<CoveragePolicy, 'setup' | 'command' | 'report'>): string {
  invariant(typeof command === 'string' && typeof report === 'string', 'a policy names a command and a report');
  return createHash('sha256')
    .update(JSON.stringify([setup ?? null, command, report]))
    .digest('hex');
}
