/**
 * Whether a base still holds the change that a commit of a branch makes. Asked only about a commit that conflicts: one whose
 * change the base has, and has built on, is nobody's fault; one whose change the base took back is the author's to settle.
 */
import { callGit } from './adapters/git-call.ts';
import type { GitFailed, RepoRequest, Sha } from './outcome.ts';
import { listRawChanges } from './raw-changes.ts';
import { type Edit, isUndone, PATCH_FORMAT, readEdits } from './zero-context-patch.ts';

/** `kept`: `twin` is the newest commit of the base that makes the same change, and nothing after it took it back. */
export type ChangeOnBase =
  | { readonly kind: 'kept'; readonly twin: Sha }
  | { readonly kind: 'taken-back' }
  | { readonly kind: 'absent' };

interface OneCommit extends RepoRequest {
  readonly base: Sha;
  /** Not a merge and not a root. */
  readonly commit: Sha;
}

/** What became of the change of `commit` on `base`, after the point where both part. */
export async function changeOnBase(request: OneCommit): Promise<ChangeOnBase | GitFailed> {
  const { base, commit, repo } = request;
  const listed = await callGit(
    {
      op: 'find-same-change',
      gitDir: repo.gitDir,
      args: ['rev-list', '--cherry-mark', '--topo-order', `${base}...${commit}`, `^${commit}^`],
    },
    request,
  );
  if (listed.kind === 'git-failed') return listed;
  const same = listed.text.split('\n').flatMap((line) => (line.startsWith('=') ? [line.slice(1)] : []));
  const twin = same.find((sha) => sha !== commit);
  if (twin === undefined) return { kind: 'absent' };
  const changed = await listRawChanges({ ...request, from: base, to: base, commits: [commit] });
  if (changed.kind === 'git-failed') return changed;
  const paths = changed.byCommits.map(({ path }) => path);
  const own = await editsIn(request, [`${commit}^!`], paths);
  if (own.kind === 'git-failed') return unknown(own);
  const later = await editsIn(request, [`^${twin}`, base], paths);
  if (later.kind === 'git-failed') return unknown(later);
  return isUndone(own.commits.flat(), later.commits) ? { kind: 'taken-back' } : { kind: 'kept', twin };
}

/** What is too large to be read is taken for no twin, and the conflict stands; a machine's trouble is no answer. */
const unknown = (failed: GitFailed): ChangeOnBase | GitFailed =>
  failed.trouble === 'other' ? { kind: 'absent' } : failed;

const PATCH_BYTES = 64 * 1024 * 1024;

/** Oldest first. Every commit that touches one of the paths is read, also those of arms that a merge brought. */
async function editsIn(
  request: OneCommit,
  range: readonly string[],
  paths: readonly string[],
): Promise<{ readonly kind: 'read'; readonly commits: readonly (readonly Edit[])[] } | GitFailed> {
  const within = paths.some((path) => path.includes('\n')) ? [] : paths;
  const printed = await callGit(
    {
      op: 'read-changes',
      gitDir: request.repo.gitDir,
      args: ['log', '--no-merges', '--full-history', '--topo-order', '--reverse', ...PATCH_FORMAT, '--stdin'],
      // Paths need not be texts, so they do not go into the argument list.
      stdin: Buffer.from(`${[...range, '--', ...within].join('\n')}\n`, 'latin1'),
      maxBytes: PATCH_BYTES,
    },
    request,
  );
  if (printed.kind === 'git-failed') return printed;
  return { kind: 'read', commits: readEdits(printed.bytes.toString('latin1')) };
}

/**
 * The newest commits of `base` that make the same changes as commits of `head`, oldest first. Empty when there are none, and
 * when the base took one of the changes back.
 */
export async function keptTwins(
  request: RepoRequest & { readonly base: Sha; readonly head: Sha },
): Promise<{ readonly kind: 'listed'; readonly commits: readonly Sha[]; readonly twins: readonly Sha[] } | GitFailed> {
  const { base, head, repo } = request;
  const range = ['rev-list', '--left-right', '--cherry-mark', '--no-merges', '--topo-order', `${base}...${head}`];
  const [marked, ofHead] = await Promise.all([
    callGit({ op: 'find-same-change', gitDir: repo.gitDir, args: range }, request),
    callGit({ op: 'find-same-change', gitDir: repo.gitDir, args: ['rev-list', head, `^${base}`] }, request),
  ]);
  if (marked.kind === 'git-failed') return marked;
  if (ofHead.kind === 'git-failed') return ofHead;
  const own = new Set(ofHead.text.split('\n'));
  const same = marked.text.split('\n').flatMap((line) => (line.startsWith('=') ? [line.slice(1)] : []));
  const commits = same.filter((sha) => own.has(sha));
  const kept = new Set<Sha>();
  for (const commit of commits) {
    const change = await changeOnBase({ ...request, commit });
    if (change.kind === 'git-failed') return change;
    if (change.kind === 'taken-back') return { kind: 'listed', commits: [], twins: [] };
    if (change.kind === 'kept') kept.add(change.twin);
  }
  return { kind: 'listed', commits, twins: same.filter((sha) => kept.has(sha)).reverse() };
}
