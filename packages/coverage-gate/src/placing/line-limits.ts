/** Lines that a file of the commit does not have: a report that names them is about another version of the file. */
import { type InTurns, STEPS_A_TURN } from '../adapters/turns.ts';
import { countLines, type LineSet } from '../readers/report-lines.ts';

/** A file whose report goes beyond its end. */
export interface StaleFile {
  /** Relative to the root of the commit. */
  readonly path: string;
  /** Measured lines behind its end. */
  readonly lines: number;
  /** Lines that the file has. */
  readonly length: number;
}

/** What is left, and what was taken away. */
export interface LimitedLines {
  readonly lines: ReadonlyMap<string, LineSet>;
  /** Records of lines that no file has. */
  readonly rejected: number;
  readonly stale: readonly StaleFile[];
}

/** Takes away every line behind the end of its file. */
export function* limitLines(
  lines: ReadonlyMap<string, LineSet>,
  lengthOf: (path: string) => number | undefined,
): InTurns<LimitedLines> {
  const kept = new Map<string, LineSet>();
  const stale: StaleFile[] = [];
  let rejected = 0;
  let steps = 0;
  for (const [path, set] of lines) {
    if (++steps % STEPS_A_TURN === 0) yield;
    const length = lengthOf(path);
    const within = length === undefined ? set : upTo(set, length);
    const beyond = within === set ? 0 : countLines(set).total - countLines(within).total;
    rejected += beyond;
    kept.set(path, within);
    if (length !== undefined && beyond > 0) stale.push({ path, lines: beyond, length });
  }
  return { lines: kept, rejected, stale };
}

/** The lines 1 to `last`; the set itself where it has no word behind them. */
function upTo(set: LineSet, last: number): LineSet {
  const words = (last >>> 5) + 1;
  let used = set.seen.length;
  while (used > 0 && set.seen[used - 1] === 0) used--;
  if (used < words) return set;
  const mask = last % 32 === 31 ? 0xffffffff : (1 << ((last % 32) + 1)) - 1;
  const cut = (bits: Uint32Array): Uint32Array => {
    const copy = bits.slice(0, words);
    if (copy.length === words) copy[words - 1] = (copy[words - 1] ?? 0) & mask;
    return copy;
  };
  return { seen: cut(set.seen), hit: cut(set.hit) };
}
