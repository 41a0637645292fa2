/**
 * Makes a mirror small again. Under the merge lease, because a gate that holds only a commit's name must not find it
 * gone: branches, slots and tested results are refs, and what else is waited for is named by the caller.
 */
import { invariant, LeaseProof } from '@gatehouse/verdict';
import { callGit, type GitCall } from './adapters/git-call.ts';
import { expectSha } from './object-name.ts';
import type { GitFailed, RefusedCall, RepoRequest, Sha } from './outcome.ts';

/** Request of `collectGarbage`. */
export interface CollectGarbage extends RepoRequest {
  /** Held for as long as the call runs. */
  readonly proof: LeaseProof;
  /** Commits that no ref may hold any more and a task still needs, such as the head of a task whose branch moved on. */
  readonly keep?: readonly Sha[] | undefined;
  /** Unreachable objects younger than this stay: a call that runs now may have just written them. At least an hour. */
  readonly olderThanMs?: number | undefined;
}

/** What the objects of a repository take. */
export interface ObjectCount {
  /** Objects in files of their own. */
  readonly loose: number;
  /** Packs. */
  readonly packs: number;
  /** What both take on the disk, in bytes. */
  readonly bytes: number;
}

/** The mirror holds what it must and little else. */
export interface CollectedGarbage {
  readonly kind: 'collected';
  /** What the objects took before. */
  readonly before: ObjectCount;
  /** What they take now. */
  readonly after: ObjectCount;
}

const KEPT = 'refs/gatehouse/kept/';
const LEAST_AGE_MS = 3_600_000;
const DEFAULT_AGE_MS = 14 * 24 * 3_600_000;
const DEADLINE_MS = 30 * 60_000;

/** Packs what is reachable and removes what is neither that nor young. A call that ends half-way loses nothing. */
export async function collectGarbage(request: CollectGarbage): Promise<CollectedGarbage | RefusedCall | GitFailed> {
  const { proof, keep = [], olderThanMs = DEFAULT_AGE_MS } = request;
  if (!LeaseProof.isMinted(proof))
    return { kind: 'refused', reason: 'garbage is only collected under the merge lease' };
  for (const sha of keep) expectSha(sha, 'a kept commit');
  invariant(Number.isFinite(olderThanMs) && olderThanMs >= LEAST_AGE_MS, 'garbage is at least an hour old');
  const anchored = await anchor(request, keep);
  if (anchored !== null) return anchored;
  const before = await countObjects(request);
  if ('kind' in before) return before;
  const limit = dateOf(Date.now() - olderThanMs);
  const packing = ['repack', '-A', '-d', '-l', '-q', `--unpack-unreachable=${limit}`];
  for (const args of [packing, ['prune', `--expire=${limit}`]]) {
    const done = await inMirror(request, { op: 'collect-garbage', args, deadlineMs: DEADLINE_MS });
    if (done.kind === 'git-failed') return done;
  }
  const after = await countObjects(request);
  return 'kind' in after ? after : { kind: 'collected', before, after };
}

/** Holds the named commits by refs of their own, and lets go of those that are not named any more. */
async function anchor(request: CollectGarbage, keep: readonly Sha[]): Promise<GitFailed | null> {
  const asked = keep.map((sha) => `${sha}^{commit}\n`).join('');
  const known = await inMirror(request, {
    op: 'anchor',
    args: ['cat-file', '--batch-check=%(objectname)'],
    stdin: asked,
  });
  if (known.kind === 'git-failed') return known;
  const there = new Set(known.text.split('\n'));
  const format = '--format=%(refname) %(objectname)';
  const held = await inMirror(request, { op: 'anchor', args: ['for-each-ref', format, KEPT] });
  if (held.kind === 'git-failed') return held;
  const orders = keep.filter((sha) => there.has(sha)).map((sha) => `update ${KEPT}${sha} ${sha}\n`);
  for (const line of held.text.split('\n')) {
    const [ref = '', sha = ''] = line.split(' ');
    if (ref !== '' && !keep.includes(sha)) orders.push(`delete ${ref} ${sha}\n`);
  }
  if (orders.length === 0) return null;
  const stdin = [...new Set(orders)].join('');
  const written = await inMirror(request, { op: 'anchor', args: ['update-ref', '--no-deref', '--stdin'], stdin });
  return written.kind === 'git-failed' ? written : null;
}

async function countObjects(request: CollectGarbage): Promise<ObjectCount | GitFailed> {
  const counted = await inMirror(request, { op: 'count-objects', args: ['count-objects', '-v'] });
  if (counted.kind === 'git-failed') return counted;
  const numbers = new Map(
    [...counted.text.matchAll(/^([a-z-]+): (\d+)$/gm)].map(([, key, value]) => [key, Number(value)]),
  );
  const kibibytes = (numbers.get('size') ?? 0) + (numbers.get('size-pack') ?? 0);
  return { loose: numbers.get('count') ?? 0, packs: numbers.get('packs') ?? 0, bytes: kibibytes * 1024 };
}

const inMirror = (request: CollectGarbage, call: Omit<GitCall, 'gitDir'>): ReturnType<typeof callGit> =>
  callGit({ ...call, gitDir: request.repo.gitDir }, request);

/** A date that git takes for what it says. */
const dateOf = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} +0000`;
