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

/** Nothing is stored on the way (platform/front-door.ts): whoever asks keeps its tag, and shows it. */
const VARIES = { vary: 'authorization, cookie, accept' } as const;

/**
 * For lists that are made of what `readTag` follows. Whoever asks with the tag that holds gets no body; a page of the board is one of
 * its viewer's. With `kept` an answer is read once for all who ask while the tag holds: only for lists that are the same for every caller.
 * Stands behind the guard that knows the caller.
 */
export function unlessUnchanged(readTag: ReadTag, kept: KeptAnswers | null = null): Guard {
  return async (c, next) => {
    if (!isReading(c.req.method)) return next();
    // Before it is read: what is committed meanwhile makes the next question find another tag.
    const tag = await readTag();
    const etag = `W/"${tag}${viewOf(c)}"`;
    const asked = c.req.header('if-none-match');
    // Given as they are, headers cost nothing; a list of them that is made first costs as much as the rest of a short answer.
    if (asked?.split(',').some((one) => one.trim() === etag))
      return new Response(null, { status: 304, headers: { etag, ...VARIES } });
    const keeper = c.req.method === 'GET' ? kept : null;
    const known = await keeper?.find(c.req.url, tag);
    if (known != null)
      return new Response(known.bytes, { status: 200, headers: { 'content-type': known.type, etag, ...VARIES } });
    const told = keeper?.expect(c.req.url, tag);
    for (const [name, value] of Object.entries({ etag, ...VARIES })) c.header(name, value);
    try {
      await next();
    } finally {
      told?.(c.res.status === 200 ? await copyOf(c.res) : null);
    }
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
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
}

interface Kept {
  readonly tag: string;
  /** Null: it was no answer to keep. */
  readonly answer: Promise<Answer | null>;
}

/** Addresses that are kept: with other cursors and limits. */
const KEPT = 16;

/** Answers by address, each as long as its tag holds. */
export interface KeptAnswers {
  /** Null: it has to be read. An answer that is being read is waited for. */
  find(url: string, tag: string): Promise<Answer | null>;
  /** Says that the caller reads it; what is returned takes the answer. */
  expect(url: string, tag: string): (answer: Answer | null) => void;
}

export function keepAnswers(): KeptAnswers {
  const kept = new Map<string, Kept>();
  return {
    async find(url, tag) {
      const known = kept.get(url);
      return known?.tag === tag ? known.answer : null;
    },
    expect(url, tag) {
      const told = Promise.withResolvers<Answer | null>();
      kept.delete(url);
      kept.set(url, { tag, answer: told.promise });
      for (const oldest of kept.keys()) if (kept.size > KEPT) kept.delete(oldest);
      return told.resolve;
    },
  };
}

const copyOf = async (res: Response): Promise<Answer> => ({
  bytes: new Uint8Array(await res.clone().arrayBuffer()),
  type: res.headers.get('content-type') ?? '',
});
