/**
 * Several measurements of one commit as one: a line is measurable when any of them says so, and covered when any of them ran it. So
 * the shards of a suite add up to it, and suites of several languages stand beside each other.
 */
import { createHash } from 'node:crypto';
import { record } from './baseline-record.ts';
import { MAX_EXAMPLES, type NameCount, type Placing } from './placing/placing-words.ts';
import { countLines, type LineSet, uniteLines } from './readers/report-lines.ts';
import type { FileCounts, LineCounts, Measured, MeasuredOutcome, MeasureEvidence } from './verdict.ts';

/** One of several measurements of a commit. */
export interface CoveragePart {
  /** What messages call it. */
  readonly label: string;
  /** As of the policy. */
  readonly command: string;
  /** As of the policy. */
  readonly report: string | readonly string[];
}

/** Of the same commit; one of totals only makes the whole one of totals only. */
export function uniteMeasurements(first: MeasuredOutcome, others: readonly MeasuredOutcome[]): MeasuredOutcome {
  if (others.length === 0) return first;
  const all = [first, ...others];
  const measured = uniteMeasured(
    first.measured,
    all.map((one) => one.measured),
  );
  return { kind: 'measured', measured, evidence: uniteEvidence(measured, all) };
}

/** What each label covers; measurements of one label are a union. */
export function countByLabel(
  all: readonly { readonly label: string; readonly measured: Measured }[],
): Readonly<Record<string, LineCounts>> {
  const labels = new Map<string, LineCounts>();
  for (const label of new Set(all.map((one) => one.label))) {
    const [first, ...others] = all.filter((one) => one.label === label).map(({ measured }) => measured);
    if (first === undefined || label === '') continue;
    const { covered, total } = uniteMeasured(first, [first, ...others]);
    labels.set(label, { covered, total });
  }
  return record(labels);
}

/** Of the same commit; flapping lines stay those of the first. */
export function uniteMeasured(first: Measured, all: readonly Measured[]): Measured {
  const lines = new Map<string, LineSet>();
  for (const one of all) {
    for (const [path, set] of one.lines ?? countedOnly(one)) {
      const known = lines.get(path);
      lines.set(path, known === undefined ? set : uniteLines(known, set));
    }
  }
  let covered = 0;
  let total = 0;
  const files = new Map<string, FileCounts>();
  for (const [path, set] of lines) {
    const counts = countLines(set);
    covered += counts.covered;
    total += counts.total;
    if (counts.total > 0) files.set(path, [counts.covered, counts.total]);
  }
  const hash = createHash('sha256').update(all.map(({ reportSha256 }) => reportSha256).join('\n'));
  const { lines: _, ...rest } = first;
  const united = { ...rest, covered, total, files: record(files), reportSha256: hash.digest('hex') };
  return all.some(({ totalsOnly }) => totalsOnly) ? { ...united, totalsOnly: true } : { ...united, lines };
}

function countedOnly({ files }: Measured): [string, LineSet][] {
  const none = new Uint32Array(0);
  return Object.entries(files).map(([path, counted]) => [path, { seen: none, hit: none, counted }]);
}

function uniteEvidence(measured: Measured, all: readonly MeasuredOutcome[]): MeasureEvidence {
  const parts = all.map(({ evidence }) => evidence);
  const placings = parts.flatMap(({ placing }) => placing ?? []);
  return {
    ...(parts[0] as MeasureEvidence),
    ...(placings.length === 0 ? {} : { placing: unitePlacings(measured, placings) }),
    reportPath: parts.map(({ reportPath }) => reportPath).join(', '),
    runs: [...new Set(parts.flatMap(({ runs }) => runs))],
    findings: parts.flatMap(({ findings }) => findings),
    diagnostics: all.flatMap(({ measured: one, evidence }) => [
      `${evidence.reportPath}: ${one.format}, ${one.covered} of ${one.total} lines in ${Object.keys(one.files).length} files`,
      ...evidence.diagnostics.map((line) => `${evidence.reportPath}: ${line}`),
    ]),
    dropped: {
      files: parts.reduce((sum, { dropped }) => sum + dropped.files, 0),
      examples: parts.flatMap(({ dropped }) => dropped.examples).slice(0, 10),
    },
  };
}

/** What counts is counted anew; what does not is a sum, since no union of it is known. */
function unitePlacings({ files, total }: Measured, all: readonly Placing[]): Placing {
  const sum = (counts: readonly NameCount[]): NameCount => ({
    files: counts.reduce((most, one) => most + one.files, 0),
    lines: counts.reduce((most, one) => most + one.lines, 0),
    examples: [...new Set(counts.flatMap(({ examples }) => examples))].slice(0, MAX_EXAMPLES),
  });
  return {
    placed: { files: Object.keys(files).length, lines: total },
    unplaced: sum(all.map(({ unplaced }) => unplaced)),
    foreign: sum(all.map(({ foreign }) => foreign)),
    rejectedLines: all.reduce((most, { rejectedLines }) => most + rejectedLines, 0),
    stale: all.flatMap(({ stale }) => stale),
    united: [...new Set(all.flatMap(({ united }) => united))].slice(0, MAX_EXAMPLES),
  };
}
