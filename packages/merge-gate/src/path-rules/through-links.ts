/**
 * Which paths a change touches through symbolic links: what a link that it adds leads to, and links of the tree that lead to what it
 * changes. A rule for `docs/**` says nothing of `src`, so a link between the two makes the change one of both.
 */
import { posix } from 'node:path';
import { type ChangedEntry, type GitRepo, listTree, readObjects, type TreeEntry } from '@gatehouse/git';

const LINK = '120000';
const SUBMODULE = '160000';
const TARGET_BYTES = 4_096;
const MOST_LINKS = 2_000;
const MOST_PATHS = 20_000;
/** Links times changed paths; a tenth of a second at worst. */
const MOST_COMPARED = 2_000_000;

interface Touched {
  readonly repo: GitRepo;
  readonly tested: string;
  readonly changed: readonly ChangedEntry[];
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Paths to be covered beside the changed ones. Null: no rule may cover the change, as it moves a submodule, makes a file executable
 * or a link of it, adds a link to nowhere, to another link or out of the tree, or is too large to be followed.
 */
export async function pathsThroughLinks(touched: Touched): Promise<readonly string[] | null> {
  const { repo, tested, changed, timeoutMs, signal } = touched;
  if (changed.some(isOfAnotherKind)) return null;
  const listed = await listTree({ repo, commit: tested, timeoutMs, signal });
  if (listed.kind !== 'listed') return null;
  const links = listed.entries.filter(({ mode }) => mode === LINK);
  if (links.length === 0) return [];
  if (links.length > MOST_LINKS || links.length * changed.length > MOST_COMPARED) return null;
  const targets = await targetsOf(touched, links);
  if (targets === null) return null;
  const own = new Set(changed.map(({ path }) => path));
  const reached = new Set(own);
  // Twice, for a link to a link.
  for (const { path, oid } of [...links, ...links]) {
    const target = resolveTarget(path, targets.get(oid) ?? '');
    const found = own.has(path) ? behind(target, listed.entries) : namesThrough(path, target, reached);
    if (found === null || reached.size + found.length > MOST_PATHS) return null;
    for (const name of found) reached.add(name);
  }
  return [...reached].filter((path) => !own.has(path));
}

const isOfAnotherKind = ({ before, after }: ChangedEntry): boolean =>
  before?.mode === SUBMODULE ||
  after?.mode === SUBMODULE ||
  (before !== null && after !== null && before.mode !== after.mode);

async function targetsOf(
  { repo, timeoutMs, signal }: Touched,
  links: readonly TreeEntry[],
): Promise<ReadonlyMap<string, string> | null> {
  const targets = new Map<string, string>();
  const read = await readObjects({
    repo,
    timeoutMs,
    signal,
    oids: [...new Set(links.map(({ oid }) => oid))],
    maxObjectBytes: TARGET_BYTES,
    onObject: ({ oid, bytes }) => targets.set(oid, Buffer.from(bytes).toString()),
  });
  return read.kind === 'read' && read.missing.length + read.oversized.length === 0 ? targets : null;
}

/** Below the root of the tree, which is `''`; null: outside of it. */
function resolveTarget(path: string, text: string): string | null {
  if (text === '' || text.startsWith('/')) return null;
  const target = posix.join(posix.dirname(path), text).replace(/\/$/, '');
  if (target === '..' || target.startsWith('../')) return null;
  return target === '.' ? '' : target;
}

/** Every file that a link shows; null: none can be named. */
function behind(target: string | null, entries: readonly TreeEntry[]): readonly string[] | null {
  if (target === null) return null;
  const within = target === '' ? '' : `${target}/`;
  const found = entries.filter(({ path }) => path === target || path.startsWith(within));
  return found.length === 0 || found.some(({ mode }) => !mode.startsWith('100')) ? null : found.map(({ path }) => path);
}

/** The names that changed files have behind a link that did not change. */
function namesThrough(link: string, target: string | null, changed: ReadonlySet<string>): readonly string[] {
  if (target === null) return [];
  const within = target === '' ? '' : `${target}/`;
  return [...changed].flatMap((path) =>
    path === target ? link : path.startsWith(within) ? `${link}/${path.slice(within.length)}` : [],
  );
}
