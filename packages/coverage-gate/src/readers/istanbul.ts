/**
 * istanbul `coverage-final.json`: the start lines of `statementMap`, hit when any statement starting there has a count.
 * Lines and statements are not the same number; this is the line view istanbul itself prints.
 */
import { JsonWalk } from './json-walk.ts';
import type { LineSet, ReportLines, ReportReader } from './report-lines.ts';

interface Statements {
  readonly startLine: Map<string, number>;
  readonly ran: Map<string, boolean>;
}

export class IstanbulReader implements ReportReader {
  readonly wholeDocument = true;
  readonly #lines: ReportLines;

  constructor(lines: ReportLines) {
    this.#lines = lines;
  }

  feed(bytes: Buffer, end: number, last: boolean): number {
    if (!last) return 0;
    const walk = new JsonWalk(bytes, end, this.#lines);
    walk.object((path) => {
      const set = this.#lines.file(path);
      const statements: Statements = { startLine: new Map(), ran: new Map() };
      this.#readStatements(walk, statements);
      if (set === null) this.#lines.rejected++;
      else this.#markAll(set, statements);
    });
    walk.finish();
    return end;
  }

  #readStatements(walk: JsonWalk, into: Statements): void {
    walk.object((key) => {
      if (key === 'data') this.#readStatements(walk, into);
      else if (key === 'statementMap') walk.object((id) => into.startLine.set(id, startLine(walk)));
      else if (key === 's') walk.object((id) => into.ran.set(id, this.#ran(walk)));
      else walk.skip();
    });
  }

  #ran(walk: JsonWalk): boolean {
    const count = walk.digits();
    if (count === null) this.#lines.malformed++;
    return count !== null && count > 0;
  }

  #markAll(set: LineSet, { startLine, ran }: Statements): void {
    for (const [id, line] of startLine) this.#lines.mark(set, line, ran.get(id) === true);
  }
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
