/**
 * What a webhook of Gitea or Forgejo says is to be read again. The fields are those of recorded deliveries of a real server
 * (1.25.4); a payload that lacks them says nothing.
 */
import { z } from 'zod';
import { type ForgeNews, NUMBERED, openEnvelope } from '../news.ts';

/** Gitea calls a pull request an issue here, and says which it is. */
const OF_ISSUE = z.object({ is_pull: z.literal(true), issue: NUMBERED });

/**
 * @param event value of `X-Gitea-Event`.
 * @param body the verified payload, parsed.
 * @returns null for an event that changes nothing here.
 */
export function readGiteaNews(event: string, body: unknown): ForgeNews | null {
  const envelope = openEnvelope(body);
  if (envelope === null) return null;
  const { about, comment, isOfBranch } = envelope;
  switch (event) {
    case 'push':
    case 'status':
    // Renamed, transferred, archived.
    case 'repository':
      return about(null);
    case 'create':
    case 'delete':
      return isOfBranch ? about(null) : null;
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
      return { ...about(on.data.issue.number), comment };
    }
    default:
      return null;
  }
}
