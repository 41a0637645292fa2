/**
 * llvm-cov export JSON (clang, Swift, cargo-llvm-cov): each file has segments `[line, column, count, hasCount, isRegionEntry,
 * isGapRegion]`, and a segment holds until the next. A line counts as LLVM's own LineCoverageStats says: it is measurable when a
 * counted segment reaches into it or a counted region starts on it, and ran when any of those ran; a skipped region is no code.
 */
import type { JsonWalk } from './json-walk.ts';
import type { LineSet, ReportLines } from './report-lines.ts';

/** Flags of one segment. */
const RAN = 1;
const HAS_COUNT = 2;
const IS_ENTRY = 4;
const IS_GAP = 8;

/** Lines and flags of the segments of one file, in their order. */
interface Segments {
  readonly lines: number[];
  readonly flags: number[];
}

export function readLlvmCov(walk: JsonWalk, lines: ReportLines): void {
  walk.object((key) => (key === 'data' ? walk.array(() => readExport(walk, lines)) : walk.skip()));
}

function readExport(walk: JsonWalk, lines: ReportLines): void {
  walk.object((key) => (key === 'files' ? walk.array(() => readFile(walk, lines)) : walk.skip()));
}

function readFile(walk: JsonWalk, lines: ReportLines): void {
  let path: string | null = null;
  let isWhole = false;
  const segments: Segments = { lines: [], flags: [] };
  walk.object((key) => {
    if (key === 'filename') path = walk.text();
    else if (key === 'segments') {
      isWhole = true;
      walk.array(() => readSegment(walk, segments));
    } else walk.skip();
  });
  const set = path === null ? null : lines.file(path);
  if (set === null) lines.rejected++;
  else if (!isWhole) lines.refuse('it holds summaries only; export it without --summary-only');
  else markFile(lines, set, segments);
}

function readSegment(walk: JsonWalk, into: Segments): void {
  let at = 0;
  let line = 0;
  let flags = 0;
  walk.array(() => {
    if (at === 0) line = walk.digits() ?? 0;
    else if (at === 2) flags |= walk.count() === true ? RAN : 0;
    else if (at >= 3 && at <= 5) flags |= walk.flag() ? 1 << (at - 2) : 0;
    else walk.skip();
    at++;
  });
  into.lines.push(line);
  into.flags.push(flags);
}

function markFile(lines: ReportLines, set: LineSet, { lines: at, flags }: Segments): void {
  let wrapped = 0;
  let next = 0;
  let from = 0;
  while (from < at.length) {
    const line = at[from] as number;
    if ((wrapped & HAS_COUNT) !== 0 && line > next)
      lines.markRange(set, { start: next, end: line - 1 }, (wrapped & RAN) !== 0);
    let to = from;
    let anyEntry = false;
    let ran = (wrapped & RAN) !== 0;
    for (; to < at.length && at[to] === line; to++) {
      const flag = flags[to] as number;
      if ((flag & IS_ENTRY) === 0 || (flag & HAS_COUNT) === 0) continue;
      anyEntry = true;
      if ((flag & IS_GAP) === 0 && (flag & RAN) !== 0) ran = true;
    }
    const isSkipped = ((flags[from] as number) & (IS_ENTRY | HAS_COUNT)) === IS_ENTRY;
    if (anyEntry || (!isSkipped && (wrapped & HAS_COUNT) !== 0)) lines.mark(set, line, ran);
    wrapped = flags[to - 1] as number;
    next = line + 1;
    from = to;
  }
}
