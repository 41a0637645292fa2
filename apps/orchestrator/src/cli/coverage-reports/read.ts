/** `gatehouse coverage read`: what the lines of a report say, independent of its summary. */
import { resolve } from 'node:path';
import { type ReadReport, readReport } from '@gatehouse/coverage-gate';
import { describeCrash } from '@gatehouse/verdict';
import { isMeantAsAddress } from '../../forges/address.ts';
import { type Answer, failure, type Terminal, usage } from '../answer.ts';
import type { PlaceOptions } from './placed-report.ts';

const HELP = 'gatehouse coverage read --help';

/** With `--repo` or `--commit` also what of it counts for a commit; git is loaded for that alone. */
export async function coverageRead(file: string, options: PlaceOptions, terminal: Terminal): Promise<Answer> {
  const report = await reportIn(file, terminal, HELP);
  if ('exit' in report) return report;
  const { format, covered, total, rejected, diagnostics } = report;
  const ppm = total === 0 ? null : Math.floor((covered * 1_000_000) / total);
  const json = { format, files: report.files.size, covered, total, ppm, rejected_records: rejected, diagnostics };
  const percent = ppm === null ? 'nothing measured' : `${(Math.floor(ppm / 100) / 100).toFixed(2)} %`;
  const text = [
    `${format}: ${covered} of ${total} lines in ${report.files.size} files (${percent})`,
    ...diagnostics,
  ].join('\n');
  if (total > 0 && (options.repo !== undefined || options.commit !== undefined)) {
    const { placedView } = await import('./placed-report.ts');
    const view = await placedView({ path: resolve(terminal.cwd, file), report }, options, terminal);
    if (view.kind === 'nowhere') return view.answer;
    return { exit: 0, json: { ...json, placed: view.json }, text: [text, ...view.text].join('\n') };
  }
  return total === 0 ? { ...failure(`${file}: the report measures no line`, HELP), json } : { exit: 0, json, text };
}

/** The report, or the answer that says why there is none. */
export async function reportIn(file: string, terminal: Terminal, help: string): Promise<ReadReport | Answer> {
  if (isMeantAsAddress(file)) return usage(`${file} is an address; download the report, and name the file`, help);
  const report = await readReport(resolve(terminal.cwd, file));
  if (report.kind === 'crashed') return failure(describeCrash(report));
  return report.kind === 'read' ? report : failure(`${file}: ${report.reason}`, help);
}

/** `3-4, 9`, and how many more where there are many. */
export function rangesInWords(ranges: readonly { readonly start: number; readonly end: number }[]): string {
  const shown = ranges.slice(0, SHOWN).map(({ start, end }) => (start === end ? `${start}` : `${start}-${end}`));
  const more = ranges.length > SHOWN ? [`${ranges.length - SHOWN} more`] : [];
  return [...shown, ...more].join(', ');
}

const SHOWN = 10;
