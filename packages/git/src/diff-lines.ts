/** Which lines of which files a commit range added, exact and without keeping a single line's text. */
import { callGit } from './adapters/git-call.ts';
import { expectSha } from './object-name.ts';
import type { GitFailed, RepoRequest, Sha } from './outcome.ts';
import { PatchStream } from './patch-stream.ts';

/** 1-based, both ends included. */
export interface LineRange {
  /** First line. */
  readonly start: number;
  /** Last line. */
  readonly end: number;
}

/** One file that differs, under its path in `head` (in `base` when it was deleted). */
export interface ChangedFile {
  /** The path in `base`, when the file was renamed. */
  readonly from?: string;
  /** Added, modified, deleted, renamed, or turned into another type (file, link, submodule). */
  readonly status: 'A' | 'M' | 'D' | 'R' | 'T';
  /** Lines of `head` that `base` does not have, in order. */
  readonly added: readonly LineRange[];
  /** Blob of `base`; all zeros where it has none. */
  readonly oldOid: Sha;
  /** Blob of `head`; all zeros where it has none. */
  readonly newOid: Sha;
}

/** Compares two commits line by line, renames found. Attributes of either side do not hide a file from it. */
export async function diffLines(
  request: RepoRequest & {
    /** The commit to compare with. */
    readonly base: Sha;
    /** The commit that is compared. */
    readonly head: Sha;
  },
): Promise<
  | {
      readonly kind: 'diffed';
      /** One for each file that differs. */
      readonly files: ReadonlyMap<string, ChangedFile>;
    }
  | GitFailed
> {
  const { base, head, repo } = request;
  expectSha(base, 'base');
  expectSha(head, 'head');
  const options = ['-r', '-M', '--no-ext-diff', '--no-textconv', '--no-abbrev', '--full-index', base, head];
  const listed = await callGit(
    { op: 'diff', gitDir: repo.gitDir, args: ['diff-tree', '--raw', '-z', ...options] },
    request,
  );
  if (listed.kind === 'git-failed') return listed;
  const changes = parseRaw(listed.text);
  const stream = new PatchStream();
  const patched = await callGit(
    {
      op: 'diff',
      gitDir: repo.gitDir,
      args: [
        'diff-tree',
        '-p',
        '-U0',
        '--text',
        '--no-color',
        '--diff-algorithm=myers',
        '--submodule=short',
        ...options,
      ],
      onBytes: (bytes) => stream.push(bytes),
    },
    request,
  );
  if (patched.kind === 'git-failed') return patched;
  const sections = stream.end();
  const files = new Map<string, ChangedFile>();
  let at = 0;
  for (const { path, ...change } of changes) {
    // A change of type is shown as a deletion followed by a creation.
    at += change.status === 'T' ? 2 : 1;
    files.set(path, { ...change, added: sections[at - 1] ?? [] });
  }
  return { kind: 'diffed', files };
}

type ChangedBlob = Omit<ChangedFile, 'added'> & { readonly path: string };

/** `:<mode> <mode> <oid> <oid> <status><score>\0<path>\0[<new path>\0]` */
function parseRaw(text: string): ChangedBlob[] {
  const words = text.split('\0');
  const changes: ChangedBlob[] = [];
  for (let at = 0; at < words.length; ) {
    const head = /^:\d+ \d+ ([0-9a-f]{40}) ([0-9a-f]{40}) ([AMDRT])\d*$/.exec(words[at] ?? '');
    at += 1;
    if (head === null) continue;
    const [, oldOid = '', newOid = '', status = ''] = head;
    const path = words[at] ?? '';
    if (status === 'R') changes.push({ path: words[at + 1] ?? '', from: path, status, oldOid, newOid });
    else changes.push({ path, status: status as ChangedFile['status'], oldOid, newOid });
    at += status === 'R' ? 2 : 1;
  }
  return changes;
}
