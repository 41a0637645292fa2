/** The stream of all events, and of what changed. */
import type { HttpBindings } from '@hono/node-server';
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { CallerVariables } from '../caller.ts';
import { problem } from '../problem.ts';
import type { EventFeed } from '../stream/event-feed.ts';

const route = createRoute({
  method: 'get',
  path: '/events',
  summary: 'Everything that happens, as server-sent events; resumes after `since` or the Last-Event-ID header',
  description:
    'Each event has its number as its id. A client that comes back is told what it missed, once and in order; where that is not kept any more, an event `reset` says so and from which number on the stream goes on. A client that does not take what it is sent is dropped, and can come back. The stream ends with the session that opened it.',
  request: {
    query: z.object({
      since: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
      as: z.enum(['events', 'changes']).default('events').openapi({
        description: 'changes: messages without a name that only say which task or repository to read again',
      }),
    }),
  },
  responses: { 200: { description: 'a stream', content: { 'text/event-stream': { schema: z.unknown() } } } },
});

const HEADERS = {
  'content-type': 'text/event-stream',
  connection: 'keep-alive',
  // A proxy that collects before it passes on would hold events back.
  'x-accel-buffering': 'no',
} as const;

export function eventRoutes(feed: EventFeed) {
  const app = new OpenAPIHono<{ Bindings: Partial<HttpBindings>; Variables: CallerVariables }>();
  app.openapi(route, (c) => {
    // Nobody would read it, nor end it.
    if (c.req.raw.method === 'HEAD') return c.body(null, 200, HEADERS);
    const last = Number(c.req.header('last-event-id') ?? Number.NaN);
    const asked = c.req.valid('query');
    const body = feed.open({
      since: Number.isSafeInteger(last) && last >= 0 ? last : (asked.since ?? 0),
      as: asked.as,
      sessionId: c.var.caller.sessionId,
      cut: () => void c.env.outgoing?.destroy(),
    });
    if (body === null)
      return problem(
        c,
        503,
        `${feed.watching()} streams are open already`,
        'close one, or read GET /tasks/{id}/events',
      );
    return c.body(body, 200, HEADERS);
  });
  return app;
}
