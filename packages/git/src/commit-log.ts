/** Who committed what in a range, oldest first. */
import { callGit } from './adapters/git-call.ts';
import { expectSha } from './object-name.ts';
import type { GitFailed, RepoRequest, Sha } from './outcome.ts';

/** One commit. Texts come from the branch: escape them where they are shown. */
export interface LoggedCommit {
  /** Full object name of the commit. */
  readonly sha: Sha;
  /** Tree object name of the commit. */
  readonly tree: Sha;
  /** Its parents in their order; more than one for a merge. */
  readonly parents: readonly Sha[];
  /** First line of its message, untrusted. */
  readonly subject: string;
  /** Who wrote it, by the commit's own words. */
  readonly author: {
    /** Name, untrusted. */
    readonly name: string;
    /** Address, untrusted. */
    readonly email: string /** ISO 8601. */;
    /** When, as ISO 8601. */
    readonly date: string;
  };
}

const FIELDS = ['%H', '%T', '%P', '%an', '%ae', '%aI', '%s'];

/** Commits reachable from `head` and not from `base`, parents before children. */
export async function commitLog(
  request: RepoRequest & {
    /** Commits that this one has are left out. */
    readonly base: Sha;
    /** The commit to start from. */
    readonly head: Sha;
  },
): Promise<
  | {
      readonly kind: 'listed';
      /** Parents before children. */
      readonly commits: readonly LoggedCommit[];
    }
  | GitFailed
> {
  const { base, head, repo } = request;
  expectSha(base, 'base');
  expectSha(head, 'head');
  const format = `--format=${FIELDS.join('%x00')}%x00`;
  const listed = await callGit(
    {
      op: 'commit-log',
      gitDir: repo.gitDir,
      args: [
        'rev-list',
        '--topo-order',
        '--reverse',
        '--no-commit-header',
        '--encoding=UTF-8',
        format,
        head,
        `^${base}`,
      ],
    },
    request,
  );
  if (listed.kind === 'git-failed') return listed;
  const words = listed.text.split('\0');
  const commits: LoggedCommit[] = [];
  for (let at = 0; at + FIELDS.length < words.length; at += FIELDS.length) {
    const [sha = '', tree = '', parents = '', name = '', email = '', date = '', subject = ''] = words.slice(
      at,
      at + FIELDS.length,
    );
    commits.push({
      sha: sha.trimStart(),
      tree,
      parents: parents === '' ? [] : parents.split(' '),
      subject,
      author: { name, email, date },
    });
  }
  return { kind: 'listed', commits };
}
