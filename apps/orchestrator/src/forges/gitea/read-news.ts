/**
 * What a webhook of Gitea or Forgejo says is to be read again. The fields are those of recorded deliveries of a real server
 * (1.25.4); a payload that lacks them says nothing.
 */
import { z } from 'zod';
import type { ForgeNews } from '../news.ts';
import { repositoryKey } from '../repository-key.ts';

const ENVELOPE = z.object({ action: z.string().optional(), repository: z.object({ html_url: z.string() }) });
const NUMBERED = z.object({ number: z.int().positive() });
/** Gitea calls a pull request an issue here, and says which it is. */
const OF_ISSUE = z.object({ is_pull: z.literal(true), issue: NUMBERED });
const WRITTEN = z.object({ sender: z.object({ login: z.string() }), comment: z.object({ body: z.string() }) });
const OF_REF = z.object({ ref_type: z.string() });

/**
 * @param event value of `X-Gitea-Event`.
 * @param body the verified payload, parsed.
 * @returns null for an event that changes nothing here. Who wrote a comment is its sender; an edited one carries no command,
 * because every writer may edit everybody's.
 */
export function readGiteaNews(event: string, body: unknown): ForgeNews | null {
  const envelope = ENVELOPE.safeParse(body);
  const repository = envelope.success ? repositoryKey(envelope.data.repository.html_url) : null;
  if (!envelope.success || repository === null) return null;
  const about = (pullRequest: number | null): ForgeNews => ({ repository, pullRequest, comment: null });
  switch (event) {
    case 'push':
    case 'status':
    // Renamed, transferred, archived.
    case 'repository':
      return about(null);
    case 'create':
    case 'delete':
      return OF_REF.safeParse(body).data?.ref_type === 'branch' ? about(null) : null;
    case 'pull_request':
    case 'pull_request_approved':
    case 'pull_request_rejected':
    case 'pull_request_comment': {
      const named = NUMBERED.safeParse(body);
      return named.success ? about(named.data.number) : null;
    }
    case 'issue_comment': {
      const on = OF_ISSUE.safeParse(body);
      if (!on.success) return null;
      const written = envelope.data.action === 'created' ? WRITTEN.safeParse(body).data : undefined;
      const comment = written === undefined ? null : { by: written.sender.login, text: written.comment.body };
      return { repository, pullRequest: on.data.issue.number, comment };
    }
    default:
      return null;
  }
}
