/** Errors of the HTTP API: RFC 9457 problem details with the next step. */
import { CHECKS } from '@gatehouse/stage-engine';
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { closestMatch } from '../platform/did-you-mean.ts';
import { PROBLEM_TYPE, problemBody } from '../platform/problem-body.ts';

/** Answers about a check that there is not; where the task stands says which there are. */
export const noSuchCheck = (context: Context, name: string, taskId: string): Response =>
  problem(
    context,
    404,
    `no check is called ${JSON.stringify(name)}; did you mean ${closestMatch(name, Object.keys(CHECKS))}?`,
    `GET /tasks/${taskId} names those of the task`,
  );

/** Answers problem+json. */
export const problem = (context: Context, status: ContentfulStatusCode, detail: string, next?: string): Response =>
  context.body(problemBody(status, detail, next), status, { 'content-type': PROBLEM_TYPE });
