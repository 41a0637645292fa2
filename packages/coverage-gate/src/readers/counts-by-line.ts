/**
 * JSON in which each file has one count per line: SimpleCov's `.resultset.json` (several commands, a union) and `coverage.json`, and
 * the format that Codecov takes. A list starts with line 1, Codecov's with line 0; `null` and `"ignored"` are no code.
 */
import type { JsonWalk } from './json-walk.ts';
import { type LineSet, lineOf, type ReportLines } from './report-lines.ts';

/** `coverage.json` has its files below `coverage`, a result set below the name of each command. */
export function readSimpleCov(walk: JsonWalk, lines: ReportLines): void {
  const files = (): void =>
    eachFile(walk, lines, (set) => {
      if (walk.atList) readList(walk, lines, { set, first: 1 });
      else walk.object((key) => (key === 'lines' ? readList(walk, lines, { set, first: 1 }) : walk.skip()));
    });
  walk.object((key) => {
    if (key === 'coverage') files();
    else walk.object((inner) => (inner === 'coverage' ? files() : walk.skip()));
  });
}

export function readCodecov(walk: JsonWalk, lines: ReportLines): void {
  const files = (): void =>
    eachFile(walk, lines, (set) => {
      if (walk.atList) readList(walk, lines, { set, first: 0 });
      else walk.object((line) => mark(lines, set, { line: lineOf(line), ran: walk.count() }));
    });
  walk.object((key) => (key === 'coverage' ? files() : walk.skip()));
}

function eachFile(walk: JsonWalk, lines: ReportLines, read: (set: LineSet) => void): void {
  walk.object((path) => {
    const set = lines.file(path);
    if (set !== null) return read(set);
    lines.rejected++;
    walk.skip();
  });
}

function readList(
  walk: JsonWalk,
  lines: ReportLines,
  { set, first }: { readonly set: LineSet; readonly first: number },
): void {
  let line = first;
  walk.array(() => mark(lines, set, { line: line++, ran: walk.count() }));
}

function mark(
  lines: ReportLines,
  set: LineSet,
  { line, ran }: { readonly line: number; readonly ran: boolean | null },
): void {
  if (ran !== null) lines.mark(set, line, ran);
}
