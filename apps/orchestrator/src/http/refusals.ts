/** What routes refuse with, as the document of the API tells it: RFC 9457 problem details. */
import { z } from '@hono/zod-openapi';

const problemView = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number(),
    detail: z.string(),
    next: z.string().optional().openapi({ description: 'what to do about it' }),
  })
  .openapi('Problem');

const WORDS = {
  400: 'the request is not what this route takes',
  401: 'who asks is not known',
  403: 'who asks may not do this, or another site asks',
  404: 'no such thing',
  409: 'not now, or not like this',
  413: 'the body is too large',
  415: 'the body is not of the type that this route takes',
  421: 'this service has no such host name',
  429: 'what proves who asks is wrong, and was many times from this address; the right one is let through at once',
  503: 'the service could not answer; nobody knows whether it did what was asked for',
} as const;

export type RefusalStatus = keyof typeof WORDS;

interface Told {
  readonly description: string;
}

/**
 * The answers of a route that refuses with each of these. What every route shares is added in document.ts. Their content is not in
 * the type, so that a handler may answer `problem(…)`.
 */
export const refuses = <Status extends RefusalStatus>(...statuses: readonly Status[]) =>
  Object.fromEntries(
    statuses.map((status): [Status, Told] => {
      const content = { 'application/problem+json': { schema: problemView } };
      return [status, { description: WORDS[status], ...{ content } }];
    }),
  ) as { readonly [One in Status]: Told };

const RETRY_AFTER = { description: 'seconds', required: true, schema: { type: 'string' } };

/** The refusals of a document, each written once. */
export const REFUSALS: Readonly<Record<string, unknown>> = Object.fromEntries(
  Object.entries(WORDS).map(([status, description]) => {
    const schema = { $ref: '#/components/schemas/Problem' };
    const headers = status === '429' ? { headers: { 'retry-after': RETRY_AFTER } } : {};
    return [`Refused${status}`, { description, ...headers, content: { 'application/problem+json': { schema } } }];
  }),
);

/** How an operation names them, by status. */
export const refusalsNamed = (statuses: readonly string[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(statuses.map((status) => [status, { $ref: `#/components/responses/Refused${status}` }]));

/** Whether a status is one of a refusal. */
export const isRefusal = (status: string): boolean => Object.hasOwn(WORDS, status);
