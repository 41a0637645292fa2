/** From the names that people and CI systems use in a checkout to exact commits: HEAD, object names, branches, remote branches. */
import { callGit } from './adapters/git-call.ts';
import { isSha } from './object-name.ts';
import type { GitFailed, RepoRequest, Sha } from './outcome.ts';
import { validateRefName } from './ref-name.ts';

/** The exact commit behind a name. */
export interface NamedCommit {
  readonly kind: 'found';
  /** Full object name. */
  readonly sha: Sha;
  /** The full name it was found under; null for HEAD and for an object name. */
  readonly ref: string | null;
}

/** No commit has this name here. */
export interface UnknownName {
  /** `absent`: a whole object name that is not here. `ambiguous`: the beginning of several. */
  readonly kind: 'unknown-ref' | 'absent' | 'ambiguous';
  /** The name, cut to 300 characters. */
  readonly name: string;
}

/**
 * Where a name stands in a checkout: `HEAD`; a full or shortened object name; `refs/…`; a branch; then a branch of a remote
 * (`origin/main`). Tags only by their full name. No revision expression is understood.
 */
export async function nameInCheckout(
  request: RepoRequest & {
    /** What a person or a CI system wrote. */
    readonly name: string;
  },
): Promise<NamedCommit | UnknownName | GitFailed> {
  const { name } = request;
  if (name === 'HEAD') return (await commitAt(request, 'HEAD', null)) ?? { kind: 'unknown-ref', name };
  if (isSha(name)) return (await commitAt(request, name, null)) ?? { kind: 'absent', name };
  for (const ref of refsFor(name)) {
    const found = await commitAt(request, ref, ref);
    if (found !== null) return found;
  }
  return SHORT.test(name) ? shortened(request) : { kind: 'unknown-ref', name: String(name).slice(0, 300) };
}

const SHORT = /^[0-9a-f]{7,39}$/;

/** Full names to try, in this order. */
function refsFor(name: unknown): readonly string[] {
  if (typeof name !== 'string') return [];
  const inside = /^refs\/(.+)$/s.exec(name)?.[1];
  if (inside !== undefined) return validateRefName(`x/${inside}`).kind === 'valid' ? [name] : [];
  return validateRefName(name).kind === 'valid' ? [`refs/heads/${name}`, `refs/remotes/${name}`] : [];
}

async function commitAt(
  request: RepoRequest,
  what: string,
  ref: string | null,
): Promise<NamedCommit | GitFailed | null> {
  const asked = await callGit(
    {
      op: 'resolve',
      gitDir: request.repo.gitDir,
      args: ['cat-file', '--batch-check=%(objectname)'],
      stdin: `${what}^{commit}\n`,
    },
    request,
  );
  if (asked.kind === 'git-failed') return asked;
  const sha = asked.text.trim();
  return isSha(sha) ? { kind: 'found', sha, ref } : null;
}

async function shortened(
  request: RepoRequest & { readonly name: string },
): Promise<NamedCommit | UnknownName | GitFailed> {
  const { name, repo } = request;
  const asked = await callGit(
    { op: 'resolve', gitDir: repo.gitDir, args: ['rev-parse', `--disambiguate=${name}`] },
    request,
  );
  if (asked.kind === 'git-failed') return asked;
  const commits: Sha[] = [];
  for (const oid of asked.text.split('\n').filter(isSha).slice(0, MANY)) {
    const found = await commitAt(request, oid, null);
    if (found?.kind === 'git-failed') return found;
    if (found?.sha === oid) commits.push(oid);
  }
  const [only] = commits;
  if (only === undefined) return { kind: 'unknown-ref', name };
  return commits.length === 1 ? { kind: 'found', sha: only, ref: null } : { kind: 'ambiguous', name };
}

/** Objects that one beginning may stand for before it is called ambiguous. */
const MANY = 20;

/** Answer of `namesInCheckout`. */
export interface ListedNames {
  /** Always this one. */
  readonly kind: 'listed';
  /** Short, without any `HEAD`. */
  readonly names: readonly string[];
}

/** Names that a person may have meant: branches, and branches of remotes. */
export async function namesInCheckout(request: RepoRequest): Promise<ListedNames | GitFailed> {
  const listed = await callGit(
    {
      op: 'list-heads',
      gitDir: request.repo.gitDir,
      args: ['for-each-ref', '--format=%(refname)', 'refs/heads/', 'refs/remotes/'],
    },
    request,
  );
  if (listed.kind === 'git-failed') return listed;
  const names = listed.text
    .split('\n')
    .flatMap((ref) => /^refs\/(?:heads|remotes)\/(.+)$/.exec(ref)?.[1] ?? [])
    .filter((name) => !name.endsWith('/HEAD'));
  return { kind: 'listed', names };
}
