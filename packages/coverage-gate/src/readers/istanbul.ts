/**
 * istanbul `coverage-final.json`: the start lines of `statementMap`, hit when any statement starting there has a count.
 * Lines and statements are not the same number; this is the line view istanbul itself prints.
 */
import type { JsonWalk } from './json-walk.ts';
import type { LineSet, ReportLines } from './report-lines.ts';

interface Statements {
  readonly startLine: Map<string, number>;
  readonly ran: Map<string, boolean>;
}

export function readIstanbul(walk: JsonWalk, lines: ReportLines): void {
  walk.object((path) => {
    const set = lines.file(path);
    const statements: Statements = { startLine: new Map(), ran: new Map() };
    readStatements(walk, lines, statements);
    if (set === null) lines.rejected++;
    else markAll(lines, set, statements);
  });
}

/** Older versions keep everything one level deeper. */
function readStatements(walk: JsonWalk, lines: ReportLines, into: Statements): void {
  walk.object((key) => {
    if (key === 'data') readStatements(walk, lines, into);
    else if (key === 'statementMap') walk.object((id) => into.startLine.set(id, startLine(walk)));
    else if (key === 's') walk.object((id) => into.ran.set(id, hasRun(walk, lines)));
    else walk.skip();
  });
}

function hasRun(walk: JsonWalk, lines: ReportLines): boolean {
  const count = walk.digits();
  if (count === null) lines.malformed++;
  return count !== null && count > 0;
}

function markAll(lines: ReportLines, set: LineSet, { startLine, ran }: Statements): void {
  for (const [id, line] of startLine) lines.mark(set, line, ran.get(id) === true);
}

/** The `start.line` of one statement; 0, which no reader accepts, when there is none. */
function startLine(walk: JsonWalk): number {
  let line = 0;
  walk.object((edge) => {
    if (edge !== 'start') walk.skip();
    else {
      walk.object((key) => {
        if (key === 'line') line = walk.digits() ?? 0;
        else walk.skip();
      });
    }
  });
  return line;
}
