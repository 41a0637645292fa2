/** Errors of the HTTP API: RFC 9457 problem details with the next step. */
import { CHECKS } from '@gatehouse/stage-engine';
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { closestMatch } from '../platform/did-you-mean.ts';

/** Answers about a check that there is not; where the task stands says which there are. */
export const noSuchCheck = (context: Context, name: string, taskId: string): Response =>
  problem(
    context,
    404,
    `no check is called ${JSON.stringify(name)}; did you mean ${closestMatch(name, Object.keys(CHECKS))}?`,
    `GET /tasks/${taskId} names those of the task`,
  );

/** Answers problem+json. */
export function problem(context: Context, status: ContentfulStatusCode, detail: string, next?: string): Response {
  const titles: Readonly<Record<number, string>> = {
    400: 'Bad request',
    401: 'Unauthorized',
    403: 'Forbidden',
    404: 'Not found',
    409: 'Conflict',
    413: 'Too large',
    415: 'Unsupported media type',
    421: 'Misdirected request',
    429: 'Too many requests',
    503: 'Unavailable',
  };
  const body = {
    type: 'about:blank',
    title: titles[status] ?? 'Error',
    status,
    detail,
    ...(next === undefined ? {} : { next }),
  };
  return context.body(JSON.stringify(body), status, { 'content-type': 'application/problem+json' });
}
