/**
 * How much the coverage of one commit differs from run to run, and the tolerance that this asks for: twice the amplitude, since a
 * mark may have been set at the top of it and be measured at the bottom.
 */
import type { LineRange } from '@gatehouse/git';
import { invariant } from '@gatehouse/verdict';
import { ranges } from './compare-reports.ts';
import { MILLION } from './percent.ts';
import { uniteLines } from './readers/report-lines.ts';
import type { LineCounts, Measured } from './verdict.ts';

/** What several runs of one commit say of each other. */
export interface Calibration {
  /** The run with the lowest share. */
  readonly low: LineCounts;
  /** The run with the highest share. */
  readonly high: LineCounts;
  /** The difference of their shares in parts per million, rounded up. */
  readonly amplitudePpm: number;
  /** The tolerance to set: twice the amplitude, rounded up to hundredths of a per cent. */
  readonly epsilonPpm: number;
  /** Lines that some runs covered and others did not, by path. */
  readonly flapping: readonly (LineRange & {
    /** Relative to the root of the commit. */
    readonly path: string;
  })[];
}

const HUNDREDTH = 100;

/** See `calibrateEpsilon` in index.ts. */
export function calibrateEpsilon(runs: readonly Measured[]): Calibration {
  const [first, ...others] = runs;
  invariant(first !== undefined && runs.every(({ total }) => total > 0), 'at least one run that measured something');
  let [low, high] = [first, first];
  for (const run of others) {
    if (isLess(run, low)) low = run;
    if (isLess(high, run)) high = run;
  }
  const amplitudePpm = amplitude(low, high);
  return {
    low: counts(low),
    high: counts(high),
    amplitudePpm,
    epsilonPpm: Math.ceil((2 * amplitudePpm) / HUNDREDTH) * HUNDREDTH,
    flapping: flappingLines(runs),
  };
}

const counts = ({ covered, total }: LineCounts): LineCounts => ({ covered, total });

const isLess = (a: LineCounts, b: LineCounts): boolean =>
  BigInt(a.covered) * BigInt(b.total) < BigInt(b.covered) * BigInt(a.total);

function amplitude(low: LineCounts, high: LineCounts): number {
  const difference = BigInt(high.covered) * BigInt(low.total) - BigInt(low.covered) * BigInt(high.total);
  const whole = BigInt(high.total) * BigInt(low.total);
  return Number((difference * BigInt(MILLION) + whole - 1n) / whole);
}

function flappingLines(runs: readonly Measured[]): (LineRange & { path: string })[] {
  const paths = new Set(runs.flatMap(({ lines }) => [...(lines?.keys() ?? [])]));
  return [...paths].sort().flatMap((path) => {
    const sets = runs.map(({ lines }) => lines?.get(path));
    const all = sets.reduce((one, other) => (one && other ? uniteLines(one, other) : (one ?? other)), undefined);
    const differing = sets.flatMap((set) => ranges(all, set));
    return mergeRanges(differing).map((range) => ({ path, ...range }));
  });
}

function mergeRanges(found: readonly LineRange[]): LineRange[] {
  const merged: LineRange[] = [];
  for (const range of [...found].sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last === undefined || range.start > last.end + 1) merged.push(range);
    else merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, range.end) };
  }
  return merged;
}
