/**
 * Where a failing test stands in the commit: the file and line that its runner prints, held against the files that are there. What
 * names no file of the commit, or several, is no place.
 */
import { type GitRepo, listTree } from '@gatehouse/git';
import type { FailedTest } from './reports/report-reading.ts';

/** A line of a file of the commit. */
export interface TestPlace {
  /** Relative to the root of the commit. */
  readonly path: string;
  /** 1-based. */
  readonly line: number;
}

const MAX_TESTS = 50;
/** `file.ext:12`, with or without its folder; a time of day or an address has no such ending. */
const PLACE = /((?:[\w@.+~-]+\/)*[\w@+~-][\w@.+~-]*\.[A-Za-z]\w{0,7})(?:", line |:)(\d{1,7})\b/g;
const OTHERS = /(?:^|\/)(?:node_modules|site-packages|vendor|dist-packages)\//;
const TEST_FILE = /(?:^|[/._-])(?:tests?|specs?|__tests__)(?:[/._-]|$)|(?:Test|Spec)s?\.\w+$/;

/** Places that the text names, in its order; none of libraries. */
export function placesSaid(detail: string): readonly TestPlace[] {
  return [...detail.matchAll(PLACE)]
    .map(([, path = '', line]) => ({ path: path.replace(/^\.\//, ''), line: Number(line) }))
    .filter(({ path, line }) => line > 0 && !OTHERS.test(path));
}

/** The place of one test, which is rather in the file that its name begins with, or in one of tests, than elsewhere. */
export function placeOf({ name, detail }: FailedTest, files: readonly string[]): TestPlace | null {
  const places = placesSaid(detail).flatMap(({ path, line }) => {
    const known = fileOf(path, files);
    return known === null ? [] : [{ path: known, line }];
  });
  return (
    places.find(({ path }) => name.includes(path)) ??
    places.find(({ path }) => TEST_FILE.test(path)) ??
    places[0] ??
    null
  );
}

/** Runners of Go and Java print the last part of a path only. */
function fileOf(path: string, files: readonly string[]): string | null {
  if (files.includes(path)) return path;
  const ending = files.filter((file) => file.endsWith(`/${path}`));
  return ending.length === 1 ? (ending[0] ?? null) : null;
}

/** Places by the name of the test. A commit that cannot be listed has none. */
export async function placeFailures(
  { git: repo, commit, signal }: { readonly git: GitRepo; readonly commit: string; readonly signal: AbortSignal },
  failed: readonly FailedTest[],
): Promise<Readonly<Record<string, TestPlace>>> {
  const told = failed.filter(({ detail }) => placesSaid(detail).length > 0).slice(0, MAX_TESTS);
  if (told.length === 0) return {};
  const tree = await listTree({ repo, commit, signal });
  if (tree.kind !== 'listed') return {};
  const files = tree.entries.map(({ path }) => path);
  return Object.fromEntries(
    told.flatMap((one) => {
      const place = placeOf(one, files);
      return place === null ? [] : [[one.name, place]];
    }),
  );
}
