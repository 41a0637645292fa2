/** A report that is one JSON document. */
import { JsonWalk } from './json-walk.ts';
import type { ReportLines, ReportReader } from './report-lines.ts';

/** Visits the document and marks its lines. */
export type ReadJson = (walk: JsonWalk, lines: ReportLines) => void;

export const jsonReader = (lines: ReportLines, read: ReadJson): ReportReader => ({
  kind: 'asks',
  read: (ahead) => {
    const walk = new JsonWalk(ahead, lines);
    read(walk, lines);
    walk.finish();
  },
});
