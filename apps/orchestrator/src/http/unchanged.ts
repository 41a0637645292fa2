/** Answers that have not changed since the reader asked last: 304 before anything is read, and one reading for all who ask at once. */
import { createHash } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import { type CallerVariables, isReading } from './caller.ts';
import type { ReadTag } from './read-tag.ts';

/** Lists of the API that have a tag, as its document names them. */
export const TAGGED: readonly string[] = ['/queue', '/tasks', '/tasks/{id}', '/repos', '/leases'];

type Guard = MiddlewareHandler<{ Variables: CallerVariables }>;
type CallerContext = Context<{ Variables: CallerVariables }>;

const REVALIDATE = { 'cache-control': 'private, no-cache', vary: 'authorization, cookie, accept' } as const;

/**
 * For lists that are made of what `readTag` follows. Whoever asks with the tag that holds gets no body; a page of the board is one of
 * its viewer's. Stands behind the guard that knows the caller.
 */
export function unlessUnchanged(readTag: ReadTag): Guard {
  return async (c, next) => {
    if (!isReading(c.req.method)) return next();
    // Before it is read: what is committed meanwhile makes the next question find another tag.
    const etag = `W/"${await readTag()}${viewOf(c)}"`;
    const isSame = c.req
      .header('if-none-match')
      ?.split(',')
      .some((one) => one.trim() === etag);
    if (isSame === true) return c.body(null, 304, { etag, ...REVALIDATE });
    for (const [name, value] of Object.entries({ etag, ...REVALIDATE })) c.header(name, value);
    await next();
    if (c.res.status !== 200) c.res.headers.delete('etag');
  };
}

/** What a page shows of who looks at it, and how they like it. An answer to a program is the same for all who may read it. */
function viewOf(c: CallerContext): string {
  if (!(c.req.path === '/' || c.req.path.startsWith('/board/'))) return '';
  const { formToken, name, scope } = c.var.caller;
  const view = [name, scope, formToken, getCookie(c, 'gatehouse_theme'), c.req.header('accept')];
  return `.${createHash('sha256').update(JSON.stringify(view)).digest('base64url').slice(0, 12)}`;
}

interface Answer {
  readonly text: string;
  readonly type: string;
}

interface Kept {
  readonly tag: string;
  /** Null: it was no answer to keep. */
  readonly answer: Promise<Answer | null>;
}

/** Addresses that are kept: with other cursors and limits. */
const KEPT = 16;

/** Reads once for all who ask while the tag holds. Only for answers that are the same for every caller. */
export function readOnce(readTag: ReadTag): Guard {
  const kept = new Map<string, Kept>();
  return async (c, next) => {
    if (c.req.method !== 'GET') return next();
    const tag = await readTag();
    const known = kept.get(c.req.url);
    const answer = known?.tag === tag ? await known.answer : null;
    if (answer !== null) return c.body(answer.text, 200, { 'content-type': answer.type });
    const told = Promise.withResolvers<Answer | null>();
    kept.delete(c.req.url);
    kept.set(c.req.url, { tag, answer: told.promise });
    for (const oldest of kept.keys()) if (kept.size > KEPT) kept.delete(oldest);
    await next();
    told.resolve(c.res.status === 200 ? await copyOf(c.res) : null);
  };
}

const copyOf = async (res: Response): Promise<Answer> => ({
  text: await res.clone().text(),
  type: res.headers.get('content-type') ?? '',
});
