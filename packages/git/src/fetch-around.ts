/**
 * Fetches around broken branches. A remote with one ref whose objects are missing refuses every fetch that asks for it;
 * so the others are asked for without it.
 */

import { callGit, DEADLINE } from './adapters/git-call.ts';
import { fetchRefs } from './fetch-refs.ts';
import { isSha } from './object-name.ts';
import type { GitFailed, GitFailureKind, GitRepo, RemoteOptions, Sha } from './outcome.ts';
import type { Reached } from './remote-access.ts';

/** Request of `fetchAround`. */
export interface FetchAround extends RemoteOptions {
  readonly repo: GitRepo;
  readonly remote: Reached;
  /** Why the fetch of everything failed; the answer when this way leads nowhere either. */
  readonly failure: GitFailed;
}

/** Everything that can be fetched is here. */
export interface FetchedAround {
  readonly kind: 'around';
  /** Short names, and where the remote says they are. */
  readonly broken: ReadonlyMap<string, Sha>;
}

interface Branch {
  readonly ref: string;
  readonly sha: Sha;
}

/** Failures that say nothing about a single branch. */
const ABOUT_ALL: ReadonlySet<GitFailureKind> = new Set([
  'timeout',
  'killed',
  'cancelled',
  'disk-full',
  'denied',
  'missing-git',
  'too-old',
  'not-a-repository',
  'locked',
]);

/** Whether a failure would meet every other fetch alike. */
export const isAboutAll = ({ trouble }: GitFailed): boolean => ABOUT_ALL.has(trouble);

/** What git says when objects are the matter, and not the way to the remote. */
const ABOUT_OBJECTS =
  /not our ref|bad (?:tree )?object|missing (?:blob|tree|commit|object)|repository corruption|is corrupt|is empty|unable to read|did not receive expected|did not send all/;

/** Whether a failure is about objects that the remote lacks, and not about the way to it. */
export const isAboutObjects = ({ stderr }: GitFailed): boolean => ABOUT_OBJECTS.test(stderr);

/** Each broken branch among n costs about 2·log2(n) fetches. */
const FETCHES = 120;

/** Halves what is asked for until each broken branch stands alone. Branches that did not move are not asked for. */
export async function fetchAround(request: FetchAround): Promise<FetchedAround | GitFailed> {
  const { failure } = request;
  if (isAboutAll(failure)) return failure;
  const [there, here] = [await listRemote(request), await listMirror(request)];
  // A mirror with a broken ref of its own fails here: that is not the remote's doing.
  if (there === null || here === null) return failure;
  const pruned = await prune(request, there, here);
  if (pruned !== null) return pruned;
  const waiting = [there.filter(({ ref, sha }) => here.get(ref) !== sha)];
  const broken = new Map<string, Sha>();
  for (let fetches = 0; waiting.length > 0; fetches += 1) {
    const group = waiting.pop() ?? [];
    if (group.length === 0) continue;
    if (fetches === FETCHES) return failure;
    const failed = await fetchRefs({ ...request, prune: false, refspecs: group.map(({ ref }) => `+${ref}:${ref}`) });
    if (failed === null) continue;
    if (isAboutAll(failed)) return failed;
    const named = group.filter(({ sha }) => failed.stderr.includes(`not our ref ${sha}`));
    const guilty = group.length === 1 ? group : named;
    if (guilty.length > 0) {
      if (!isAboutObjects(failed)) return failed;
      for (const { ref, sha } of guilty) broken.set(ref.slice('refs/heads/'.length), sha);
      waiting.push(group.filter((branch) => !guilty.includes(branch)));
    } else {
      const half = Math.ceil(group.length / 2);
      waiting.push(group.slice(half), group.slice(0, half));
    }
  }
  return { kind: 'around', broken };
}

/** What git allows in a ref and a refspec takes literally; a remote may say anything. */
const PLAIN = /^refs\/heads\/[^\0-\x20\x7f~^:?*[\\]+$/;

async function listRemote(request: FetchAround): Promise<Branch[] | null> {
  const { repo, remote } = request;
  const listed = await callGit(
    {
      op: 'ask-remote',
      gitDir: repo.gitDir,
      args: ['ls-remote', '--quiet', '--heads', '--refs', '--end-of-options', remote.url],
      ...remote.call,
      deadlineMs: DEADLINE.remote,
    },
    request,
  );
  if (listed.kind === 'git-failed') return null;
  return listed.text.split('\n').flatMap((line) => {
    const [sha, ref = ''] = line.split('\t');
    return isSha(sha) && PLAIN.test(ref) && !ref.includes('..') ? [{ ref, sha }] : [];
  });
}

async function listMirror(request: FetchAround): Promise<Map<string, Sha> | null> {
  const { gitDir } = request.repo;
  const format = '--format=%(objecttype) %(objectname) %(refname)';
  const listed = await callGit({ op: 'list-heads', gitDir, args: ['for-each-ref', format, 'refs/'] }, request);
  if (listed.kind === 'git-failed') return null;
  return new Map(
    listed.text.split('\n').flatMap((line) => {
      const [, sha = '', ref = ''] = line.split(' ');
      return ref.startsWith('refs/heads/') ? [[ref, sha] as const] : [];
    }),
  );
}

async function prune(
  request: FetchAround,
  there: readonly Branch[],
  here: ReadonlyMap<string, Sha>,
): Promise<GitFailed | null> {
  const kept = new Set(there.map(({ ref }) => ref));
  const gone = [...here].filter(([ref]) => !kept.has(ref));
  if (gone.length === 0) return null;
  const pruned = await callGit(
    {
      op: 'prune',
      gitDir: request.repo.gitDir,
      args: ['update-ref', '--no-deref', '--stdin'],
      stdin: gone.map(([ref, sha]) => `delete ${ref} ${sha}\n`).join(''),
    },
    request,
  );
  return pruned.kind === 'git-failed' ? pruned : null;
}
