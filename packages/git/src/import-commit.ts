/**
 * Copies one commit with its history from another repository on this machine. Of the source only objects are read,
 * through a scratch repository of ours: its configuration, hooks, refs and helpers do not take part.
 */
import { join } from 'node:path';
import { invariant } from '@gatehouse/verdict';
import { absent, onDisk, readText, removeAll } from './adapters/disk.ts';
import { callGit, DEADLINE } from './adapters/git-call.ts';
import { makeScratchRepository } from './adapters/git-directory.ts';
import { expectSha } from './object-name.ts';
import type { CallOptions, GitFailed, GitRepo, RefusedCall, Sha } from './outcome.ts';
import { isProtected } from './protected.ts';
import { isFullRef } from './ref-name.ts';

/** Request of `importCommit`. */
export interface ImportCommit extends CallOptions {
  /** Where the objects are; may be a clone that an agent writes to. */
  readonly from: GitRepo;
  /** The mirror that gets them. */
  readonly into: GitRepo;
  /** The commit to bring, with all that it needs. */
  readonly commit: Sha;
  /** Full name under `refs/heads/` or `refs/gatehouse/` that will keep the commit; replaced when it exists. */
  readonly ref: string;
}

/** Flaws of very old histories that do no harm. Every other flaw that `fsck` knows ends the import as `corrupt`. */
const HARMLESS = ['zeroPaddedFilemode', 'missingSpaceBeforeDate', 'badTimezone'];

/** Imports `commit` as `ref`. A protected branch is only created, never moved. Shallow sources fail. */
export async function importCommit(
  request: ImportCommit,
): Promise<{ readonly kind: 'imported' } | RefusedCall | GitFailed> {
  const { from, into, commit, ref } = request;
  expectSha(commit, 'commit');
  invariant(isFullRef(ref), 'an import names a full ref');
  invariant(
    [from.gitDir, into.gitDir].every((dir) => typeof dir === 'string' && /^\/[^\0\n]+$/.test(dir)),
    'a git directory is absolute',
  );
  const source = join(from.gitDir, 'objects');
  const guarded = await onDisk('import', () => judgeSource(request, source));
  if (guarded.kind !== 'fine') return guarded;
  const scratch = await onDisk('import', () => makeScratchRepository(source, commit));
  if (typeof scratch !== 'string') return scratch;
  try {
    const copied = await callGit(
      {
        op: 'import',
        gitDir: into.gitDir,
        args: [
          'fetch',
          '--quiet',
          '--no-tags',
          '--no-write-fetch-head',
          '--no-recurse-submodules',
          '--no-auto-maintenance',
          '--end-of-options',
          scratch,
          commit,
        ],
        protocol: 'file',
        settings: ['fetch.fsckObjects=true', ...HARMLESS.map((flaw) => `fetch.fsck.${flaw}=ignore`)],
        deadlineMs: DEADLINE.remote,
      },
      request,
    );
    if (copied.kind === 'git-failed') return copied;
  } finally {
    await removeAll(scratch);
  }
  const expected = guarded.mustBeNew ? ['0'.repeat(40)] : [];
  const kept = await callGit(
    { op: 'import', gitDir: into.gitDir, args: ['update-ref', '--no-deref', ref, commit, ...expected] },
    request,
  );
  return kept.kind === 'git-failed' ? kept : { kind: 'imported' };
}

async function judgeSource(
  request: ImportCommit,
  source: string,
): Promise<{ readonly kind: 'fine'; readonly mustBeNew: boolean } | RefusedCall> {
  const { into, ref, from } = request;
  const borrowed = await readText(join(source, 'info/alternates'));
  const own = join(into.gitDir, 'objects');
  const foreign = (borrowed ?? '').split('\n').filter((line) => line !== '' && line !== own);
  if (foreign.length > 0) return refused('the source borrows objects from a third repository');
  if (!(await absent(join(from.gitDir, 'shallow')))) return refused('the source is shallow');
  const short = /^refs\/heads\/(.+)$/.exec(ref)?.[1];
  const mustBeNew = short !== undefined && (await isProtected(into, short));
  if (mustBeNew && !(await absent(join(into.gitDir, ref)))) return refused(`${ref} is protected`);
  return { kind: 'fine', mustBeNew };
}

const refused = (reason: string): RefusedCall => ({ kind: 'refused', reason });
