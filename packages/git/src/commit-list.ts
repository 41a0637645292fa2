/** What a branch has that its base does not: a chain of commits, oldest first, or why it is none. */
import { callGit } from './adapters/git-call.ts';
import { ObjectStream } from './object-stream.ts';
import type { GitFailed, RepoRequest, Sha } from './outcome.ts';
import { type RawCommit, readRawCommit } from './raw-commit.ts';

/** One commit of a branch, by name. */
export interface ListedCommit {
  readonly sha: Sha;
}

/**
 * `chain`: `fork` is the commit where branch and base part; without links, the base holds the whole branch. `unfit` says
 * what only a work tree can judge.
 */
export type CommitList =
  | { readonly kind: 'current' }
  | { readonly kind: 'chain'; readonly fork: Sha; readonly links: readonly ListedCommit[] }
  | { readonly kind: 'unfit'; readonly why: 'merges' | 'history' };

/** More than this is left to the work tree. */
const LONGEST = 1000;

/** Lists the chain, commits whose change the base has included: a catch-up applies them again. */
export async function listCommits(
  request: RepoRequest & { readonly base: Sha; readonly head: Sha },
): Promise<CommitList | GitFailed> {
  const { base, head, repo } = request;
  const listed = await callGit(
    {
      op: 'list-chain',
      gitDir: repo.gitDir,
      args: ['rev-list', '--parents', '--topo-order', `${base}...${head}`],
    },
    request,
  );
  if (listed.kind === 'git-failed') return listed;
  const found = new Map<Sha, readonly Sha[]>();
  for (const line of listed.text.split('\n')) {
    const [sha = '', ...parents] = line.split(' ');
    if (sha !== '') found.set(sha, parents);
  }
  if (!found.has(base)) return { kind: 'current' };
  const links: ListedCommit[] = [];
  let at = head;
  for (let parents = found.get(at); parents !== undefined; parents = found.get(at)) {
    const [parent, second] = parents;
    if (second !== undefined) return { kind: 'unfit', why: 'merges' };
    if (parent === undefined || links.length === LONGEST) return { kind: 'unfit', why: 'history' };
    links.unshift({ sha: at });
    at = parent;
  }
  return { kind: 'chain', fork: at, links };
}

/** One commit to replay. */
export type ReadCommit = RawCommit & ListedCommit;

/** The chain's commits, and the trees they start from. */
export interface ReadCommitList {
  readonly kind: 'read';
  readonly baseTree: Sha;
  readonly forkTree: Sha;
  readonly commits: readonly ReadCommit[];
}

const LARGEST_COMMIT = 4 * 1024 * 1024;

/** Reads what was listed; `unfit` when git would rewrite one of the texts. */
export async function readCommits(
  request: RepoRequest & { readonly base: Sha },
  { fork, links }: Extract<CommitList, { kind: 'chain' }>,
): Promise<ReadCommitList | { readonly kind: 'unfit'; readonly why: 'message' | 'history' } | GitFailed> {
  const { base, repo } = request;
  const raw = new Map<Sha, RawCommit | null>();
  const trees = new Map<Sha, Sha>();
  const stream = new ObjectStream(LARGEST_COMMIT, ({ oid, bytes }) => {
    raw.set(oid, readRawCommit(bytes));
    trees.set(oid, Buffer.from(bytes.subarray(5, 45)).toString('latin1'));
  });
  const read = await callGit(
    {
      op: 'read-chain',
      gitDir: repo.gitDir,
      args: ['cat-file', '--batch', '--buffer'],
      stdin: `${[base, fork, ...links.map(({ sha }) => sha)].join('\n')}\n`,
      onBytes: (bytes) => stream.push(bytes),
    },
    request,
  );
  if (read.kind === 'git-failed') return read;
  const [baseTree, forkTree] = [trees.get(base), trees.get(fork)];
  if (baseTree === undefined || forkTree === undefined) return { kind: 'unfit', why: 'history' };
  const commits = links.flatMap((link) => {
    const commit = raw.get(link.sha);
    return commit === undefined || commit === null ? [] : [{ ...commit, ...link }];
  });
  return commits.length === links.length
    ? { kind: 'read', baseTree, forkTree, commits }
    : { kind: 'unfit', why: 'message' };
}
