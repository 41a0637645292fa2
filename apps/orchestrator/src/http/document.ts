/**
 * `GET /openapi.json`: what each route says of itself, and what the guards before it and the handlers behind it answer in its
 * place. The board's pages are for people and not in it.
 */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { VERSION } from '../platform/version.ts';
import { scopeFor } from './caller.ts';
import { isRefusal, REFUSALS, type RefusalStatus, refusalsNamed } from './refusals.ts';
import { SESSION_COOKIE } from './session-cookie.ts';
import { TAGGED } from './unchanged.ts';

interface Operation {
  readonly parameters?: readonly unknown[];
  readonly requestBody?: unknown;
  readonly responses: Readonly<Record<string, unknown>>;
  readonly security?: readonly unknown[];
}
type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

export const documentRoute = createRoute({
  method: 'get',
  path: '/openapi.json',
  summary: 'This document',
  responses: {
    200: { description: 'OpenAPI 3.1', content: { 'application/json': { schema: z.record(z.string(), z.unknown()) } } },
  },
});

const ABOUT = {
  openapi: '3.1.0',
  info: {
    title: 'Gatehouse',
    version: VERSION,
    license: { name: 'MIT', identifier: 'MIT' },
    description:
      'A merge queue and the agents before it. Every error is problem+json whose `next` says what to do. The names after a scheme are the scope that the token or session needs. Before any route is asked a request may be refused with 400 (it cannot be read in one way only), 405 (the path does not take the method, `Allow` says which), 408 (it did not arrive in time), 431 (its headers are too large) or 501 (another transfer coding than chunked).',
  },
  servers: [{ url: '/' }],
};

const header = (name: string, description: string) => ({ type: 'apiKey', in: 'header', name, description });

const SCHEMES = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'ORCH_API_TOKEN, or the file api-token of the data directory',
  },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: SESSION_COOKIE,
    description: 'a browser that logged in; reads only. Behind https its name begins with __Host-',
  },
  gitea: header('x-gitea-signature', 'HMAC-SHA256 of the body with ORCH_GITEA_WEBHOOK_SECRET'),
  github: header('x-hub-signature-256', 'HMAC-SHA256 of the body with ORCH_GITHUB_WEBHOOK_SECRET'),
  plane: header('x-plane-signature', 'HMAC-SHA256 of the body with ORCH_PLANE_WEBHOOK_SECRET'),
};

/** Schemes of a route that takes a signature in place of a token. */
export const SIGNED = [{ gitea: [] }, { github: [] }, { plane: [] }];

/** The whole document of the routes that are mounted so far. Pure. */
export function documentOf(app: Pick<OpenAPIHono, 'getOpenAPI31Document'>): Readonly<Record<string, unknown>> {
  const { paths, components, ...rest } = app.getOpenAPI31Document(ABOUT);
  const described = Object.entries((paths ?? {}) as Paths).map(([path, methods]) => [
    path,
    Object.fromEntries(Object.entries(methods).map(([method, one]) => [method, complete(path, method, one)])),
  ]);
  return {
    ...rest,
    paths: Object.fromEntries(described),
    components: { schemas: components?.schemas ?? {}, responses: REFUSALS, securitySchemes: SCHEMES },
  };
}

function complete(path: string, method: string, operation: Operation): unknown {
  const { responses, security = wayIn(path, method), ...rest } = operation;
  const refused = [...Object.keys(responses).filter(isRefusal), ...shared(path, method, { ...operation, security })];
  return {
    operationId: nameOf(path, method),
    ...rest,
    security,
    responses: {
      ...responses,
      ...(method === 'get' && TAGGED.includes(path) ? UNCHANGED : {}),
      ...refusalsNamed(refused.map(String)),
    },
  };
}

const UNCHANGED = { 304: { description: 'what the etag in If-None-Match stands for is as it was' } };

/** A token, or for reading a session, too. */
function wayIn(path: string, method: string): readonly unknown[] {
  const scope = scopeFor(method.toUpperCase(), path);
  return method === 'get' ? [{ bearer: [scope] }, { session: [scope] }] : [{ bearer: [scope] }];
}

/** What the guards of app.ts answer before the route is asked, and what a fault behind it becomes. */
function shared(path: string, method: string, { parameters, requestBody, security }: Operation): RefusalStatus[] {
  if (path.startsWith('/webhooks/')) return [503];
  const isOpen = security?.length === 0;
  const takesInput = requestBody !== undefined || (parameters ?? []).length > 0;
  return [
    ...(takesInput ? [400 as const] : []),
    ...(isOpen ? [] : [401 as const, 429 as const]),
    ...(method === 'get' ? [] : [403 as const, 413 as const, 415 as const]),
    421,
    503,
  ];
}

/** `getTasksByIdEvents`: what generated clients call it. */
const nameOf = (path: string, method: string): string =>
  [method, ...path.split('/').filter((part) => part !== '')]
    .map((part) => part.replace(/^\{(.+)\}$/, 'by-$1').replace(/\.json$/, ''))
    .join('-')
    .replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
