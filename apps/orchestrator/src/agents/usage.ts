/**
 * What an agent says it used: tokens and money, by a file or by its last line. It is read like everything else that an agent
 * leaves: bounded, through no link, and a value that cannot be meant is refused in words and counts as not reported.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { readInside } from '../platform/clone-files.ts';
import { lastWrittenMs } from '../platform/files.ts';
import { parseJson } from '../platform/json.ts';
import { microsOf } from '../policy/budget.ts';

/** File name among the reports of a run; GATEHOUSE_USAGE is its path. */
export const USAGE = 'usage.json';
/** What the last line of standard output begins with where it is the report. */
const LINE = 'gatehouse-usage: ';
const LIMIT = 4096;

export type AgentUsage =
  /** Null: not reported. */
  | { readonly kind: 'reported'; readonly tokens: number | null; readonly costMicros: number | null }
  | { readonly kind: 'not-reported' }
  | { readonly kind: 'refused'; readonly reason: string };

const report = z.object({
  tokens: z
    .number('must be a number')
    .int('must be whole')
    .min(0, 'must not be negative')
    .max(1e12, 'is too large to be meant')
    .optional(),
  cost_usd: z.number('must be a number').min(0, 'must not be negative').max(1e6, 'is too large to be meant').optional(),
});

/** Other keys than the two are of no interest. Total; what is refused is not quoted. */
export function parseUsage(text: string): AgentUsage {
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refused('it is not a JSON object');
  const read = report.safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    return refused(`${issue?.path.join('.') || 'it'} ${issue?.message ?? 'cannot be read'}`);
  }
  const { tokens = null, cost_usd: cost } = read.data;
  if (tokens === null && cost === undefined) return refused('it has neither tokens nor cost_usd');
  return { kind: 'reported', tokens, costMicros: cost === undefined ? null : microsOf(cost) };
}

const refused = (reason: string): AgentUsage => ({ kind: 'refused', reason });

/** The file wins over the last line. `said` is the end of the standard output. */
export async function readUsage(reportsDir: string, said: string): Promise<AgentUsage> {
  const file = await readInside(reportsDir, USAGE, LIMIT);
  // One that was made for an agent in a world of its own, which could not make it there.
  const isUnused = file.kind === 'bytes' && file.bytes.length === 0;
  if (file.kind === 'bytes' && !isUnused) return parseUsage(file.bytes.toString('utf8'));
  if (file.kind === 'odd') return refused(`the file is not read: ${file.reason}`);
  const last = said.slice(-LIMIT).trimEnd().split('\n').at(-1) ?? '';
  return last.startsWith(LINE) ? parseUsage(last.slice(LINE.length)) : { kind: 'not-reported' };
}

/** The same of a run that nobody saw end, with the last time it wrote something; null: it wrote nothing. */
export async function readLeftUsage(
  reportsDir: string,
): Promise<{ readonly usage: AgentUsage; readonly lastSignMs: number | null }> {
  const signs = [await lastWrittenMs(join(reportsDir, 'agent.log')), await lastWrittenMs(join(reportsDir, USAGE))];
  const known = signs.filter((one) => one !== null);
  return { usage: await readUsage(reportsDir, ''), lastSignMs: known.length === 0 ? null : Math.max(...known) };
}
