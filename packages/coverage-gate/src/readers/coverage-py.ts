/**
 * coverage.py JSON: `files.*.executed_lines` and `missing_lines`. Its `percent_covered` mixes branches in and is not read;
 * the `functions` and `classes` of newer versions repeat the same lists and are skipped.
 */
import type { JsonWalk } from './json-walk.ts';
import type { ReportLines } from './report-lines.ts';

export function readCoveragePy(walk: JsonWalk, lines: ReportLines): void {
  walk.object((key) => (key === 'files' ? walk.object((path) => readFile(walk, lines, path)) : walk.skip()));
}

function readFile(walk: JsonWalk, lines: ReportLines, path: string): void {
  const set = lines.file(path);
  if (set === null) {
    lines.rejected++;
    walk.skip();
    return;
  }
  walk.object((key) => {
    if (key === 'executed_lines') walk.lineList(set, true);
    else if (key === 'missing_lines') walk.lineList(set, false);
    else walk.skip();
  });
}
