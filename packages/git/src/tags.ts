/**
 * Tags of the source, for suites that ask git which version they are. In the mirror they lie in a namespace of their own,
 * where no short name leads, whatever the source calls them; a checkout shows them as `refs/tags`, in a copy that is thrown away.
 */
import { gitFailed } from './adapters/diagnosis.ts';
import { onDisk } from './adapters/disk.ts';
import { callGit } from './adapters/git-call.ts';
import { hasLooseTags, TAGS, writeTagList } from './adapters/tag-list.ts';
import type { GitFailed, RepoRequest } from './outcome.ts';

/** Follows moved and deleted tags, and never touches what is called `refs/tags` or `refs/heads`. */
export const TAG_REFSPEC: string = `+refs/tags/*:${TAGS}*`;

/**
 * Brings the list that checkouts copy up to date with the mirror's tags. One list and not a file for each tag: fifty thousand
 * of those would be read by every git call. Null, or why the list stays as it was; checkouts go on with that.
 */
export async function refreshTagList(request: RepoRequest): Promise<GitFailed | null> {
  const { gitDir } = request.repo;
  const loose = await onDisk('list-tags', () => hasLooseTags(gitDir));
  if (typeof loose !== 'boolean') return loose;
  if (loose) {
    const packed = await callGit({ op: 'pack-tags', gitDir, args: ['pack-refs', '--all'] }, request);
    if (packed.kind === 'git-failed') return packed;
  }
  const written = await onDisk('list-tags', () => writeTagList(gitDir));
  if (written === 'unreadable') return gitFailed('list-tags', 'corrupt', { stderr: 'packed-refs cannot be read' });
  return written === 'written' ? null : written;
}
