/** What every request passes before a route sees it: host, size, content type, origin, token. */
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { problem } from './problem.ts';
import { allows, identify, type Scope, type TokenRow } from './tokens.ts';

export interface Caller {
  readonly Variables: { readonly actor: string };
}

const BODY_LIMIT = 256 * 1024;
const COOKIE = 'gatehouse_token';

/** Names a client may call this service by; anything else is a rebinding attempt or a wrong proxy. */
export function hostGuard(hosts: ReadonlySet<string>): MiddlewareHandler {
  return async (context, next) => {
    const host = (context.req.header('host') ?? '').replace(/:\d+$/, '').toLowerCase();
    if (!hosts.has(host))
      return problem(context, 421, `this service does not answer for host ${JSON.stringify(host.slice(0, 100))}`);
    return next();
  };
}

export const sizeGuard: MiddlewareHandler = bodyLimit({
  maxSize: BODY_LIMIT,
  onError: (context) => {
    // The rest of the body is not read, so nothing else can be asked on this connection.
    context.header('connection', 'close');
    return problem(context, 413, `a request body is at most ${BODY_LIMIT} bytes`);
  },
});

/** A page of another site cannot make a request count; a body is JSON or it is refused. */
export const formGuard: MiddlewareHandler = async (context, next) => {
  if (context.req.method !== 'GET' && context.req.method !== 'HEAD') {
    if (context.req.header('sec-fetch-site') === 'cross-site')
      return problem(context, 403, 'cross-site requests are refused');
    const type = context.req.header('content-type') ?? '';
    if (!/^application\/json\b/i.test(type)) return problem(context, 415, 'send the body as application/json');
  }
  return next();
};

/** Lets a request through whose bearer token (or, for reading in a browser, cookie) has at least the scope. */
export function scopeGuard(
  rows: readonly TokenRow[],
  needed: Scope,
): MiddlewareHandler<{ Variables: { actor: string } }> {
  return async (context, next) => {
    const bearer = /^Bearer (\S+)$/i.exec(context.req.header('authorization') ?? '')?.[1];
    const cookie = needed === 'read' ? cookieToken(context) : undefined;
    const presented = bearer ?? cookie;
    if (presented === undefined)
      return problem(context, 401, 'a bearer token is needed', 'send `Authorization: Bearer <token>`');
    const row = identify(rows, presented);
    if (row === null)
      return problem(
        context,
        401,
        'this token is not known',
        'check ORCH_API_TOKEN or the api-token file of the data directory',
      );
    if (!allows(row.scope, needed)) return problem(context, 403, `this token may ${row.scope}; ${needed} is needed`);
    context.set('actor', row.name);
    return next();
  };
}

const cookieToken = (context: Context): string | undefined =>
  new RegExp(`(?:^|;\\s*)${COOKIE}=([^;\\s]+)`).exec(context.req.header('cookie') ?? '')?.[1];

/** The header that keeps a browser signed in for reading. */
export const signInCookie = (token: string): string => `${COOKIE}=${token}; HttpOnly; SameSite=Strict; Path=/`;
