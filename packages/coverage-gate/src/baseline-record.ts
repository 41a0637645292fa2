/** A stored baseline, read back strictly: what does not hold is no baseline, and never the absence of one. */
import { parseJson } from './adapters/json-text.ts';
import { record } from './vanished.ts';
import type { Baseline, FileCounts } from './verdict.ts';

type RecordFields = Readonly<Record<string, unknown>>;

/** Null for a text that is no baseline. */
export function parseBaseline(text: string): Baseline | null {
  const value = parseJson(text);
  if (!isFields(value)) return null;
  const { seq, metric, commandHash, mark, ref, last, files } = value;
  if (!isCount(seq) || seq < 1 || metric !== 'lines' || typeof commandHash !== 'string') return null;
  if (!isFields(ref) || !isCount(ref['uncovered']) || !isCount(ref['total'])) return null;
  const [bestMark, lastLanded, fileCounts] = [readMark(mark), readLast(last), readFiles(files)];
  if (bestMark === null || lastLanded === null || fileCounts === null) return null;
  const counted = { uncovered: ref['uncovered'], total: ref['total'] };
  return { seq, metric, commandHash, mark: bestMark, ref: counted, last: lastLanded, files: fileCounts };
}

function readMark(value: unknown): Baseline['mark'] | null {
  if (!isFields(value)) return null;
  const { covered, total, commit } = value;
  return isCount(covered) && isCount(total) && typeof commit === 'string' ? { covered, total, commit } : null;
}

function readLast(value: unknown): Baseline['last'] | null {
  const mark = readMark(value);
  const tree = isFields(value) ? value['tree'] : undefined;
  return mark === null || typeof tree !== 'string' ? null : { ...mark, tree };
}

function readFiles(value: unknown): Baseline['files'] | null {
  if (!isFields(value)) return null;
  const files = new Map<string, FileCounts>();
  for (const [path, counts] of Object.entries(value)) {
    if (!Array.isArray(counts) || counts.length !== 2) return null;
    const [covered, total] = counts as readonly unknown[];
    if (!isCount(covered) || !isCount(total) || covered > total) return null;
    files.set(path, [covered, total]);
  }
  return record(files);
}

const isFields = (value: unknown): value is RecordFields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
