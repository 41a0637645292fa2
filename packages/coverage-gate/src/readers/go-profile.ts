/**
 * Go coverprofiles: `path:sl.sc,el.ec statements count`. Seen are all lines of a block, hit are those of a block that ran;
 * blocks repeated by several test binaries are a union. The metric is lines, so totals differ from `go tool cover`,
 * which counts statements.
 */
import type { LineSet, ReportLines, ReportReader } from './report-lines.ts';

const NEWLINE = 10;
/** A longer block is no Go code; it would make a small report costly to read. */
const MAX_BLOCK_LINES = 20_000;
const BLOCK = /^(.+):(\d{1,9})\.\d{1,9},(\d{1,9})\.\d{1,9} \d{1,9} (\d{1,30})$/;

export class GoProfileReader implements ReportReader {
  readonly wholeDocument = false;
  readonly #lines: ReportLines;
  #path = '';
  #current: LineSet | null = null;

  constructor(lines: ReportLines) {
    this.#lines = lines;
  }

  feed(bytes: Buffer, end: number, last: boolean): number {
    let from = 0;
    while (from < end && this.#lines.fault === null) {
      let to = bytes.indexOf(NEWLINE, from);
      if (to < 0 || to >= end) {
        if (!last) return from;
        to = end;
      }
      this.#readLine(bytes.toString('utf8', from, to).trimEnd());
      from = to + 1;
    }
    return end;
  }

  #readLine(text: string): void {
    if (text === '' || text.startsWith('mode:')) return;
    const block = BLOCK.exec(text);
    if (block === null) {
      this.#lines.rejected++;
      return;
    }
    const [, path = '', start = '', finish = '', count = ''] = block;
    if (path !== this.#path) {
      this.#path = path;
      this.#current = this.#lines.file(path);
    }
    this.#markBlock(Number(start), Number(finish), /[1-9]/.test(count));
  }

  #markBlock(start: number, end: number, covered: boolean): void {
    if (this.#current === null || start < 1 || end < start || end - start > MAX_BLOCK_LINES) {
      this.#lines.rejected++;
      return;
    }
    for (let line = start; line <= end; line++) this.#lines.mark(this.#current, line, covered);
  }
}
