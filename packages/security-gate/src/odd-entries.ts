/** What of a change no clone can be right with or glad of: a commit of another repository that nothing names, and large files. */
import { type ChangedEntry, type GitRepo, readBlob } from '@gatehouse/git';
import { gitFault } from './new-objects.ts';
import type { Gitlink, ScanFailed } from './verdict.ts';

interface Change {
  readonly git: GitRepo;
  readonly head: string;
  /** What differs between `head` and where the branch left base. */
  readonly entries: readonly ChangedEntry[];
  readonly signal: AbortSignal;
}

const GITLINK = '160000';
const GITMODULES_LIMIT = 1024 * 1024;

/** Gitlinks that the branch adds or moves and that `.gitmodules` of `head` does not name: whoever clones finds an empty folder. */
export async function findStrayLinks(change: Change): Promise<readonly Gitlink[] | ScanFailed> {
  const { git, head, entries, signal } = change;
  const links = entries.flatMap(({ path, after }) => (after?.mode === GITLINK ? [{ path, commit: after.oid }] : []));
  if (links.length === 0) return [];
  const read = await readBlob({ repo: git, commit: head, path: '.gitmodules', maxBytes: GITMODULES_LIMIT, signal });
  if (read.kind === 'git-failed' || read.kind === 'crashed') return gitFault(read);
  const named = read.kind === 'found' ? pathsOf(Buffer.from(read.bytes).toString('utf8')) : new Set<string>();
  return links.filter(({ path }) => !named.has(path));
}

/** `path = some/folder`, as git writes it; quotes and escapes as `git config` reads them. */
function pathsOf(gitmodules: string): ReadonlySet<string> {
  const values = gitmodules.matchAll(/^[ \t]*path[ \t]*=[ \t]*(.*?)[ \t\r]*$/gim);
  return new Set(Array.from(values, ([, value = '']) => unquoted(value)));
}

const unquoted = (value: string): string =>
  /^".*"$/s.test(value) ? value.slice(1, -1).replace(/\\(["\\])/g, '$1') : value;
