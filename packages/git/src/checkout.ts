/**
 * A repository as somebody works in it: a clone of CI, a linked work tree, a bare repository. Of it only refs and objects are
 * read; its configuration, hooks and helpers do not take part, and nothing in it is changed.
 */

import { gitDirectoryAt, realPathOf } from './adapters/checkout-place.ts';
import { gitFailed } from './adapters/diagnosis.ts';
import { onDisk, readText } from './adapters/disk.ts';
import { callGit } from './adapters/git-call.ts';
import { isSha } from './object-name.ts';
import type { CallOptions, GitFailed, RefusedCall, RepoRequest, Sha } from './outcome.ts';
import { requireGit } from './version.ts';

/** What there is to know before a commit of it is judged. */
export interface Checkout {
  readonly kind: 'checkout';
  /** Absolute; that of the work tree itself where it is a linked one. */
  readonly gitDir: string;
  /** Absolute path of its objects. */
  readonly objects: string;
  /** It has no work tree. */
  readonly isBare: boolean;
  /** Commits whose parents were cut off; empty for a whole clone. */
  readonly shallow: readonly Sha[];
  /** It may lack objects that its remote has (`--filter`). */
  readonly isPartial: boolean;
  /** Where HEAD is; `branch` is null when it is detached. Null: nothing is checked out yet. */
  readonly head: {
    /** Its commit. */
    readonly sha: Sha;
    /** Short name of the branch. */
    readonly branch: string | null;
  } | null;
  /** Names of its remotes. */
  readonly remotes: readonly string[];
}

/** Request of `readCheckout`. */
export interface ReadCheckout extends CallOptions {
  /** Absolute path of the repository, or of a directory in its work tree. */
  readonly path: string;
}

/** Reads the state of the repository around `path`. Refuses a place without one, and object names that are not SHA-1. */
export async function readCheckout(request: ReadCheckout): Promise<Checkout | RefusedCall | GitFailed> {
  const { path } = request;
  if (typeof path !== 'string' || !path.startsWith('/') || path.includes('\0'))
    return refused('a checkout lies at an absolute path');
  const unfit = await requireGit(request);
  if (unfit !== null) return unfit;
  const gitDir = await onDisk('read-checkout', async () => {
    const real = await realPathOf(path);
    return real === null ? null : gitDirectoryAt(real);
  });
  if (gitDir === null) return refused('there is no git repository');
  if (typeof gitDir !== 'string') return gitDir;
  return readAt(gitDir, request);
}

async function readAt(gitDir: string, options: CallOptions): Promise<Checkout | RefusedCall | GitFailed> {
  const repo = { gitDir };
  const args = ['rev-parse', '--path-format=absolute', '--show-object-format', '--is-bare-repository'];
  const asked = await callGit(
    { op: 'read-checkout', gitDir, args: [...args, '--git-path', 'objects', '--git-path', 'shallow'] },
    options,
  );
  if (asked.kind === 'git-failed') return asked;
  const [format, bare, objects = '', shallowFile = ''] = asked.text.split('\n');
  if (format !== 'sha1') return refused(`its objects have ${format} names, and only sha1 is supported`);
  if (!objects.startsWith('/') || /["\\#]/.test(objects)) return refused('its path cannot be borrowed from');
  const cut = await onDisk('read-checkout', () => readText(shallowFile));
  if (cut !== null && typeof cut !== 'string') return cut;
  const head = await readHead({ ...options, repo });
  if (head !== null && 'kind' in head) return head;
  const configured = await readConfiguration({ ...options, repo });
  if ('kind' in configured) return configured;
  const shallow = (cut ?? '').split('\n').filter(isSha);
  return { kind: 'checkout', gitDir, objects, isBare: bare === 'true', shallow, head, ...configured };
}

async function readHead(request: RepoRequest): Promise<Checkout['head'] | GitFailed> {
  const { gitDir } = request.repo;
  const op = 'read-head';
  const sha = await callGit(
    { op, gitDir, args: ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], acceptSilent: [1] },
    request,
  );
  if (sha.kind === 'git-failed') return sha;
  const found = sha.text.trim();
  if (!isSha(found)) return null;
  const named = await callGit({ op, gitDir, args: ['symbolic-ref', '--quiet', 'HEAD'], acceptSilent: [1] }, request);
  if (named.kind === 'git-failed') return named;
  return { sha: found, branch: /^refs\/heads\/(.+)\n$/.exec(named.text)?.[1] ?? null };
}

const PARTIAL = /^(?:extensions\.partialclone|remote\..+\.promisor)$/;
const REMOTE = /^remote\.(.+)\.url$/;

/** Only names are looked at. */
async function readConfiguration(request: RepoRequest): Promise<Pick<Checkout, 'isPartial' | 'remotes'> | GitFailed> {
  const { gitDir } = request.repo;
  const listed = await callGit(
    { op: 'read-checkout', gitDir, args: ['config', '--local', '--name-only', '--list', '-z'] },
    request,
  );
  if (listed.kind === 'git-failed') return listed;
  if (listed.bytes.length > 1024 * 1024)
    return gitFailed('read-checkout', 'other', { stderr: 'its config is too long' });
  const keys = listed.text.split('\0');
  const remotes = keys.flatMap((key) => REMOTE.exec(key)?.[1] ?? []);
  return { isPartial: keys.some((key) => PARTIAL.test(key)), remotes: [...new Set(remotes)] };
}

const refused = (reason: string): RefusedCall => ({ kind: 'refused', reason });
