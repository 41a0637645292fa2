/**
 * Makes a bare repository from a `git fast-import` stream: exact commits without a work tree, an index or an identity.
 */
import { callGit, DEADLINE } from './adapters/git-call.ts';
import type { CallOptions, GitFailed, RefusedCall } from './outcome.ts';
import { validateRefName } from './ref-name.ts';

/** Request of `importHistory`. */
export interface ImportHistory extends CallOptions {
  /** Absolute path of the new bare repository; its parent must exist. */
  readonly dir: string;
  /** The branch HEAD names. */
  readonly main: string;
  /** The stream, see git-fast-import(1). It is trusted: it comes from the caller, never from a repository. */
  readonly stream: Uint8Array;
}

/** The repository is there, keeps a reflog of every ref, and holds what the stream said. */
export interface ImportedHistory {
  readonly kind: 'imported';
  /** Absolute path of the git directory. */
  readonly gitDir: string;
}

/** Creates the repository and imports the stream. What git refuses of the stream is `git-failed`. */
export async function importHistory(request: ImportHistory): Promise<ImportedHistory | RefusedCall | GitFailed> {
  const { dir, main, stream } = request;
  if (typeof dir !== 'string' || !dir.startsWith('/') || dir.includes('\0'))
    return { kind: 'refused', reason: 'a repository lives at an absolute path' };
  const name = validateRefName(main);
  if (name.kind === 'invalid') return { kind: 'refused', reason: `main: ${name.reason}` };
  const op = 'import-history';
  const made = await callGit(
    { op, args: ['init', '--quiet', '--bare', '--template=', `--initial-branch=${main}`, dir] },
    request,
  );
  if (made.kind === 'git-failed') return made;
  const logged = await callGit({ op, gitDir: dir, args: ['config', 'core.logAllRefUpdates', 'always'] }, request);
  if (logged.kind === 'git-failed') return logged;
  const imported = await callGit(
    {
      op,
      gitDir: dir,
      args: ['fast-import', '--quiet'],
      settings: ['core.logAllRefUpdates=always'],
      stdin: stream,
      deadlineMs: DEADLINE.workTree,
    },
    request,
  );
  return imported.kind === 'git-failed' ? imported : { kind: 'imported', gitDir: dir };
}
