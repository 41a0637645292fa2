/**
 * gcovr's JSON, and that of gcov itself (`--json-format`): each file has a list of lines with number and count. A line stands
 * there once per function it belongs to (templates). Lines that gcovr marks as no code or as excluded are none.
 */
import type { JsonWalk } from './json-walk.ts';
import type { ReportLines } from './report-lines.ts';

interface Row {
  line: number;
  ran: boolean;
  isCode: boolean;
}

export function readGcovr(walk: JsonWalk, lines: ReportLines): void {
  walk.object((key) => (key === 'files' ? walk.array(() => readFile(walk, lines)) : walk.skip()));
}

function readFile(walk: JsonWalk, lines: ReportLines): void {
  let path: string | null = null;
  const rows: Row[] = [];
  walk.object((key) => {
    if (key === 'file') path = walk.text();
    else if (key === 'lines') walk.array(() => rows.push(readRow(walk)));
    else walk.skip();
  });
  const set = path === null ? null : lines.file(path);
  if (set === null) lines.rejected++;
  else for (const { line, ran, isCode } of rows) if (isCode) lines.mark(set, line, ran);
}

function readRow(walk: JsonWalk): Row {
  const row: Row = { line: 0, ran: false, isCode: true };
  walk.object((key) => {
    if (key === 'line_number') row.line = walk.digits() ?? 0;
    else if (key === 'count') row.ran = walk.count() === true;
    else if (key === 'gcovr/noncode' || key === 'gcovr/excluded') row.isCode = !walk.flag() && row.isCode;
    else walk.skip();
  });
  return row;
}
