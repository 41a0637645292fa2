/** A report that somebody has, placed on a commit that is at hand; nothing is run. */
import type { GitFailed, GitRepo } from '@gatehouse/git';
import type { Crashed } from '@gatehouse/verdict';
import { eachInTurns, inTurns } from '../adapters/turns.ts';
import { countLines, type LineSet } from '../readers/report-lines.ts';
import type { LineCounts, ReadReport } from '../verdict.ts';
import { readCommitFiles } from './commit-files.ts';
import { placeReport } from './place-report.ts';
import { type Placing, placingNotes } from './placing-words.ts';

/** What may be given to `placeOnCommit`. */
export interface PlaceRequest {
  /** The repository that holds the commit. */
  readonly git: GitRepo;
  /** Full object name. */
  readonly commit: string;
  /** As `readReport` answers it. */
  readonly report: ReadReport;
  /** Absolute folders in which the report may have been made: checkouts of the commit. */
  readonly roots: readonly string[];
  /** Folder of the report, relative to the root; empty for the root, absent where it came from elsewhere. */
  readonly folder?: string;
  /** Beginnings of names in the report, and what stands there in the commit. The longest that fits wins. */
  readonly pathMap?: Readonly<Record<string, string>>;
  /** Ends the call early; what was started is ended, too. */
  readonly signal?: AbortSignal;
}

/** The lines that count for files of the commit, and what became of the names. */
export interface PlacedOnCommit extends LineCounts {
  readonly kind: 'placed';
  /** Lines per file, by path in the commit. */
  readonly lines: ReadonlyMap<string, LineSet>;
  /** What became of the names. */
  readonly placing: Placing;
  /** The same in words, one line each; the names in them are untrusted text. */
  readonly notes: readonly string[];
}

/** See `placeOnCommit` in index.ts. */
export async function placeOnCommit(request: PlaceRequest): Promise<PlacedOnCommit | GitFailed | Crashed> {
  const { report, roots, folder, pathMap } = request;
  const files = await readCommitFiles(request);
  if (files.kind !== 'listed') return files;
  const place = { roots, ...(folder === undefined ? {} : { folder }), ...(pathMap === undefined ? {} : { pathMap }) };
  const placed = await placeReport(request, files, { report, place });
  if (placed.kind !== 'placed') return placed;
  const { lines, placing } = placed;
  let covered = 0;
  const count = (set: LineSet): void => {
    covered += countLines(set).covered;
  };
  await inTurns(eachInTurns(lines.values(), count));
  return { kind: 'placed', covered, total: placing.placed.lines, lines, placing, notes: placingNotes(placing) };
}
