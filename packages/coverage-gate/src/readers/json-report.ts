/** A report that is one JSON document: read when it is there as a whole. */
import { JsonWalk } from './json-walk.ts';
import type { ReportLines, ReportReader } from './report-lines.ts';

/** Visits the document and marks its lines. */
export type ReadJson = (walk: JsonWalk, lines: ReportLines) => void;

export const jsonReader = (lines: ReportLines, read: ReadJson): ReportReader => ({
  wholeDocument: true,
  feed: (bytes, end, last) => {
    if (!last) return 0;
    const walk = new JsonWalk(bytes, end, lines);
    read(walk, lines);
    walk.finish();
    return end;
  },
});
