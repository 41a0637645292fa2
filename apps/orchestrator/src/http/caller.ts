/** Who asks: a program with a bearer token, or a browser with a session. */
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { Guard } from './guard.ts';
import { problem } from './problem.ts';
import { presentedSession } from './session-cookie.ts';
import { isFormToken, type Sessions } from './sessions.ts';
import { allows, recognizer, type Scope, type TokenRow } from './tokens.ts';
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
export function callerGuard(parts: CallerParts): Guard {
  const recognize = recognizer(parts.tokens);
  return (c) => {
    const bearer = /^Bearer (\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
    if (bearer === undefined)
      return bySession(c, parts).then((caller) => (caller === null ? tellUnnamed(c, parts) : admit(c, caller)));
    const { incoming } = (c.env ?? {}) as Partial<HttpBindings>;
    const row = recognize(bearer, incoming?.socket);
    return row === null ? tellUnknown(c, parts.wrong) : admit(c, callerOf(row));
  };
}

/** Who asks is known from here on; null: they may. */
function admit(c: Context, caller: Caller): Response | null {
  const needed = scopeFor(c.req.method, c.req.path);
  if (!allows(caller.scope, needed)) return problem(c, 403, `this token may ${caller.scope}; ${needed} is needed`);
  c.set('actor', caller.name);
  c.set('caller', caller);
  return null;
}

function tellUnnamed(c: Context, { login }: CallerParts): Response | Promise<Response> {
  if (isBrowser(c)) return login(c);
  c.header('www-authenticate', 'Bearer');
  return problem(c, 401, 'a bearer token is needed', 'send `Authorization: Bearer <token>`');
}

/** A form of the board counts when it carries what its session's pages do. Stands behind `callerGuard`, and reads the body. */
export const ownFormGuard: Guard = (c) =>
  isReading(c.req.method) || !isFormPath(c.req.path) ? null : tellForeignForm(c, c.get('caller') as Caller);

async function tellForeignForm(c: Context, caller: Caller): Promise<Response | null> {
  const refused = await formFault(c, caller);
  return refused === null ? null : problem(c, 403, refused, 'open the page again and press the button there');
}

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

const callerOf = ({ name, scope }: TokenRow): Caller => ({ name, scope, formToken: null, sessionId: null });

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
