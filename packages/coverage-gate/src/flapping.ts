/**
 * Two runs of one tree need not cover the same lines. A line that was covered in either run counts as covered; what
 * differs is remembered with the baseline, and counts as covered for as long as its file stays as it is.
 */
import { type Baseline, type FlappingLines, record } from './baseline-record.ts';
import { countLines, hasLine, type LineSet, uniteLines } from './readers/report-lines.ts';
import { uniteMeasured } from './unite-measurements.ts';
import type { FileCounts, LineCounts, Measured, PatchMap } from './verdict.ts';

const MAX_LINES_OF_FILE = 200;
const MAX_FILES = 2000;

/** The union of two measurements of one tree, and the lines that only one of them covers. */
export function uniteRuns(first: Measured, second: Measured): Measured {
  if (first.totalsOnly || second.totalsOnly) return uniteMeasured(first, [first, second]);
  const lines = new Map(first.lines ?? []);
  const flapping = new Map<string, number[]>();
  for (const [path, set] of second.lines ?? []) {
    const known = lines.get(path);
    lines.set(path, known === undefined ? set : uniteLines(known, set));
  }
  for (const path of lines.keys()) {
    const [one, two] = [first.lines?.get(path), second.lines?.get(path)];
    const differing = one === undefined || two === undefined ? [] : differences(one, two);
    if (differing.length > 0) flapping.set(path, differing);
  }
  const both = { ...first, ...better(first.byLabel, second.byLabel) };
  return withLines({ ...both, flapping: merged(first.flapping, record(flapping)) }, lines);
}

/** Of each label the run that covered more of it. */
function better(a: Measured['byLabel'], b: Measured['byLabel']): Pick<Measured, 'byLabel'> {
  if (a === undefined) return {};
  const best = Object.entries(a).map(([label, counts]): [string, LineCounts] => {
    const again = b !== undefined && Object.hasOwn(b, label) ? b[label] : undefined;
    return [label, again !== undefined && again.covered > counts.covered ? again : counts];
  });
  return { byLabel: record(new Map(best)) };
}

/** Lines that one of the sets covers and the other does not. */
function differences(a: LineSet, b: LineSet): number[] {
  const found: number[] = [];
  const words = Math.max(a.hit.length, b.hit.length);
  for (let word = 0; word < words && found.length < MAX_LINES_OF_FILE; word++) {
    const differing = (a.hit[word] ?? 0) ^ (b.hit[word] ?? 0);
    for (let bit = 0; differing !== 0 && bit < 32; bit++)
      if ((differing & (1 << bit)) !== 0) found.push(word * 32 + bit);
  }
  return found;
}

/** Lines known to flap, of files unchanged since the baseline, count as covered where the report has them. */
export function withKnownFlapping(
  measured: Measured,
  baseline: Baseline | null,
  sinceBaseline: PatchMap | null | undefined,
): Measured {
  if (measured.lines === undefined || baseline?.flapping === undefined || !sinceBaseline) return measured;
  const lines = new Map(measured.lines);
  const kept = new Map<string, readonly number[]>();
  for (const [path, flapping] of Object.entries(baseline.flapping)) {
    const set = lines.get(path);
    if (set === undefined || sinceBaseline.has(path)) continue;
    kept.set(path, flapping);
    lines.set(path, withHits(set, flapping));
  }
  return withLines({ ...measured, flapping: merged(measured.flapping, record(kept)) }, lines);
}

function withHits({ seen, hit }: LineSet, lines: readonly number[]): LineSet {
  const raised = { seen, hit: hit.slice() };
  for (const line of lines)
    if (hasLine(seen, line)) raised.hit[line >>> 5] = (raised.hit[line >>> 5] ?? 0) | (1 << (line & 31));
  return raised;
}

function withLines(measured: Measured, lines: ReadonlyMap<string, LineSet>): Measured {
  const files = new Map<string, FileCounts>();
  let covered = 0;
  let total = 0;
  for (const [path, set] of lines) {
    const counts = countLines(set);
    covered += counts.covered;
    total += counts.total;
    if (counts.total > 0) files.set(path, [counts.covered, counts.total]);
  }
  return { ...measured, covered, total, files: record(files), lines };
}

function merged(a: FlappingLines | undefined, b: FlappingLines): FlappingLines {
  const all = new Map(Object.entries(a ?? {}));
  for (const [path, lines] of Object.entries(b)) {
    const both = [...new Set([...(all.get(path) ?? []), ...lines])].sort((x, y) => x - y);
    if (all.has(path) || all.size < MAX_FILES) all.set(path, both.slice(0, MAX_LINES_OF_FILE));
  }
  return record(all);
}

/** How many lines are known to flap. */
export const countFlapping = (flapping: FlappingLines | undefined): number =>
  Object.values(flapping ?? {}).reduce((sum, lines) => sum + lines.length, 0);
