/** How the placing of a report's names is counted and said: in the verdict, in findings, in the share that a policy bears. */
import type { Finding } from '@gatehouse/verdict';
import { MILLION } from '../percent.ts';
import type { StaleFile } from './line-limits.ts';

/** Names and what they would measure. */
export interface NameCount {
  /** Names of the report. */
  readonly files: number;
  /** Lines that it measures under them. */
  readonly lines: number;
  /** The first few, each with the files that it fits. */
  readonly examples: readonly string[];
}

/** What became of the names of a report. */
export interface Placing {
  /** Files of the commit that lines count for. */
  readonly placed: Omit<NameCount, 'examples'>;
  /** Names of this project that fit no file of the commit, or several: their lines count nowhere. */
  readonly unplaced: NameCount;
  /** Names outside the checkout, of other repositories, and of files that git ignores: their lines count nowhere. */
  readonly foreign: NameCount;
  /** Lines that the file of the commit does not have. */
  readonly rejectedLines: number;
  /** Files that the report knows in another version. */
  readonly stale: readonly StaleFile[];
  /** Files with several names and different lines, which are a union; the first few. */
  readonly united: readonly string[];
}

/** So many names are repeated. */
export const MAX_EXAMPLES = 10;
/** The share of lines that may be unplaced, in parts per million, where no policy says. */
export const MAX_UNPLACED_PPM = 10_000;

/** Lines that belong to this project and to no certain line of the commit, and all that do or may. */
export function uncertainLines({ placed, unplaced, stale }: Placing): { readonly lines: number; readonly of: number } {
  const lines = unplaced.lines + staleLines(stale);
  return { lines, of: placed.lines + lines };
}

/** Whether more of the report is uncertain than the policy bears. */
export function isTooUncertain(placing: Placing, maxPpm: number): boolean {
  const { lines, of } = uncertainLines(placing);
  return lines * MILLION > maxPpm * of;
}

/** `3 names unplaced (300 lines), 1 name foreign (20 lines; /opt/x.js (outside the checkout))`; empty when every name has its file. */
export function placingWords({ unplaced, foreign, stale }: Placing): string {
  const parts: string[] = [];
  if (unplaced.files > 0)
    parts.push(`${counted(unplaced.files, 'name')} unplaced (${counted(unplaced.lines, 'line')})`);
  if (foreign.files > 0)
    parts.push(`${counted(foreign.files, 'name')} foreign (${counted(foreign.lines, 'line')}; ${foreign.examples[0]})`);
  if (stale.length > 0) parts.push(`${counted(stale.length, 'file')} stale (${counted(staleLines(stale), 'line')})`);
  return parts.join(', ');
}

/** The same with the names, one line each; empty when every name has its file. */
export function placingNotes(placing: Placing): readonly string[] {
  const { unplaced, foreign, stale, united } = placing;
  const notes: string[] = [];
  if (unplaced.files > 0)
    notes.push(`${counted(unplaced.files, 'name')} unplaced (${counted(unplaced.lines, 'line')}): ${listed(unplaced)}`);
  if (foreign.files > 0)
    notes.push(`${counted(foreign.files, 'name')} foreign (${counted(foreign.lines, 'line')}): ${listed(foreign)}`);
  for (const { path, lines, length } of stale.slice(0, MAX_EXAMPLES))
    notes.push(`${path} stale: ${counted(lines, 'line')} behind its last line ${length}`);
  for (const path of united) notes.push(`${path} united: it has several names with different lines`);
  return notes;
}

/** What the owner of the coverage command can act on. */
export function placingFindings({ unplaced, stale }: Placing): readonly Finding[] {
  const found: Finding[] = stale.slice(0, MAX_EXAMPLES).map(({ path, lines, length }) => ({
    rule: 'coverage/report_stale',
    message: `The report is about another version of this file: ${counted(lines, 'measured line')} behind line ${length}, its last, do not count.`,
    path,
  }));
  if (unplaced.files === 0) return found;
  const message = `${counted(unplaced.files, 'name')} of the report (${counted(unplaced.lines, 'line')}) cannot be placed and counts nowhere: ${listed(unplaced)}. If they are files of this repository, coverage.path_map says where.`;
  return [{ rule: 'coverage/unplaced', message }, ...found];
}

/** Examples of names, and how many more there are. */
export function listed({ files, examples }: NameCount): string {
  const more = files - examples.length;
  return examples.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

const staleLines = (stale: readonly StaleFile[]): number => stale.reduce((sum, { lines }) => sum + lines, 0);
const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
