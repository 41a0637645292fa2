/** What a branch has that its base does not: a chain of commits, oldest first, or why it is none. */
import { callGit } from './adapters/git-call.ts';
import { ObjectStream } from './object-stream.ts';
import type { GitFailed, RepoRequest, Sha } from './outcome.ts';
import { type RawCommit, readRawCommit } from './raw-commit.ts';

/** One commit to replay. */
export interface ChainedCommit extends RawCommit {
  readonly sha: Sha;
  /** The base has a commit that makes the very same change. */
  readonly onBase: boolean;
}

/**
 * `chain`: `forkTree` is where branch and base part; without commits, the base holds the whole branch. `unfit` says what
 * only a work tree can judge.
 */
export type BranchChain =
  | { readonly kind: 'current' }
  | {
      readonly kind: 'chain';
      readonly baseTree: Sha;
      readonly forkTree: Sha;
      readonly commits: readonly ChainedCommit[];
    }
  | { readonly kind: 'unfit'; readonly why: 'merges' | 'history' | 'message' };

/** More than this is left to the work tree. */
const LONGEST = 1000;

/** Reads the chain. `sameChange`: also find the commits whose change the base has already, as a rebase does. */
export async function readBranchChain(
  request: RepoRequest & { readonly base: Sha; readonly head: Sha; readonly sameChange: boolean },
): Promise<BranchChain | GitFailed> {
  const { base, head, repo, sameChange } = request;
  const marks = sameChange ? ['--cherry-mark'] : [];
  const listed = await callGit(
    {
      op: 'list-chain',
      gitDir: repo.gitDir,
      args: ['rev-list', '--left-right', ...marks, '--parents', '--topo-order', `${base}...${head}`],
    },
    request,
  );
  if (listed.kind === 'git-failed') return listed;
  const found = new Map<Sha, { readonly onBase: boolean; readonly parents: readonly Sha[] }>();
  for (const line of listed.text.split('\n')) {
    const [sha = '', ...parents] = line.slice(1).split(' ');
    if (sha !== '') found.set(sha, { onBase: line.startsWith('='), parents });
  }
  if (!found.has(base)) return { kind: 'current' };
  const chain: { readonly sha: Sha; readonly onBase: boolean }[] = [];
  let at = head;
  for (let entry = found.get(at); entry !== undefined; entry = found.get(at)) {
    const [parent, second] = entry.parents;
    if (second !== undefined) return { kind: 'unfit', why: 'merges' };
    if (parent === undefined || chain.length === LONGEST) return { kind: 'unfit', why: 'history' };
    chain.unshift({ sha: at, onBase: entry.onBase });
    at = parent;
  }
  return readCommits(request, at, chain);
}

async function readCommits(
  request: RepoRequest & { readonly base: Sha },
  fork: Sha,
  chain: readonly { readonly sha: Sha; readonly onBase: boolean }[],
): Promise<BranchChain | GitFailed> {
  const { base, repo } = request;
  const raw = new Map<Sha, RawCommit | null>();
  const trees = new Map<Sha, Sha>();
  const stream = new ObjectStream(LARGEST_COMMIT, ({ oid, bytes }) => {
    raw.set(oid, readRawCommit(bytes));
    trees.set(oid, Buffer.from(bytes.subarray(5, 45)).toString('latin1'));
  });
  const asked = [base, fork, ...chain.map(({ sha }) => sha)];
  const read = await callGit(
    {
      op: 'read-chain',
      gitDir: repo.gitDir,
      args: ['cat-file', '--batch', '--buffer'],
      stdin: `${asked.join('\n')}\n`,
      onBytes: (bytes) => stream.push(bytes),
    },
    request,
  );
  if (read.kind === 'git-failed') return read;
  const [baseTree, forkTree] = [trees.get(base), trees.get(fork)];
  if (baseTree === undefined || forkTree === undefined) return { kind: 'unfit', why: 'history' };
  const commits = chain.flatMap(({ sha, onBase }) => {
    const commit = raw.get(sha);
    return commit === undefined || commit === null ? [] : [{ ...commit, sha, onBase }];
  });
  return commits.length === chain.length
    ? { kind: 'chain', baseTree, forkTree, commits }
    : { kind: 'unfit', why: 'message' };
}

const LARGEST_COMMIT = 4 * 1024 * 1024;
