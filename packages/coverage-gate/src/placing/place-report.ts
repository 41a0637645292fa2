/** A report that was read, placed on the files of its commit: which lines count, and what is said about the names that do not. */
import type { GitFailed } from '@gatehouse/git';
import type { Crashed } from '@gatehouse/verdict';
import { eachInTurns, type InTurns, inTurns } from '../adapters/turns.ts';
import { countLines, type LineSet } from '../readers/report-lines.ts';
import type { ReadReport } from '../verdict.ts';
import { type CommitFiles, type CommitRef, readIgnored, readLineCounts, readPlacingTree } from './commit-files.ts';
import { type LimitedLines, limitLines } from './line-limits.ts';
import { type PlacedNames, placing, type UnplacedName } from './place-names.ts';
import { MAX_EXAMPLES, type NameCount, type Placing } from './placing-words.ts';
import type { ReportPlace } from './scene.ts';

/** Lines by file of the commit, and what became of the names. */
export interface PlacedReport {
  readonly kind: 'placed';
  readonly lines: ReadonlyMap<string, LineSet>;
  readonly placing: Placing;
  /** Names that count nowhere, in the report's order. */
  readonly dropped: readonly string[];
}

/** Places every name, then takes away the lines that their files do not have. */
export async function placeReport(
  commit: CommitRef,
  files: CommitFiles,
  {
    report,
    place,
  }: { readonly report: ReadReport; readonly place: Omit<ReportPlace, 'format' | 'sources' | 'modules' | 'title'> },
): Promise<PlacedReport | GitFailed | Crashed> {
  const tree = await readPlacingTree(commit, files, report.files.keys());
  if ('kind' in tree) return tree;
  const { format, sources, modules, title } = report;
  const names = await inTurns(placing(report.files, tree, { ...place, format, sources, modules, title }));
  const ignored = await readIgnored(commit, absentPlaces(names.unplaced));
  if ('kind' in ignored) return ignored;
  const oids = new Set<string>();
  const want = (path: string): void => {
    const oid = files.files.get(path);
    if (oid !== undefined) oids.add(oid);
  };
  await inTurns(eachInTurns(names.lines.keys(), want));
  const lengths = await readLineCounts(commit, oids);
  if ('kind' in lengths) return lengths;
  const limited = await inTurns(limitLines(names.lines, (path) => lengths.get(files.files.get(path) ?? '')));
  const isIgnored = ({ at }: UnplacedName): boolean => at.length > 0 && at.every((path) => ignored.has(path));
  return { kind: 'placed', lines: limited.lines, ...(await inTurns(answerOf(report, names, { limited, isIgnored }))) };
}

const MAX_ASKED = 200_000;

/** Where files would be that git may ignore; of more than git is asked about, none is taken for ignored. */
function absentPlaces(unplaced: readonly UnplacedName[]): readonly string[] {
  const places = new Set<string>();
  for (const { at } of unplaced) for (const path of at) if (places.size <= MAX_ASKED) places.add(path);
  return places.size > MAX_ASKED ? [] : [...places];
}

function* answerOf(
  { files }: ReadReport,
  { unplaced, foreign, united }: PlacedNames,
  { limited, isIgnored }: { readonly limited: LimitedLines; readonly isIgnored: (name: UnplacedName) => boolean },
): InTurns<Pick<PlacedReport, 'placing' | 'dropped'>> {
  const left: UnplacedName[] = [];
  const others: { readonly name: string; readonly why: string }[] = [];
  yield* eachInTurns(foreign, ({ name, why }) => others.push({ name, why: WHY[why] }));
  yield* eachInTurns(unplaced, (one) => {
    if (isIgnored(one)) others.push({ name: one.name, why: WHY.ignored });
    else left.push(one);
  });
  const linesOf = (name: string): number => totalOf(files.get(name));
  let lines = 0;
  yield* eachInTurns(limited.lines.values(), (set) => {
    lines += totalOf(set);
  });
  const placing: Placing = {
    placed: { files: limited.lines.size, lines },
    unplaced: yield* counted(left, linesOf, described),
    foreign: yield* counted(others, linesOf, ({ name, why }) => `${shown(name)} (${why})`),
    rejectedLines: limited.rejected,
    stale: limited.stale,
    united: united.slice(0, MAX_EXAMPLES),
  };
  return { placing, dropped: yield* namesOf([...left, ...others], files) };
}

/** In the report's order. */
function* namesOf(some: readonly { readonly name: string }[], files: ReadReport['files']): InTurns<string[]> {
  const named = new Set<string>();
  const found: string[] = [];
  yield* eachInTurns(some, ({ name }) => named.add(name));
  yield* eachInTurns(named.size === 0 ? [] : files.keys(), (name) => {
    if (named.has(name)) found.push(name);
  });
  return found;
}

/** In a reader's words. */
const WHY = {
  outside: 'outside the checkout',
  ignored: 'ignored by git',
  submodule: 'in a submodule',
  dependency: 'a dependency',
} as const;
const MAX_NAME = 200;
const MAX_FITS = 3;

/** A name is text of a branch: one line, bounded, nothing that a terminal obeys. */
const shown = (name: string): string =>
  name
    .slice(0, MAX_NAME)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ');

const totalOf = (set: LineSet | undefined): number => (set === undefined ? 0 : countLines(set).total);

function* counted<T extends { readonly name: string }>(
  names: readonly T[],
  linesOf: (name: string) => number,
  describe: (name: T) => string,
): InTurns<NameCount> {
  let lines = 0;
  yield* eachInTurns(names, ({ name }) => {
    lines += linesOf(name);
  });
  return { files: names.length, lines, examples: names.slice(0, MAX_EXAMPLES).map(describe) };
}

function described({ name, why, fits }: UnplacedName): string {
  const short = shown(name);
  const some = fits.slice(0, MAX_FITS).map(shown);
  const files = `${some.join(', ')}${fits.length > MAX_FITS ? ` and ${fits.length - MAX_FITS} more` : ''}`;
  switch (why) {
    case 'absent':
      return short;
    case 'several':
      return `${short} (fits ${files})`;
    case 'doubtful':
      return `${short} (may be ${files})`;
    case 'contradicted':
      return `${short} (another name has other lines of ${files})`;
  }
}
