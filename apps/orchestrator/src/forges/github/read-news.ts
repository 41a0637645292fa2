/**
 * What a webhook of GitHub says is to be read again. The fields are those of the published description
 * (@octokit/openapi-webhooks); a payload that lacks them says nothing.
 */
import { z } from 'zod';
import type { ForgeNews } from '../news.ts';
import { repositoryKey } from '../repository-key.ts';

const ENVELOPE = z.object({ action: z.string().optional(), repository: z.object({ html_url: z.string() }) });
const NUMBERED = z.object({ number: z.int().positive() });
const OF_PULL_REQUEST = z.object({ pull_request: NUMBERED });
/** GitHub calls a pull request an issue here, and marks it. */
const OF_ISSUE = z.object({ issue: NUMBERED.extend({ pull_request: z.object({}).optional() }) });
const WRITTEN = z.object({ sender: z.object({ login: z.string() }), comment: z.object({ body: z.string() }) });
const OF_REF = z.object({ ref_type: z.string() });

/**
 * @param event value of `X-GitHub-Event`.
 * @param body the verified payload, parsed.
 * @returns null for an event that changes nothing here. Who wrote a comment is its sender; an edited one carries no command,
 * because every writer may edit everybody's.
 */
export function readGithubNews(event: string, body: unknown): ForgeNews | null {
  const envelope = ENVELOPE.safeParse(body);
  const repository = envelope.success ? repositoryKey(envelope.data.repository.html_url) : null;
  if (!envelope.success || repository === null) return null;
  const about = (pullRequest: number | null): ForgeNews => ({ repository, pullRequest, comment: null });
  switch (event) {
    case 'push':
    case 'status':
    // A check names pull requests of other repositories, too, that happen to have its commit.
    case 'check_run':
    case 'check_suite':
      return about(null);
    case 'create':
    case 'delete':
      return OF_REF.safeParse(body).data?.ref_type === 'branch' ? about(null) : null;
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
      const written = envelope.data.action === 'created' ? WRITTEN.safeParse(body).data : undefined;
      const comment = written === undefined ? null : { by: written.sender.login, text: written.comment.body };
      return { repository, pullRequest: on.data.issue.number, comment };
    }
    default:
      return null;
  }
}
