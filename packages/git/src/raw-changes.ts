/** What changed between two commits and then in each of a list, path by path. Paths are latin1: no two of them become one. */
import { callGit } from './adapters/git-call.ts';
import type { GitFailed, RepoRequest, Sha } from './outcome.ts';

/** One path that differs. A side that does not have it shows mode `000000` and a name of zeros. */
export interface RawChange {
  readonly oldMode: string;
  readonly newMode: string;
  readonly oldOid: Sha;
  readonly newOid: Sha;
  readonly status: 'A' | 'M' | 'D' | 'T';
  /** One character per byte. */
  readonly path: string;
}

/** A rename is a deletion and an addition. */
export interface RawChanges {
  readonly kind: 'listed';
  readonly between: readonly RawChange[];
  readonly byCommits: readonly RawChange[];
}

/** Compares `to` with `from`, and each of `commits` with its parent, in one call. */
export async function listRawChanges(
  request: RepoRequest & { readonly from: Sha; readonly to: Sha; readonly commits: readonly Sha[] },
): Promise<RawChanges | GitFailed> {
  const { repo, from, to, commits } = request;
  const listed = await callGit(
    {
      op: 'list-changes',
      gitDir: repo.gitDir,
      args: ['diff-tree', '--stdin', '-r', '-z', '--raw', '--no-renames', '--no-ext-diff', '--no-textconv'],
      // A second name on a line takes the place of the commit's parent.
      stdin: `${[`${to} ${from}`, ...commits].join('\n')}\n`,
    },
    request,
  );
  return listed.kind === 'git-failed' ? listed : readRawChanges(listed.bytes, to);
}

const ENTRY = /^:(\d{6}) (\d{6}) ([0-9a-f]{40}) ([0-9a-f]{40}) ([AMDT])$/;

/** `<commit>\0` opens a section, absent without changes; an entry is `:<mode> <mode> <oid> <oid> <status>\0<path>\0`. */
export function readRawChanges(bytes: Uint8Array, to: Sha): RawChanges {
  const words = Buffer.from(bytes).toString('latin1').split('\0');
  const between: RawChange[] = [];
  const byCommits: RawChange[] = [];
  let section = byCommits;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const entry = ENTRY.exec(word);
    if (entry === null) {
      section = word === to ? between : byCommits;
      continue;
    }
    const [, oldMode = '', newMode = '', oldOid = '', newOid = '', status = ''] = entry;
    at += 1;
    const path = words[at] ?? '';
    section.push({ oldMode, newMode, oldOid, newOid, status: status as RawChange['status'], path });
  }
  return { kind: 'listed', between, byCommits };
}
