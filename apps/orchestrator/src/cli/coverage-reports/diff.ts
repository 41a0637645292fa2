/** `gatehouse coverage diff`: what two reports of the same sources say differently. */
import { compareReports, type FileComparison, formatShare, type LineCounts } from '@gatehouse/coverage-gate';
import { describeCrash } from '@gatehouse/verdict';
import { type Answer, failure, type Terminal, table } from '../answer.ts';
import { rangesInWords, reportIn } from './read.ts';

const HELP = 'gatehouse coverage diff --help';
const SHOWN = 100;

export async function coverageDiff(older: string, newer: string, terminal: Terminal): Promise<Answer> {
  const before = await reportIn(older, terminal, HELP);
  if ('exit' in before) return before;
  const after = await reportIn(newer, terminal, HELP);
  if ('exit' in after) return after;
  const compared = compareReports(before, after);
  if ('kind' in compared) return failure(describeCrash(compared));
  const { files } = compared;
  const json = {
    before: compared.before,
    after: compared.after,
    totals_only: before.totalsOnly || after.totalsOnly,
    files: files.map(({ path, lost, won, missing, ...counts }) => ({ path, ...counts, lost, won, missing })),
  };
  const head = `${formatShare(compared.before)} -> ${formatShare(compared.after)}`;
  if (files.length === 0) return { exit: 0, json, text: `${head}: no line differs` };
  const rows = files.slice(0, SHOWN).map(rowOf);
  const rest = files.length > SHOWN ? [`${files.length - SHOWN} more files differ; --json names them all`] : [];
  const listed = table(['file', 'before', 'after', 'covered no more', 'covered now', 'new, not covered'], rows);
  return { exit: 0, json, text: [head, listed, ...rest] };
}

const rowOf = ({ path, before, after, lost, won, missing }: FileComparison): string[] => [
  path,
  share(before),
  share(after),
  rangesInWords(lost),
  rangesInWords(won),
  rangesInWords(missing),
];

const share = (counts: LineCounts | null): string => (counts === null ? '-' : `${counts.covered}/${counts.total}`);
