/**
 * The comments of a pull request. Gitea's list of them has no pages, only times, so that anybody who may comment can make it larger
 * than one answer may be: it is then read by halves of the time, the newest first, within bounds.
 */
import { z } from 'zod';
import type { GiteaClient, Replied } from './client.ts';
import { COMMENT, type GiteaComment, PULL } from './shapes.ts';

export interface CommentsAsked {
  readonly pullRequest: number;
  /** Only what was written or edited since then; a time as Gitea tells it. */
  readonly since?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** `isWhole`: nothing was left out; else older ones, or those of a second that holds too many, were. */
export type CommentsRead =
  | { readonly kind: 'ok'; readonly all: readonly GiteaComment[]; readonly isWhole: boolean }
  | Exclude<Replied<never>, { readonly kind: 'ok' }>;

/** Each halving is a call, and most of them answer little. */
const MOST_CALLS = 60;
const MOST_CHARACTERS = 64 * 1024 * 1024;
/** How far the clock of the forge may be before ours. */
const AHEAD_S = 3600;

export async function readComments(gitea: GiteaClient, asked: CommentsAsked): Promise<CommentsRead> {
  const whole = await ask(gitea, asked, asked.since === undefined ? '' : `?since=${encodeURIComponent(asked.since)}`);
  if (whole.kind === 'ok') return { kind: 'ok', all: whole.value, isWhole: true };
  return whole.kind === 'unclear' && whole.isTooLarge === true ? readByHalves(gitea, asked) : whole;
}

const ask = (gitea: GiteaClient, { pullRequest, signal }: CommentsAsked, query: string) =>
  gitea.call({
    method: 'GET',
    path: `issues/${pullRequest}/comments${query}`,
    reads: z.array(COMMENT),
    signal,
  });

/** Both ends are inside, in whole seconds, as Gitea takes them. */
interface Span {
  readonly fromS: number;
  readonly toS: number;
}

async function readByHalves(gitea: GiteaClient, asked: CommentsAsked): Promise<CommentsRead> {
  const fromS = await beginOf(gitea, asked);
  if (typeof fromS !== 'number') return fromS;
  const waiting: Span[] = [{ fromS, toS: Math.floor(Date.now() / 1000) + AHEAD_S }];
  const found = new Map<number, GiteaComment>();
  let [characters, isWhole] = [0, true];
  for (let calls = 0; ; calls += 1) {
    const span = waiting.pop();
    if (span === undefined) break;
    if (calls === MOST_CALLS || characters > MOST_CHARACTERS)
      return { kind: 'ok', all: [...found.values()], isWhole: false };
    const [since, before] = [span.fromS, span.toS].map((s) => encodeURIComponent(new Date(s * 1000).toISOString()));
    const answer = await ask(gitea, asked, `?since=${since}&before=${before}`);
    if (answer.kind === 'ok')
      for (const comment of answer.value) {
        characters += comment.body.length;
        found.set(comment.id, comment);
      }
    else if (answer.kind !== 'unclear' || answer.isTooLarge !== true) return answer;
    else if (span.fromS === span.toS) isWhole = false;
    else waiting.push(...halves(span));
  }
  return { kind: 'ok', all: [...found.values()], isWhole };
}

/** The newer one last: it is read first. */
function halves({ fromS, toS }: Span): readonly Span[] {
  const middle = Math.floor((fromS + toS) / 2);
  return [
    { fromS, toS: middle },
    { fromS: middle + 1, toS },
  ];
}

/** No comment is older than its pull request. */
async function beginOf(
  gitea: GiteaClient,
  { pullRequest, since, signal }: CommentsAsked,
): Promise<number | Exclude<Replied<never>, { readonly kind: 'ok' }>> {
  if (since !== undefined) return Math.floor(Date.parse(since) / 1000);
  const pull = await gitea.call({ method: 'GET', path: `pulls/${pullRequest}`, reads: PULL, signal });
  return pull.kind === 'ok' ? Math.floor(Date.parse(pull.value.created_at ?? '1970-01-01') / 1000) : pull;
}
