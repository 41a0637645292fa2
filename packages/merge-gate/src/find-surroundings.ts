/** Reads from the tree and the checkout what a suite may have missed. Asked only when there is no green, so its cost is rare. */
import { type GitRepo, listTree, readObjects, type TreeEntry } from '@gatehouse/git';
import { readPlainText } from './adapters/report-files.ts';
import { isEmptyDirectory, isPointerFile, POINTER, POINTER_BYTES } from './adapters/slot-surroundings.ts';
import type { ParsedMergeRequest } from './parse-request.ts';
import { commitsInQuestion, judgeSurroundings, type MissingSurroundings, NOTHING_MISSING } from './surroundings.ts';
import type { MergeVerdict } from './verdict.ts';

/** Where to look, and for how long. */
export interface SurroundingsRequest {
  readonly git: GitRepo;
  readonly slotDir: string;
  readonly commit: string;
  readonly gitTimeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The verdict, with what was missing taken into account; see `judgeSurroundings`. */
export async function withSurroundings<Verdict extends MergeVerdict>(
  verdict: Verdict,
  { git, slotDir, gitTimeoutMs }: ParsedMergeRequest,
  signal: AbortSignal,
): Promise<MergeVerdict | Verdict> {
  const commits = commitsInQuestion(verdict);
  if (commits === null || signal.aborted) return verdict;
  const find = (commit: string) => findMissing({ git, slotDir, commit, gitTimeoutMs, signal });
  const base = await find(commits.base);
  const tested = commits.tested === commits.base ? base : await find(commits.tested);
  return judgeSurroundings(verdict, { base, tested });
}

/** A tree that cannot be read misses nothing: then the verdict stands as the runs gave it. */
export async function findMissing(request: SurroundingsRequest): Promise<MissingSurroundings> {
  const { git: repo, slotDir, commit, gitTimeoutMs: timeoutMs, signal } = request;
  const listed = await listTree({ repo, commit, timeoutMs, signal });
  if (listed.kind !== 'listed') return NOTHING_MISSING;
  const own = listed.entries.filter(({ type }) => type === 'commit').map(({ path }) => path);
  const links = [...own, ...(await innerLinks(slotDir, own))];
  const pointers = await pointersOf(request, listed.entries);
  return {
    submodules: await those(links, (path) => isEmptyDirectory(slotDir, path)),
    pointers: await those(pointers, (path) => isPointerFile(slotDir, path)),
  };
}

const MODULES_BYTES = 65_536;
const MOST_INNER = 1_000;

/** Submodules of submodules that were fetched, by the files that the fetch left; `--recursive` is easily forgotten. */
async function innerLinks(slotDir: string, outer: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const link of outer) {
    const text = (await readPlainText(slotDir, `${link}/.gitmodules`, MODULES_BYTES)) ?? '';
    for (const [, path = ''] of text.matchAll(/^[ \t]*path[ \t]*=[ \t]*(\S.*?)[ \t]*$/gm))
      if (!path.split('/').includes('..') && found.length < MOST_INNER) found.push(`${link}/${path}`);
  }
  return found;
}

const ATTRIBUTES = /(?:^|\/)\.gitattributes$/;
const LARGEST_ATTRIBUTES = 1_048_576;
const MOST_READ = 20_000;

/** Where nothing says which files are of LFS, those of the size of a real pointer are read; attributes that name none are believed. */
const USUAL_POINTER = { least: 120, most: 180 };

/** Paths whose blobs are pointers. */
async function pointersOf(request: SurroundingsRequest, entries: readonly TreeEntry[]): Promise<readonly string[]> {
  const attributes = entries.filter(({ path, type }) => type === 'blob' && ATTRIBUTES.test(path)).slice(0, MOST_READ);
  const filtered = await textsOf(request, attributes, LARGEST_ATTRIBUTES);
  const isFiltered = [...filtered.values()].some((text) => /\sfilter=lfs\b/.test(text));
  if (attributes.length > 0 && !isFiltered) return [];
  const { least, most } = isFiltered ? { least: POINTER.length, most: POINTER_BYTES } : USUAL_POINTER;
  const small = entries
    .filter(({ mode, size = 0 }) => mode.startsWith('100') && size >= least && size <= most)
    .slice(0, MOST_READ);
  const texts = await textsOf(request, small, POINTER_BYTES);
  return small.filter(({ oid }) => texts.get(oid)?.startsWith(POINTER) === true).map(({ path }) => path);
}

async function textsOf(
  { git: repo, gitTimeoutMs: timeoutMs, signal }: SurroundingsRequest,
  entries: readonly TreeEntry[],
  maxObjectBytes: number,
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  const oids = [...new Set(entries.map(({ oid }) => oid))];
  await readObjects({
    repo,
    oids,
    maxObjectBytes,
    timeoutMs,
    signal,
    onObject: ({ oid, bytes }) => texts.set(oid, Buffer.from(bytes).toString('latin1')),
  });
  return texts;
}

async function those(paths: readonly string[], holds: (path: string) => Promise<boolean>): Promise<readonly string[]> {
  const found: string[] = [];
  for (const path of paths) if (await holds(path)) found.push(path);
  return found;
}
