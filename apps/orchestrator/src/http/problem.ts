/** Errors of the HTTP API: RFC 9457 problem details with the next step. */
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { PROBLEM_TYPE, problemBody } from '../platform/problem-body.ts';

/** Answers problem+json. */
export const problem = (context: Context, status: ContentfulStatusCode, detail: string, next?: string): Response =>
  context.body(problemBody(status, detail, next), status, { 'content-type': PROBLEM_TYPE });
