/** What Gatehouse says at a Gitea and what people say there: one status and one comment per task; comments of others. */
import type { TellAnswer } from '../../platform/tell-answer.ts';
import type { CommentsAnswer, TaskComment, TaskStatusReport } from '../people.ts';
import { type GiteaClient, toldBy, whyNot } from './client.ts';
import { type CommentsAsked as Asked, readComments } from './read-comments.ts';
import { OUR_CONTEXT } from './required-checks.ts';
import { ANYTHING, type GiteaComment, ME } from './shapes.ts';

/** What a list of statuses has room for. */
const LONGEST_STATUS = 140;

/** The last status of a context counts, so that the same again changes nothing. */
export async function setStatus(
  gitea: GiteaClient,
  { commit, state, text, signal }: TaskStatusReport,
): Promise<TellAnswer> {
  const body = { context: OUR_CONTEXT, state, description: text.slice(0, LONGEST_STATUS) };
  const told = await gitea.call({ method: 'POST', path: `statuses/${commit}`, body, reads: ANYTHING, signal });
  if (told.kind !== 'unclear') return toldBy(told);
  // A commit that is not there is answered like trouble of the server.
  const known = await gitea.call({ method: 'GET', path: `git/commits/${commit}`, reads: ANYTHING, signal });
  if (known.kind === 'refused' && known.status === 404)
    return { kind: 'rejected', reason: `Gitea does not have the commit ${commit.slice(0, 12)}` };
  return toldBy(told);
}

const FLOODED = 'the pull request has more comments than can be read, and ours is not among the newest';

export const markerOf = (taskId: string): string => `<!-- gatehouse:${taskId.replace(/[^\w.-]/g, '_')} -->`;

/** Everything at a pull request, and who asks. */
type Talk =
  | { readonly kind: 'ok'; readonly me: string; readonly all: readonly GiteaComment[]; readonly isWhole: boolean }
  | { readonly kind: 'refused'; readonly status: number; readonly message: string }
  | { readonly kind: 'unclear'; readonly reason: string; readonly retryAfterMs: number | null };

async function readTalk(gitea: GiteaClient, asked: Asked): Promise<Talk> {
  const me = await gitea.call({ method: 'GET', path: '/user', reads: ME, signal: asked.signal });
  if (me.kind !== 'ok') return me;
  const comments = await readComments(gitea, asked);
  return comments.kind === 'ok' ? { ...comments, me: me.value.login } : comments;
}

/**
 * Found again by its marker at the start of what our own user wrote (further down it is a test's output): a crash between writing and recording edits instead of adding.
 * Two, which a stale reading can leave, become one.
 */
export async function writeComment(gitea: GiteaClient, comment: TaskComment): Promise<TellAnswer> {
  const { taskId, pullRequest, text, signal } = comment;
  const talk = await readTalk(gitea, { pullRequest, signal });
  if (talk.kind !== 'ok') return toldBy(talk);
  const marker = markerOf(taskId);
  const body = `${marker}\n${text}`;
  const ours = talk.all.filter((one) => one.user?.login === talk.me && one.body.startsWith(marker));
  const [first, ...more] = ours;
  if (first === undefined && !talk.isWhole) return { kind: 'untold', reason: FLOODED, retryAfterMs: null };
  if (first === undefined) {
    const path = `issues/${pullRequest}/comments`;
    return toldBy(await gitea.call({ method: 'POST', path, body: { body }, reads: ANYTHING, signal }));
  }
  for (const { id } of more) {
    const gone = await gitea.call({ method: 'DELETE', path: `issues/comments/${id}`, reads: ANYTHING, signal });
    if (gone.kind !== 'ok' && !(gone.kind === 'refused' && gone.status === 404)) return toldBy(gone);
  }
  if (first.body === body) return { kind: 'told' };
  const path = `issues/comments/${first.id}`;
  return toldBy(await gitea.call({ method: 'PATCH', path, body: { body }, reads: ANYTHING, signal }));
}

export interface CommentsAsked {
  readonly pullRequest: number;
  readonly cursor: string | null;
  readonly signal?: AbortSignal;
}

/** Gitea tells whole seconds: an edit within the second of the writing is not to be seen here. */
export async function personsComments(
  gitea: GiteaClient,
  { pullRequest, cursor, signal }: CommentsAsked,
): Promise<CommentsAnswer> {
  const [, digits, at] = /^(\d+)@(.+)$/.exec(cursor ?? '') ?? [];
  const after = Number(digits ?? -1);
  const talk = await readTalk(gitea, { pullRequest, signal, ...(at === undefined ? {} : { since: at }) });
  if (talk.kind !== 'ok') return { kind: 'unreachable', reason: whyNot(talk) };
  const fresh = talk.all.filter(({ id }) => id > after).sort((one, other) => one.id - other.id);
  const last = fresh.at(-1);
  const unedited = fresh.filter(
    (one) => one.created_at === one.updated_at && one.user !== null && one.user.login !== talk.me,
  );
  return {
    kind: 'comments',
    all: unedited.map(({ user, body }) => ({ by: user?.login ?? '', text: body })),
    cursor: last === undefined ? (cursor ?? '') : `${last.id}@${last.created_at}`,
  };
}
