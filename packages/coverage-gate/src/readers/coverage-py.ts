/**
 * coverage.py JSON: `files.*.executed_lines` and `missing_lines`. Its `percent_covered` mixes branches in and is not read;
 * the `functions` and `classes` of newer versions repeat the same lists and are skipped.
 */
import { JsonWalk } from './json-walk.ts';
import type { ReportLines, ReportReader } from './report-lines.ts';

export class CoveragePyReader implements ReportReader {
  readonly wholeDocument = true;
  readonly #lines: ReportLines;

  constructor(lines: ReportLines) {
    this.#lines = lines;
  }

  feed(bytes: Buffer, end: number, last: boolean): number {
    if (!last) return 0;
    const walk = new JsonWalk(bytes, end, this.#lines);
    walk.object((key) => (key === 'files' ? walk.object((path) => this.#readFile(walk, path)) : walk.skip()));
    walk.finish();
    return end;
  }

  #readFile(walk: JsonWalk, path: string): void {
    const set = this.#lines.file(path);
    if (set === null) {
      this.#lines.rejected++;
      walk.skip();
      return;
    }
    walk.object((key) => {
      if (key === 'executed_lines') walk.lineList(set, true);
      else if (key === 'missing_lines') walk.lineList(set, false);
      else walk.skip();
    });
  }
}
