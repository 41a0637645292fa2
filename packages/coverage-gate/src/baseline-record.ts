/** A stored baseline, read back strictly: what does not hold is no baseline, and never the absence of one. */
import { parseJson } from './adapters/json-text.ts';
import { eachInTurns, type InTurns } from './adapters/turns.ts';
import type { FileCounts, LineCounts } from './verdict.ts';

/** Lines that flap on one tree, ascending, by path; bounded. */
export type FlappingLines = Readonly<Record<string, readonly number[]>>;

/** The coverage record a branch is compared with: one per repository, branch, metric and command. */
export interface Baseline {
  /** Grows by one with every write; 1 is the first. */
  readonly seq: number;
  /** What is counted; only lines so far. */
  readonly metric: 'lines';
  /** Names what produced a measurement, as hex SHA-256; see `commandHash`. */
  readonly commandHash: string;
  /** The best landed share. Never down without an audited override. */
  readonly mark: LineCounts & {
    /** The commit that set it. */
    readonly commit: string;
  };
  /** From where growth is counted: U₀ uncovered of T₀ lines. */
  readonly ref: {
    /** Its uncovered lines, U₀. */
    readonly uncovered: number;
    /** All its lines, T₀. */
    readonly total: number;
  };
  /** The newest landed measurement. */
  readonly last: LineCounts & {
    /** Tree object name of the commit. */
    readonly tree: string;
    /** Full object name of the commit. */
    readonly commit: string;
  };
  /** Its counts per file, so that a file that vanishes is noticed. */
  readonly files: Readonly<Record<string, FileCounts>>;
  /** Lines of these files that are known to flap. */
  readonly flapping?: FlappingLines;
}

type RecordFields = Readonly<Record<string, unknown>>;

/** Null for a text that is no baseline. */
export function parseBaseline(text: string): Baseline | null {
  const value = parseJson(text);
  if (!isFields(value)) return null;
  const { seq, metric, commandHash, mark, ref, last, files } = value;
  const flapping = readFlapping(value['flapping']);
  if (!isCount(seq) || seq < 1 || metric !== 'lines' || typeof commandHash !== 'string') return null;
  if (!isFields(ref) || !isCount(ref['uncovered']) || !isCount(ref['total'])) return null;
  const [bestMark, lastLanded, fileCounts] = [readMark(mark), readLast(last), readFiles(files)];
  if (bestMark === null || lastLanded === null || fileCounts === null || flapping === null) return null;
  const counted = { uncovered: ref['uncovered'], total: ref['total'] };
  const known = flapping === undefined ? {} : { flapping };
  return { seq, metric, commandHash, mark: bestMark, ref: counted, last: lastLanded, files: fileCounts, ...known };
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

/** A record of before they were kept has none. */
function readFlapping(value: unknown): FlappingLines | null | undefined {
  if (value === undefined) return undefined;
  if (!isFields(value)) return null;
  const lists = Object.entries(value).map(([path, lines]) => [path, lines] as const);
  if (!lists.every(([, lines]) => Array.isArray(lines) && lines.every((line) => isCount(line)))) return null;
  return record(new Map(lists as readonly (readonly [string, readonly number[]])[]));
}

const isFields = (value: unknown): value is RecordFields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** The same of many, in turns. */
export function* recordInTurns<Value>(
  values: Iterable<readonly [string, Value]>,
): InTurns<Readonly<Record<string, Value>>> {
  const all: Record<string, Value> = {};
  yield* eachInTurns(values, ([name, value]) => {
    if (name !== '__proto__') all[name] = value;
    else Object.defineProperty(all, name, { value, enumerable: true, writable: true, configurable: true });
  });
  return all;
}

/** Own properties only: a file named `__proto__` is an ordinary name. */
export const record = <Value>(values: ReadonlyMap<string, Value>): Readonly<Record<string, Value>> =>
  Object.fromEntries(values);
