/** What people see of a task: one status per commit, one comment per pull request, found again by its marker. */
import type { TellAnswer } from '../../platform/tell-answer.ts';
import type { TaskComment, TaskStatusReport } from '../people.ts';
import type { GithubApi } from './api.ts';
import type { Asked, Unanswered } from './call.ts';
import { whoWeAre } from './people.ts';
import { OWN_CONTEXT } from './protection.ts';
import { COMMENT } from './shapes.ts';

/** The longest description that GitHub takes. */
const DESCRIPTION_CHARACTERS = 140;

export async function putStatus(
  api: GithubApi,
  { commit, state, text, signal }: TaskStatusReport,
): Promise<TellAnswer> {
  const description = text.length > DESCRIPTION_CHARACTERS ? `${text.slice(0, DESCRIPTION_CHARACTERS - 1)}…` : text;
  const body = { state, description, context: OWN_CONTEXT };
  return told(await api.ask({ method: 'POST', path: `/statuses/${commit}`, body, signal }));
}

/** A crash between writing and recording edits instead of adding; what was added twice all the same is taken away. */
export async function putComment(
  api: GithubApi,
  { taskId, pullRequest, text, signal }: TaskComment,
): Promise<TellAnswer> {
  const marker = `<!-- ${OWN_CONTEXT}:${taskId} -->`;
  const body = { body: `${marker}\n${text}` };
  const who = await whoWeAre(api, signal);
  if (who.kind !== 'login') return untold(who);
  const listed = await api.list({ path: `/issues/${pullRequest}/comments`, signal });
  if (listed.kind !== 'list') return untold(listed);
  const mine = listed.items
    .flatMap((item) => COMMENT.safeParse(item).data ?? [])
    .filter((one) => one.user?.login === who.login && one.body?.split('\n', 1)[0]?.trim() === marker);
  const [first, ...more] = mine;
  if (first === undefined)
    return told(await api.ask({ method: 'POST', path: `/issues/${pullRequest}/comments`, body, signal }));
  for (const { id } of more) {
    const removed = await api.ask({ method: 'DELETE', path: `/issues/comments/${id}`, signal });
    if (removed.kind !== 'answered') return untold(removed);
  }
  return first.body === body.body
    ? { kind: 'told' }
    : told(await api.ask({ method: 'PATCH', path: `/issues/comments/${first.id}`, body, signal }));
}

const told = (asked: Asked): TellAnswer => (asked.kind === 'answered' ? { kind: 'told' } : untold(asked));

/** A token that is not taken any more may be replaced, and a repository leave the archive or be followed; every other refusal is for good. */
function untold(asked: Unanswered): TellAnswer {
  const { reason } = asked;
  const isPassing = asked.kind !== 'refused' || asked.status === 401 || asked.location !== undefined;
  if (!isPassing && !/\barchived\b/.test(reason)) return { kind: 'rejected', reason };
  return { kind: 'untold', reason, retryAfterMs: asked.kind === 'limited' ? asked.retryAfterMs : null };
}
