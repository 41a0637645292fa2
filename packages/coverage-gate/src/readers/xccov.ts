/**
 * Xcode: `xccov view --archive --json` has a list of lines per file, of which those that are executable count. One file of several
 * targets is a union.
 */
import type { JsonWalk } from './json-walk.ts';
import type { LineSet, ReportLines } from './report-lines.ts';

export function readXccov(walk: JsonWalk, lines: ReportLines): void {
  walk.object((path) => {
    const set = lines.file(path);
    if (set === null) lines.rejected++;
    walk.array(() => readLine(walk, lines, set));
  });
}

function readLine(walk: JsonWalk, lines: ReportLines, set: LineSet | null): void {
  let line = 0;
  let isCode = false;
  let ran = false;
  walk.object((key) => {
    if (key === 'line') line = walk.digits() ?? 0;
    else if (key === 'isExecutable') isCode = walk.flag();
    else if (key === 'executionCount') ran = walk.count() === true;
    else walk.skip();
  });
  if (set !== null && isCode) lines.mark(set, line, ran);
}
