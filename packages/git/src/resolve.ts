/** From names to exact commits, and how commits relate. Everything after this file works with full object names. */

import { callGit } from './adapters/git-call.ts';
import { explainFailure, unreadableObjects } from './adapters/unreadable-objects.ts';
import { expectSha, isSha } from './object-name.ts';
import type { GitFailed, RepoRequest, Sha } from './outcome.ts';
import { isFullRef, validateRefName } from './ref-name.ts';

/** A commit and its tree. */
export interface FoundCommit {
  readonly kind: 'found';
  /** Full object name of the commit. */
  readonly sha: Sha;
  /** Tree object name of the commit. */
  readonly tree: Sha;
}

/** What a name leads to. */
export type Resolved =
  | FoundCommit
  | {
      readonly kind: 'unknown-ref';
      /** Short branch name, full ref name, or full object name. */
      readonly ref: string;
    }
  | GitFailed;

/**
 * Resolves a short branch name, a full `refs/heads/…` or `refs/gatehouse/…` name, or a full object name to a commit.
 * Anything else, revision expressions included, is `unknown-ref`. A ref whose commit is gone is `missing-object`.
 */
export async function resolveCommit(
  request: RepoRequest & {
    /** Short branch name, full ref name, or full object name. */
    readonly ref: string;
  },
): Promise<Resolved> {
  const { ref, repo } = request;
  const name = fullNameOf(ref);
  if (name === null) return { kind: 'unknown-ref', ref: String(ref).slice(0, 300) };
  const asked = await lookUp(request, [name]);
  if (asked.kind === 'git-failed') return asked;
  const [found = null] = asked.commits;
  if (found !== null) return found;
  if (isSha(name)) return unreadableObjects('resolve', repo.gitDir) ?? { kind: 'unknown-ref', ref };
  const pointed = await callGit(
    {
      op: 'resolve',
      gitDir: repo.gitDir,
      args: ['rev-parse', '--verify', '--quiet', '--end-of-options', name],
      acceptSilent: [1],
    },
    request,
  );
  if (pointed.kind === 'git-failed') return pointed;
  if (pointed.code === 1) return { kind: 'unknown-ref', ref };
  const about = { code: 0, stderr: `${name} points to ${pointed.text.trim()}, which is not a whole commit here` };
  return explainFailure('resolve', repo.gitDir, { ...about, kind: 'missing-object' });
}

/** As `resolveCommit` for two names, by one process of git where both are found. */
export async function resolveBoth(
  request: RepoRequest & {
    /** Short branch name, full ref name, or full object name. */
    readonly a: string;
    /** The other one. */
    readonly b: string;
  },
): Promise<
  | {
      readonly kind: 'resolved';
      /** What `a` leads to. */
      readonly a: Resolved;
      /** What `b` leads to. */
      readonly b: Resolved;
    }
  | GitFailed
> {
  const names = [fullNameOf(request.a), fullNameOf(request.b)];
  const askable = names.filter((name) => name !== null);
  const asked = await lookUp(request, askable);
  if (asked.kind === 'git-failed') return asked;
  const [a, b] = names.map((name) => (name === null ? null : asked.commits.shift()));
  return {
    kind: 'resolved',
    a: a ?? (await resolveCommit({ ...request, ref: request.a })),
    b: b ?? (await resolveCommit({ ...request, ref: request.b })),
  };
}

/** Null for a name that leads to no whole commit. */
async function lookUp(
  request: RepoRequest,
  names: readonly string[],
): Promise<{ readonly kind: 'looked-up'; readonly commits: (FoundCommit | null)[] } | GitFailed> {
  const asked = await callGit(
    {
      op: 'resolve',
      gitDir: request.repo.gitDir,
      args: ['cat-file', '--batch-check=%(objectname)'],
      stdin: names.map((name) => `${name}^{commit}\n${name}^{tree}\n`).join(''),
    },
    request,
  );
  if (asked.kind === 'git-failed') return asked;
  const lines = asked.text.split('\n');
  const commits = names.map((_, at): FoundCommit | null => {
    const [sha, tree] = [lines[2 * at], lines[2 * at + 1]];
    return isSha(sha) && isSha(tree) ? { kind: 'found', sha, tree } : null;
  });
  return { kind: 'looked-up', commits };
}

function fullNameOf(ref: unknown): string | null {
  if (isSha(ref) || isFullRef(ref)) return ref;
  return validateRefName(ref).kind === 'valid' ? `refs/heads/${String(ref)}` : null;
}

/** Whether `ancestor` is `of` or can be reached from it. */
export async function isAncestor(
  request: RepoRequest & {
    /** The commit that may be an ancestor; full object name. */
    readonly ancestor: Sha;
    /** The commit whose history is asked about; full object name. */
    readonly of: Sha;
  },
): Promise<{ readonly kind: 'yes' } | { readonly kind: 'no' } | GitFailed> {
  const { ancestor, of, repo } = request;
  expectSha(ancestor, 'ancestor');
  expectSha(of, 'of');
  const asked = await callGit(
    { op: 'is-ancestor', gitDir: repo.gitDir, args: ['merge-base', '--is-ancestor', ancestor, of], acceptSilent: [1] },
    request,
  );
  if (asked.kind === 'git-failed') return asked;
  return { kind: asked.code === 0 ? 'yes' : 'no' };
}

/** The best common ancestor; the first one git names where a criss-cross history has several. */
export async function mergeBase(
  request: RepoRequest & {
    /** One commit; full object name. */
    readonly a: Sha;
    /** The other commit; full object name. */
    readonly b: Sha;
  },
): Promise<
  | {
      readonly kind: 'found';
      /** The common ancestor; full object name. */
      readonly sha: Sha;
    }
  | { readonly kind: 'unrelated' }
  | GitFailed
> {
  const { a, b, repo } = request;
  expectSha(a, 'a');
  expectSha(b, 'b');
  const asked = await callGit(
    { op: 'merge-base', gitDir: repo.gitDir, args: ['merge-base', a, b], acceptSilent: [1] },
    request,
  );
  if (asked.kind === 'git-failed') return asked;
  const sha = asked.text.trim();
  return isSha(sha) ? { kind: 'found', sha } : { kind: 'unrelated' };
}
