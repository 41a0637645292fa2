/**
 * What a webhook of GitHub says is to be read again. The fields are those of the published description
 * (@octokit/openapi-webhooks); a payload that lacks them says nothing.
 */
import { z } from 'zod';
import { type ForgeNews, NUMBERED, openEnvelope } from '../news.ts';

const OF_PULL_REQUEST = z.object({ pull_request: NUMBERED });
/** GitHub calls a pull request an issue here, and marks it. */
const OF_ISSUE = z.object({ issue: NUMBERED.extend({ pull_request: z.object({}).optional() }) });

/**
 * @param event value of `X-GitHub-Event`.
 * @param body the verified payload, parsed.
 * @returns null for an event that changes nothing here.
 */
export function readGithubNews(event: string, body: unknown): ForgeNews | null {
  const envelope = openEnvelope(body);
  if (envelope === null) return null;
  const { about, comment, isOfBranch } = envelope;
  switch (event) {
    case 'push':
    case 'status':
    // A check names pull requests of other repositories, too, that happen to have its commit.
    case 'check_run':
    case 'check_suite':
      return about(null);
    case 'create':
    case 'delete':
      return isOfBranch ? about(null) : null;
    case 'pull_request': {
      const named = NUMBERED.safeParse(body);
      return named.success ? about(named.data.number) : null;
    }
    case 'pull_request_review': {
      const reviewed = OF_PULL_REQUEST.safeParse(body);
      return reviewed.success ? about(reviewed.data.pull_request.number) : null;
    }
    case 'issue_comment': {
      const on = OF_ISSUE.safeParse(body);
      if (!on.success || on.data.issue.pull_request === undefined) return null;
      return { ...about(on.data.issue.number), comment };
    }
    default:
      return null;
  }
}
