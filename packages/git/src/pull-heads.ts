/**
 * Heads of pull requests whose branch is in another repository: the forge shows them in the base repository as
 * `refs/pull/N/head`, a name that no branch can have. In the mirror they stand apart from branches, under `refs/gatehouse/pull/`.
 */
import { callGit, DEADLINE } from './adapters/git-call.ts';
import { isAboutAll, isAboutObjects } from './fetch-around.ts';
import { fetchRefs } from './fetch-refs.ts';
import { isSha } from './object-name.ts';
import type { GitFailed, GitRepo, RefusedCall, RemoteOptions, Sha } from './outcome.ts';
import { type Reached, reachRemote } from './remote-access.ts';

/** Request of `fetchPullHeads`. */
export interface FetchPullHeads extends RemoteOptions {
  /** The mirror that the call works on. */
  readonly repo: GitRepo;
  /** The remote: an https or ssh address, or an absolute path. */
  readonly url: string;
  /** Full names at the remote: `refs/pull/7/head`. What the mirror has of others is dropped. */
  readonly refs: readonly string[];
}

/** The asked ones, as they are now in the mirror. One that the remote does not have is in neither. */
export interface FetchedPullHeads {
  readonly kind: 'fetched';
  /** Where each asked name is now, by its full name. */
  readonly heads: Readonly<Record<string, Sha>>;
  /** Those whose objects the remote cannot give; `heads` says where it has them. */
  readonly broken: readonly string[];
}

const PULL_HEAD = /^refs\/pull\/[1-9]\d{0,9}\/head$/;

/** Outcome of `validatePullHead`. `mirrorRef` is where the mirror has it. */
export type PullHeadVerdict =
  | {
      readonly kind: 'valid';
      /** The full name at the remote, unchanged. */
      readonly name: string;
      /** Full name of the ref in the mirror. */
      readonly mirrorRef: string;
    }
  | {
      readonly kind: 'invalid';
      /** Which rule of the names it breaks. */
      readonly reason: string;
    };

/** Judges the full name of a pull request's head. No branch can have such a name. Synchronous and total. */
export const validatePullHead = (name: unknown): PullHeadVerdict =>
  typeof name === 'string' && PULL_HEAD.test(name)
    ? { kind: 'valid', name, mirrorRef: mirrorRef(name) }
    : { kind: 'invalid', reason: 'the head of a pull request is called refs/pull/N/head' };

const mirrorRef = (name: string): string => name.replace('refs/', 'refs/gatehouse/');

type Places = ReadonlyMap<string, Sha>;

/** Brings exactly these refs into the mirror. Nothing is asked of the remote for an empty list. */
export async function fetchPullHeads(request: FetchPullHeads): Promise<FetchedPullHeads | RefusedCall | GitFailed> {
  const { refs, url } = request;
  if (!Array.isArray(refs)) return { kind: 'refused', reason: 'the heads to fetch are a list' };
  for (const ref of refs) {
    const named = validatePullHead(ref);
    if (named.kind === 'invalid') return { kind: 'refused', reason: named.reason };
  }
  const remote = reachRemote(url, request);
  if (remote.kind === 'refused') return remote;
  const there = refs.length === 0 ? new Map<string, Sha>() : await listRemote(request, remote);
  if ('kind' in there) return there;
  const before = await listMirror(request);
  if ('kind' in before) return before;
  const dropped = await dropOthers(request, before, there);
  if (dropped !== null) return dropped;
  const moved = [...there].flatMap(([ref, sha]) => (before.get(ref) === sha ? [] : [ref]));
  const broken = await fetchEach(request, remote, moved);
  if ('kind' in broken) return broken;
  const now = await listMirror(request);
  if ('kind' in now) return now;
  const heads: Record<string, Sha> = Object.create(null);
  for (const [ref, sha] of there) heads[ref] = broken.has(ref) ? sha : (now.get(ref) ?? sha);
  return { kind: 'fetched', heads, broken: [...broken] };
}

async function listRemote(request: FetchPullHeads, remote: Reached): Promise<Places | GitFailed> {
  const listed = await callGit(
    {
      op: 'ask-remote',
      gitDir: request.repo.gitDir,
      args: ['ls-remote', '--quiet', '--refs', '--end-of-options', remote.url, ...request.refs],
      ...remote.call,
      deadlineMs: DEADLINE.remote,
    },
    request,
  );
  if (listed.kind === 'git-failed') return listed;
  // A pattern matches the end of a name: a branch may be called like one.
  return placesIn(listed.text, '\t', (ref) => (request.refs.includes(ref) ? ref : null));
}

async function listMirror(request: FetchPullHeads): Promise<Places | GitFailed> {
  const { gitDir } = request.repo;
  const args = ['for-each-ref', '--format=%(objectname) %(refname)', 'refs/gatehouse/pull/'];
  const listed = await callGit({ op: 'list-heads', gitDir, args }, request);
  if (listed.kind === 'git-failed') return listed;
  return placesIn(listed.text, ' ', (ref) => ref.replace('refs/gatehouse/', 'refs/'));
}

function placesIn(text: string, between: string, nameOf: (ref: string) => string | null): Places {
  const places = new Map<string, Sha>();
  for (const line of text.split('\n')) {
    const [sha, ref = ''] = line.split(between);
    const name = nameOf(ref);
    if (isSha(sha) && name !== null) places.set(name, sha);
  }
  return places;
}

async function dropOthers(request: FetchPullHeads, here: Places, there: Places): Promise<GitFailed | null> {
  const gone = [...here].filter(([ref]) => !there.has(ref));
  if (gone.length === 0) return null;
  const stdin = gone.map(([ref, sha]) => `delete ${mirrorRef(ref)} ${sha}\n`).join('');
  const { gitDir } = request.repo;
  const dropped = await callGit({ op: 'prune', gitDir, args: ['update-ref', '--no-deref', '--stdin'], stdin }, request);
  return dropped.kind === 'git-failed' ? dropped : null;
}

/** Together; where that fails, one by one, so that one that cannot be given stands in no other's way. */
async function fetchEach(
  request: FetchPullHeads,
  remote: Reached,
  refs: readonly string[],
): Promise<ReadonlySet<string> | GitFailed> {
  const fetch = (some: readonly string[]): Promise<GitFailed | null> =>
    fetchRefs({ ...request, remote, prune: false, refspecs: some.map((ref) => `+${ref}:${mirrorRef(ref)}`) });
  const broken = new Set<string>();
  if (refs.length === 0) return broken;
  const failure = await fetch(refs);
  if (failure === null) return broken;
  if (isAboutAll(failure)) return failure;
  for (const ref of refs) {
    const failed = await fetch([ref]);
    if (failed === null) continue;
    if (isAboutAll(failed) || !isAboutObjects(failed)) return failed;
    broken.add(ref);
  }
  return broken;
}
