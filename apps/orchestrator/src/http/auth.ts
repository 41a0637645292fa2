/** What every request passes before anything else: host, size, content type, origin. Who asks is found in caller.ts. */
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { isFormPath, isReading } from './caller.ts';
import type { Guard } from './guard.ts';
import { problem } from './problem.ts';

const BODY_LIMIT = 256 * 1024;

/** Names a client may call this service by; anything else is a rebinding attempt or a wrong proxy. */
export function hostGuard(hosts: ReadonlySet<string>): Guard {
  return (context) => {
    const host = (context.req.header('host') ?? '').replace(/:\d+$/, '').toLowerCase();
    if (hosts.has(host)) return null;
    return problem(
      context,
      421,
      `this service does not answer for host ${JSON.stringify(host.slice(0, 100))}; ORCH_HOST_NAMES lists the names it has`,
    );
  };
}

function tooLarge(context: Context): Response {
  // The rest of the body is not read, so nothing else can be asked on this connection.
  context.header('connection', 'close');
  return problem(context, 413, `a request body is at most ${BODY_LIMIT} bytes`, 'send a shorter one');
}

/** Before it is known who asks, a body that says its length is all that is taken, and nothing of it is read here. */
export const lengthGuard: Guard = (context) => {
  if (isReading(context.req.method)) return null;
  if (Number(context.req.header('content-length') ?? 0) > BODY_LIMIT) return tooLarge(context);
  if (context.req.path !== '/login' || context.req.header('transfer-encoding') === undefined) return null;
  context.header('connection', 'close');
  return problem(context, 411, 'a login says how long it is', 'send it with a Content-Length');
};

const bodyGuard = bodyLimit({ maxSize: BODY_LIMIT, onError: tooLarge });

/** To look at the body of a question that has none costs more than to answer it. */
export const sizeGuard: Guard = (context) =>
  isReading(context.req.method) ? null : bodyGuard(context, async () => {}).then((refusal) => refusal ?? null);

/** A page of another site cannot make a request count. */
export const originGuard: Guard = (context) =>
  !isReading(context.req.method) && isForeign(context)
    ? problem(context, 403, 'cross-site requests are refused')
    : null;

/** A body of the API is JSON, and a form of the board a form. A path that takes nothing wants no word of what it is. */
export const typeGuard =
  (takesNothing: (path: string) => boolean): Guard =>
  (context) => {
    const { req } = context;
    if (isReading(req.method)) return null;
    const type = req.header('content-type') ?? '';
    if (isFormPath(req.path)) {
      const isForm = /^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(type);
      return isForm ? null : problem(context, 415, 'this path takes a form');
    }
    const isEmpty = req.header('transfer-encoding') === undefined && Number(req.header('content-length') ?? 0) === 0;
    return /^application\/json\s*(?:;|$)/i.test(type) || (type === '' && isEmpty && takesNothing(req.path))
      ? null
      : problem(context, 415, 'send the body as application/json');
  };

/** Browsers say where a request comes from; older ones, and those on plain http, by its origin alone. */
function isForeign({ req }: Context): boolean {
  const site = req.header('sec-fetch-site');
  if (site !== undefined) return isFormPath(req.path) ? !['same-origin', 'none'].includes(site) : site === 'cross-site';
  const origin = req.header('origin');
  return isFormPath(req.path) && origin !== undefined && origin.replace(/^https?:\/\//i, '') !== req.header('host');
}
