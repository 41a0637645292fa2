/**
 * coverlet's own JSON: module → file → class → method → `Lines`, a count per line number. One file stands below several modules,
 * classes and methods; its lines are a union.
 */
import type { JsonWalk } from './json-walk.ts';
import { type LineSet, lineOf, type ReportLines } from './report-lines.ts';

export function readCoverlet(walk: JsonWalk, lines: ReportLines): void {
  walk.object(() =>
    walk.object((path) => {
      const set = lines.file(path);
      if (set === null) lines.rejected++;
      walk.object(() => walk.object(() => readMethod(walk, lines, set)));
    }),
  );
}

function readMethod(walk: JsonWalk, lines: ReportLines, set: LineSet | null): void {
  walk.object((key) => {
    if (key !== 'Lines' || set === null) walk.skip();
    else walk.object((line) => lines.mark(set, lineOf(line), walk.count() === true));
  });
}
