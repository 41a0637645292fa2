/** Who asks: a program with a bearer token, or a browser with a session. */
import type { Context, MiddlewareHandler } from 'hono';
import { problem } from './problem.ts';
import { presentedSession } from './session-cookie.ts';
import { isFormToken, type Sessions } from './sessions.ts';
import { allows, identify, type Scope, type TokenRow } from './tokens.ts';
import type { WrongTokens } from './wrong-tokens.ts';

export interface Caller {
  readonly name: string;
  readonly scope: Scope;
  /** What the forms of its session carry; null: a bearer token asks, which gets no form. */
  readonly formToken: string | null;
  /** Null: a bearer token asks. */
  readonly sessionId: number | null;
}

/** What every route finds in its context. */
export interface CallerVariables {
  readonly actor: string;
  readonly caller: Caller;
}

interface CallerParts {
  readonly tokens: readonly TokenRow[];
  readonly sessions: Pick<Sessions, 'find'>;
  readonly wrong: WrongTokens;
  /** What a browser without a session sees. */
  readonly login: (c: Context) => Response | Promise<Response>;
}

/** Lets a request through that shows a bearer token, or a session where one is enough, of at least the scope. */
export function callerGuard(parts: CallerParts): MiddlewareHandler<{ Variables: CallerVariables }> {
  return async (c, next) => {
    const needed = scopeFor(c.req.method, c.req.path);
    const bearer = /^Bearer (\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
    const caller = bearer === undefined ? await bySession(c, parts) : byToken(parts.tokens, bearer);
    if (caller === null) {
      if (bearer !== undefined) return tellUnknown(c, parts.wrong);
      if (isBrowser(c)) return parts.login(c);
      c.header('www-authenticate', 'Bearer');
      return problem(c, 401, 'a bearer token is needed', 'send `Authorization: Bearer <token>`');
    }
    if (!allows(caller.scope, needed)) return problem(c, 403, `this token may ${caller.scope}; ${needed} is needed`);
    c.set('actor', caller.name);
    c.set('caller', caller);
    return next();
  };
}

/** A form of the board counts when it carries what its session's pages do. Stands behind `callerGuard`, and reads the body. */
export const ownFormGuard: MiddlewareHandler<{ Variables: CallerVariables }> = async (c, next) => {
  const isForm = isFormPath(c.req.path) && !isReading(c.req.method);
  const refused = isForm ? await formFault(c, c.var.caller) : null;
  return refused === null ? next() : problem(c, 403, refused, 'open the page again and press the button there');
};

function tellUnknown(c: Context, wrong: WrongTokens): Response {
  const where = 'check ORCH_API_TOKEN or the api-token file of the data directory';
  const seconds = wrong.noted(c);
  if (seconds === 0) {
    c.header('www-authenticate', 'Bearer error="invalid_token"');
    return problem(c, 401, 'this token is not known', where);
  }
  c.header('retry-after', String(seconds));
  return problem(
    c,
    429,
    'this token is not known, and many wrong ones came from this address',
    `${where}; another wrong one is looked at in ${seconds} s, the right one at once`,
  );
}

export const isReading = (method: string): boolean => method === 'GET' || method === 'HEAD';

/** Where the forms of the board go; every other write is one of the API. */
export const isFormPath = (path: string): boolean => /^\/(?:login|logout|board\/.*)$/.test(path);

/** Whether an answer is shown to a person. */
export const isBrowser = (c: Context): boolean => /\btext\/html\b/i.test(c.req.header('accept') ?? '');

/** What a request needs. A form of the board needs what the route behind it needs. */
export function scopeFor(method: string, path: string): Scope {
  if (isReading(method)) return 'read';
  const route = path.replace(/^\/board(?=\/)/, '');
  if (/^\/logout$|^\/theme$|^\/sessions\/[^/]+\/revoke$/.test(route)) return 'read';
  const isAdmins = /\/(?:override|budget)$|^\/repos(?:\/[^/]+\/(?:thaw|place))?$|^\/coverage\/baseline$/.test(route);
  return isAdmins ? 'admin' : 'operate';
}

function byToken(tokens: readonly TokenRow[], presented: string): Caller | null {
  const row = identify(tokens, presented);
  return row === null ? null : { name: row.name, scope: row.scope, formToken: null, sessionId: null };
}

/** A cookie travels with whatever a page makes a browser send: it opens reading, and forms that prove where they come from. */
async function bySession(c: Context, { sessions }: CallerParts): Promise<Caller | null> {
  const presented = presentedSession(c);
  if (presented === null || !(isReading(c.req.method) || isFormPath(c.req.path))) return null;
  const session = await sessions.find(presented);
  return session === null ? null : { ...session, sessionId: session.id };
}

async function formFault(c: Context, { formToken }: Pick<Caller, 'formToken'>): Promise<string | null> {
  if (formToken === null) return 'forms of the board are sent by its pages; a program uses the API';
  const { form } = await c.req.parseBody();
  return typeof form === 'string' && isFormToken({ formToken }, form)
    ? null
    : 'this form does not belong to your session';
}
