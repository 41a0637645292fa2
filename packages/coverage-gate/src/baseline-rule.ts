/**
 * The two inequalities of the gate, exact: absolute and baseline. Deleting code never fails, an improvement is never
 * blamed, small losses cannot add up. Derivation and worked numbers: README.md.
 */

import type { Baseline } from './baseline-record.ts';
import { MILLION } from './percent.ts';
import type { LineCounts } from './verdict.ts';

/** covered / total >= minPpm. Both sides stay below 2^53 for counts below 2^32. */
export const holdsMinimum = ({ covered, total }: LineCounts, minPpm: number): boolean =>
  covered * MILLION >= minPpm * total;

export interface Erosion {
  /** Uncovered lines exceed their budget and are more than on base. */
  readonly eroded: boolean;
  readonly inequality: string;
}

/**
 * With head (T lines, U uncovered), mark m, reference (U₀, T₀), base U_b and tolerance ε, the baseline rule fails iff
 * U > U₀ + (1 − m)·max(0, T − T₀) + ε·T and U > U_b. Both sides are multiplied by the mark's total and a million.
 */
export function judgeErosion(
  head: LineCounts,
  { mark, ref }: Pick<Baseline, 'mark' | 'ref'>,
  { baseUncovered, epsilonPpm }: { readonly baseUncovered: number; readonly epsilonPpm: number },
): Erosion {
  const uncovered = head.total - head.covered;
  const markTotal = BigInt(mark.total);
  const markUncovered = BigInt(mark.total - mark.covered);
  const grown = BigInt(Math.max(0, head.total - ref.total));
  const million = BigInt(MILLION);
  const scale = markTotal * million;
  const budget =
    BigInt(ref.uncovered) * scale +
    markUncovered * grown * million +
    BigInt(epsilonPpm) * BigInt(head.total) * markTotal;
  const over = BigInt(uncovered) * scale > budget;
  const more = uncovered > baseUncovered;
  const parts = `${ref.uncovered} + ${mark.total - mark.covered}/${mark.total} × ${grown} + ${epsilonPpm} ppm × ${head.total}`;
  const inequality =
    `${uncovered} uncovered ${over ? '>' : '<='} ${thousandths(budget, scale)} allowed (${parts})` +
    ` and ${uncovered} ${more ? '>' : '<='} ${baseUncovered} on base`;
  return { eroded: over && more, inequality };
}

/** A non-negative fraction with three digits, rounded down. */
function thousandths(numerator: bigint, denominator: bigint): string {
  const value = (numerator * 1000n) / denominator;
  const digits = String(value % 1000n)
    .padStart(3, '0')
    .replace(/0+$/, '');
  return digits === '' ? String(value / 1000n) : `${value / 1000n}.${digits}`;
}

/**
 * What a landed commit does to a baseline: at or above the mark it becomes mark and reference; a shrinking one the
 * reference.
 */
export function nextBaseline(
  before: Baseline,
  landed: LineCounts & Pick<Baseline['last'], 'tree' | 'commit'>,
  files: Baseline['files'],
): { readonly next: Baseline; readonly moved: 'mark' | 'ref' | 'last' } {
  const { covered, total, tree, commit } = landed;
  const ref = { uncovered: total - covered, total };
  const moved = reaches(landed, before.mark) ? 'mark' : shrinks(ref, before.ref) ? 'ref' : 'last';
  return {
    moved,
    next: {
      ...before,
      seq: before.seq + 1,
      mark: moved === 'mark' ? { covered, total, commit } : before.mark,
      ref: moved === 'last' ? before.ref : ref,
      last: { covered, total, tree, commit },
      files,
    },
  };
}

/** a's share is at least b's, by cross-multiplication. */
const reaches = (a: LineCounts, b: LineCounts): boolean =>
  BigInt(a.covered) * BigInt(b.total) >= BigInt(b.covered) * BigInt(a.total);

const shrinks = (a: Baseline['ref'], b: Baseline['ref']): boolean => a.uncovered <= b.uncovered && a.total <= b.total;
