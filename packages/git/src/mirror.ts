/**
 * The service's own bare copy of a repository. Its configuration is written by us each time it is opened, it never
 * collects garbage by itself, and it holds nothing of the source but branches and, apart from them, tags: no replace refs, no grafts.
 */
import { join } from 'node:path';
import { gitFailed } from './adapters/diagnosis.ts';
import { absent, onDisk, readText } from './adapters/disk.ts';
import { callGit } from './adapters/git-call.ts';
import { writePlainRepository } from './adapters/git-directory.ts';
import { readRefFiles } from './adapters/ref-files.ts';
import { fetchAround, isAboutAll } from './fetch-around.ts';
import { fetchRefs } from './fetch-refs.ts';
import type { GitFailed, GitRepo, RefusedCall, RemoteOptions, Sha } from './outcome.ts';
import { protectName } from './protected.ts';
import { validateRefName } from './ref-name.ts';
import { reachRemote } from './remote-access.ts';
import { resolveCommit } from './resolve.ts';
import { refreshTagList, TAG_REFSPEC } from './tags.ts';
import { requireGit } from './version.ts';

/** Request of `openMirror`. */
export interface OpenMirror extends RemoteOptions {
  /** Absolute path of the mirror; made when absent. Its parent belongs to the service alone. */
  readonly dir: string;
  /** The remote, from trusted configuration: see `remote-url.ts` for what is accepted. */
  readonly url: string;
  /** The branch that is landed on. */
  readonly main?: string | undefined;
  /** A mirror of another url is taken over: the caller knows that its repository has moved. [it is refused] */
  readonly takesOver?: boolean | undefined;
}

/** The mirror is there and knows `main`. */
export interface Opened {
  readonly kind: 'opened';
  /** The mirror. */
  readonly repo: GitRepo;
  /** Short name of the remote's default branch. */
  readonly main: string;
}

/** Request of `fetchMirror`. */
export interface FetchMirror extends RemoteOptions {
  /** The mirror to bring up to date. */
  readonly repo: GitRepo;
  /** The remote: an https or ssh address, or an absolute path. */
  readonly url: string;
  /** Bring the tags as well. Default true; a caller that only asks where branches are saves the time. */
  readonly tags?: boolean | undefined;
}

/** Every branch of the remote, as it is now in the mirror. */
export interface Fetched {
  readonly kind: 'fetched';
  /** By short name, without a prototype: a branch may be called `constructor`. */
  readonly heads: Readonly<Record<string, Sha>>;
  /** Branches whose names Gatehouse refuses to handle; they are in the mirror and nothing uses them. */
  readonly ignored: readonly string[];
  /**
   * Branches whose objects the remote does not have or cannot read. `heads` says where the remote has them, so that
   * they are not taken for deleted; reading such a commit is `missing-object`. Empty for a sound remote.
   */
  readonly broken: readonly string[];
}

/** The mirror is there, and up to date. */
export interface Refreshed extends Fetched {
  /** The mirror. */
  readonly repo: GitRepo;
}

/** What a remote says of a ref that holds no object name at all. */
const NO_OBJECT: Sha = '0'.repeat(40);

const MARK = 'gatehouse-url';
const HEADS = '+refs/heads/*:refs/heads/*';

/**
 * Creates or reuses the mirror of `url` in `dir`; fetches when `main` is not known yet. Refuses shallow and grafted
 * ones.
 */
export async function openMirror(request: OpenMirror): Promise<Opened | RefusedCall | GitFailed> {
  const ready = await makeReady(request);
  if (ready.kind !== 'ready') return ready;
  const { repo, main } = ready;
  const known = await resolveCommit({ ...request, repo, ref: main });
  if (known.kind === 'git-failed') return known;
  if (known.kind === 'found') return { kind: 'opened', repo, main };
  const fetched = await fetchMirror({ ...request, repo });
  if (fetched.kind === 'git-failed') return fetched;
  if (fetched.broken.includes(main))
    return gitFailed('open-mirror', 'missing-object', { stderr: `the remote has lost objects of ${main}` });
  return fetched.heads[main] === undefined
    ? refused(`the remote has no branch ${main}`)
    : { kind: 'opened', repo, main };
}

/**
 * Opens a mirror and brings it up to date, for a caller that fetches whatever is there: `openMirror` and `fetchMirror` with one
 * fetch from the first time on. A remote without `main` is `fetched`. A mirror whose own `main` is not whole is `missing-object`.
 */
export async function refreshMirror(request: OpenMirror): Promise<Refreshed | RefusedCall | GitFailed> {
  const ready = await makeReady(request);
  if (ready.kind !== 'ready') return ready;
  const { repo, main } = ready;
  const fetched = await fetchMirror({ ...request, repo });
  if (fetched.kind === 'git-failed') return fetched;
  if (fetched.heads[main] !== undefined && !fetched.broken.includes(main)) {
    const whole = await resolveCommit({ ...request, repo, ref: main });
    if (whole.kind === 'git-failed') return whole;
  }
  return { ...fetched, repo };
}

/** The mirror is configured as we write it; nothing was fetched. */
async function makeReady(
  request: OpenMirror,
): Promise<{ readonly kind: 'ready'; readonly repo: GitRepo; readonly main: string } | RefusedCall | GitFailed> {
  const { dir, url, main = 'main', takesOver = false } = request;
  const remote = reachRemote(url, request);
  if (remote.kind === 'refused') return remote;
  if (typeof dir !== 'string' || !dir.startsWith('/') || dir.includes('\0'))
    return refused('a mirror lives at an absolute path');
  const name = validateRefName(main);
  if (name.kind === 'invalid') return refused(`main: ${name.reason}`);
  const unfit = await requireGit(request);
  if (unfit !== null) return unfit;
  const prepared = await onDisk('open-mirror', () => prepare({ dir, url, main, takesOver }));
  return prepared.kind === 'done' ? { kind: 'ready', repo: { gitDir: dir }, main } : prepared;
}

async function prepare({
  dir,
  url,
  main,
  takesOver,
}: Readonly<{ dir: string; url: string; main: string; takesOver: boolean }>): Promise<
  { readonly kind: 'done' } | RefusedCall
> {
  const mark = await readText(join(dir, MARK));
  if (mark !== null && mark !== url && !takesOver) return refused('this mirror belongs to another url');
  for (const file of ['shallow', 'info/grafts', 'refs/replace']) {
    if (!(await absent(join(dir, file)))) return refused(`this mirror is not whole: ${file} exists`);
  }
  await writePlainRepository({ gitDir: dir, bare: true, files: { [MARK]: url } });
  await protectName({ gitDir: dir }, main);
  return { kind: 'done' };
}

/**
 * Brings every branch of `url` into the mirror, pruned, and its tags, for checkouts to show. A branch that the remote cannot
 * give does not stop the others: it is `broken`, and what the mirror had of it stays. A tag that it cannot give stops no branch.
 */
export async function fetchMirror(request: FetchMirror): Promise<Fetched | GitFailed> {
  const remote = reachRemote(request.url, request);
  if (remote.kind === 'refused') return gitFailed('fetch', 'other', { stderr: remote.reason });
  if (request.tags !== false) {
    const failure = await fetchRefs({ ...request, remote, refspecs: [HEADS, TAG_REFSPEC], prune: true });
    if (failure === null) {
      await refreshTagList(request);
      return readHeads(request, new Map());
    }
    if (isAboutAll(failure)) return failure;
  }
  const failure = await fetchRefs({ ...request, remote, refspecs: [HEADS], prune: true });
  if (failure === null) return readHeads(request, new Map());
  const around = await fetchAround({ ...request, remote, failure });
  return around.kind === 'git-failed' ? around : readHeads(request, around.broken);
}

async function readHeads(request: FetchMirror, broken: ReadonlyMap<string, Sha>): Promise<Fetched | GitFailed> {
  const listed = readRefFiles(request.repo.gitDir, 'heads') ?? (await askForHeads(request));
  if ('kind' in listed) return listed;
  const heads: Record<string, Sha> = Object.create(null);
  const ignored: string[] = [];
  for (const [ref, sha] of listed) {
    const name = ref.slice('refs/heads/'.length);
    if (validateRefName(name).kind === 'valid') heads[name] = sha;
    else ignored.push(name);
  }
  for (const [name, sha] of broken) if (validateRefName(name).kind === 'valid' && sha !== NO_OBJECT) heads[name] = sha;
  return { kind: 'fetched', heads, ignored, broken: [...broken.keys()] };
}

async function askForHeads(request: FetchMirror): Promise<ReadonlyMap<string, Sha> | GitFailed> {
  const { gitDir } = request.repo;
  const listed = await callGit(
    { op: 'list-heads', gitDir, args: ['for-each-ref', '--format=%(objectname) %(refname)', 'refs/heads/'] },
    request,
  );
  if (listed.kind === 'git-failed') return listed;
  const lines = listed.text.split('\n').filter((line) => line !== '');
  return new Map(lines.map((line) => [line.slice(NO_OBJECT.length + 1), line.slice(0, NO_OBJECT.length)]));
}

const refused = (reason: string): RefusedCall => ({ kind: 'refused', reason });
