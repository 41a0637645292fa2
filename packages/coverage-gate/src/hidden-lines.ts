/**
 * How far a comment that switches measuring off reaches: its own line, the next statement or lines, everything up to
 * its counterpart, or the whole file. Found in the text of the file, by the rules of the tool that honours it.
 */
import type { LineRange } from '@gatehouse/git';
import type { SourceLine } from './source-lines.ts';

/** `statement`: its own where it stands beside code, the next one otherwise; `whole-statement`: from its first line on. */
type Reach = 'line' | 'file' | 'lines' | 'statement' | 'whole-statement' | { readonly until: RegExp };

const REACHES: readonly (readonly [RegExp, Reach])[] = [
  [/\b(?:istanbul|c8|v8)\s+ignore\s+file|coverage:ignore-file|node:coverage\s+ignore\s+file/i, 'file'],
  [/deno-coverage-ignore-file|@coverage\s+exclude_file|#!\[|@file:|\[assembly:/i, 'file'],
  [/\b(?:istanbul|c8|v8)\s+ignore\s+start/i, { until: /\bignore\s+(?:stop|end)/i }],
  [/node:coverage\s+disable/i, { until: /node:coverage\s+enable/i }],
  [/(?:coverage|coveralls)[:-]ignore-start/i, { until: /(?:coverage|coveralls)[:-]ignore-(?:stop|end)/i }],
  [/_(?:EXCL|UNREACHABLE)_START/i, { until: /_(?:EXCL|UNREACHABLE)_STOP/i }],
  [/kcov-ignore-start/i, { until: /kcov-ignore-end/i }],
  [/:nocov:/i, { until: /:nocov:/i }],
  [/@codeCoverageIgnoreStart/i, { until: /@codeCoverageIgnoreEnd/i }],
  [/\$COVERAGE-OFF\$/i, { until: /\$COVERAGE-ON\$/i }],
  [/BISECT-IGNORE-BEGIN/i, { until: /BISECT-IGNORE-END/i }],
  [/@@@coverage\s+off/i, { until: /@@@coverage\s+on/i }],
  [/\b(?:c8|node:coverage)\s+ignore\s+next|\bv8\s+ignore\s+next\s+\d/i, 'lines'],
  [/_(?:EXCL|UNREACHABLE)_LINE|coverage:ignore-line|kcov-ignore-line/i, 'line'],
  [/pragma[:\s]?\s*no\s*cover/i, 'whole-statement'],
];

/** A comment, and the file it stands in. */
interface Place {
  readonly comment: string;
  readonly line: number;
  readonly lines: readonly SourceLine[];
  /** The file's own lines. */
  readonly text: readonly string[];
}

/** The counterpart of a comment that hides everything from there to here. */
const END =
  /\bignore[-\s]+(?:stop|end)|node:coverage\s+enable|_(?:EXCL|UNREACHABLE)_STOP|@codeCoverageIgnoreEnd|\$COVERAGE-ON\$|BISECT-IGNORE-END/i;
/** Takes branches out of the measurement, and no line. */
const BRANCHES = /_EXCL_(?:EXCEPTION_)?BR_/i;
const TOGGLE = /:nocov:/i;

/** Lines of code that the comment hides; its own line alone where it hides no other. Null: it ends what another hides. */
export function hiddenLines(place: Place): LineRange[] | null {
  const { comment, line, lines, text } = place;
  if (END.test(comment)) return null;
  if (BRANCHES.test(comment)) return [];
  if (TOGGLE.test(comment) && text.slice(0, line - 1).filter((one) => TOGGLE.test(one)).length % 2 === 1) return null;
  const reach = REACHES.find(([pattern]) => pattern.test(comment))?.[1] ?? 'statement';
  const found = rangesOf(codeWithin(lines, extent(reach, place)));
  return found.length === 0 ? [{ start: line, end: line }] : found;
}

function extent(reach: Reach, { comment, line, lines, text }: Place): LineRange {
  if (reach === 'line') return { start: line, end: line };
  if (reach === 'file') return { start: 1, end: lines.length };
  if (reach === 'lines') {
    const count = Number(/next\s+(\d{1,6})/i.exec(comment)?.[1] ?? 1);
    return { start: line, end: Math.min(lines.length, line + count) };
  }
  if (reach === 'whole-statement') {
    const start = lines[line - 1]?.continues.at(-1) ?? line;
    return { start, end: statementEnd(lines, start) };
  }
  if (reach === 'statement') return { start: line, end: statementEnd(lines, line) };
  const stop = text.findIndex((one, at) => at >= line && reach.until.test(one));
  return { start: line, end: stop < 0 ? lines.length : stop + 1 };
}

/** The last line of the statement that stands on `line`, or else of the next one. */
function statementEnd(lines: readonly SourceLine[], line: number): number {
  let start = line;
  while (start < lines.length && isPreface(lines[start - 1], start === line)) start++;
  const first = lines[start - 1];
  if (first === undefined) return line;
  const header = closing(lines, start, first.depth);
  if (SUITE.test(first.code) && /:$/.test(lines[header - 1]?.code ?? '')) {
    return suiteEnd(lines, header, first.indent);
  }
  return goesOn(lines, header, first.depth);
}

/** Blank, a comment, or an attribute or annotation of what follows. */
const isPreface = (line: SourceLine | undefined, isOwn: boolean): boolean =>
  line !== undefined && (line.code === '' || ATTRIBUTE.test(line.code) || (isOwn && !line.isCode));

/** Begins a statement whose body is what stands indented below. */
const SUITE = /^(?:async\s+)?(?:def|class|if|elif|else|for|while|try|except|finally|with|match|case)\b/;
/** Attributes, annotations, and the comments of OCaml. */
const ATTRIBUTE = /^(?:#!?\[.*\]|@(?:file:)?[\w.]+(?:\(.*\))?|\[(?:@+|\w+).*\]|\(\*.*\*\))$/;

/** The first line, from `start`, at whose end no bracket opened since is open. */
function closing(lines: readonly SourceLine[], start: number, depth: number): number {
  for (let at = start; at <= lines.length; at++) if ((lines[at - 1]?.depthAfter ?? 0) <= depth) return at;
  return lines.length;
}

/** A brace, an `else` or a call chained on the next line belongs to the statement. */
function goesOn(lines: readonly SourceLine[], end: number, depth: number): number {
  let next = end + 1;
  while (lines[next - 1]?.code === '') next++;
  const follows = /^(?:\{|else\b|catch\b|finally\b|\.\w|\?\.)/.test(lines[next - 1]?.code ?? '');
  return follows ? goesOn(lines, closing(lines, next, depth), depth) : end;
}

/** The indented lines below a header. */
function suiteEnd(lines: readonly SourceLine[], header: number, indent: number): number {
  let end = header;
  for (let at = header + 1; at <= lines.length; at++) {
    const line = lines[at - 1];
    if (line === undefined || (line.code !== '' && line.indent <= indent && line.continues.length === 0)) break;
    if (line.code !== '') end = at;
  }
  return end;
}

const codeWithin = (lines: readonly SourceLine[], { start, end }: LineRange): number[] => {
  const found: number[] = [];
  for (let line = start; line <= end; line++)
    if (lines[line - 1]?.isCode === true && !ATTRIBUTE.test(lines[line - 1]?.code ?? '')) found.push(line);
  return found;
};

function rangesOf(numbers: readonly number[]): LineRange[] {
  const ranges: LineRange[] = [];
  for (const line of numbers) {
    const last = ranges.at(-1);
    if (last !== undefined && last.end === line - 1) ranges[ranges.length - 1] = { start: last.start, end: line };
    else ranges.push({ start: line, end: line });
  }
  return ranges;
}
