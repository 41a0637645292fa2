/** For operators: readiness, metrics, and the stream of all events. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { type SSEMessage, type SSEStreamingApi, streamSSE } from 'hono/streaming';
import type { ServiceContext } from '../../context.ts';
import { errorOf } from '../../platform/errors.ts';
import type { ConditionRecord, StoreCondition } from '../../store/condition.ts';
import type { StoredEvent } from '../../store/port/index.ts';
import { isPausedByService } from '../../store/service-pause.ts';
import { problem } from '../problem.ts';
import { refuses } from '../refusals.ts';
import { json } from '../views.ts';

const metricsRoute = createRoute({
  method: 'get',
  path: '/metrics',
  summary: 'Prometheus metrics; counters begin at the start of this process',
  responses: { 200: { description: 'metrics', content: { 'text/plain': { schema: z.string() } } } },
});
const eventsRoute = createRoute({
  method: 'get',
  path: '/events',
  summary: 'Everything that happens, as server-sent events; resumes after `since` or the Last-Event-ID header',
  request: {
    query: z.object({
      since: z.coerce.number().int().min(0).optional(),
      as: z.enum(['events', 'changes']).default('events').openapi({
        description: 'changes: messages without a name that only say which task or repository to read again',
      }),
    }),
  },
  responses: { 200: { description: 'a stream', content: { 'text/event-stream': { schema: z.string() } } } },
});
const readyRoute = createRoute({
  method: 'get',
  path: '/readyz',
  summary: 'Whether the store answers and takes writes; needs no token',
  security: [],
  responses: { 200: json(z.object({ status: z.literal('ready') }), 'ready'), ...refuses(503) },
});

const healthRoute = createRoute({
  method: 'get',
  path: '/healthz',
  summary: 'Whether the process answers; needs no token',
  security: [],
  responses: { 200: json(z.object({ status: z.literal('ok'), since: z.string() }), 'it does') },
});

/** Neither says anything that a stranger could use, so they need no token. */
export function readinessRoutes(
  { store, now, startedAt }: Pick<ServiceContext, 'now' | 'startedAt' | 'store'>,
  conditionNow: () => StoreCondition,
) {
  const app = new OpenAPIHono<{ Variables: { actor: string } }>();
  app.openapi(healthRoute, (c) => c.json({ status: 'ok' as const, since: new Date(startedAt).toISOString() }, 200));
  app.openapi(readyRoute, async (c) => {
    const condition = conditionNow();
    if (condition.kind !== 'sound')
      return problem(c, 503, `the store is ${condition.kind} (${condition.code})`, 'see the log of the service');
    const failure = await errorOf(store.queueCounts(now()));
    if (failure === undefined) return c.json({ status: 'ready' as const }, 200);
    return problem(c, 503, 'the store does not answer', 'see the log of the service');
  });
  return app;
}

const PAGE = 200;
const POLL_MS = 200;
const PING_MS = 15_000;
/** More watchers than this are refused: each one reads the store. */
const WATCHERS = 64;

export function observabilityRoutes(
  service: Pick<ServiceContext, 'metrics' | 'now' | 'store'>,
  condition: Pick<ConditionRecord, 'current' | 'waits'>,
) {
  const { store, metrics, now } = service;
  const app = new OpenAPIHono<{ Variables: { actor: string } }>();
  const watching = new Set<SSEStreamingApi>();

  app.openapi(metricsRoute, async (c) => {
    const foreign = (await store.listRepos()).filter(isPausedByService).map(({ id }) => id);
    const watched = { condition: condition.current().kind, lockWaits: condition.waits(), foreign };
    const text = await metrics.text(await store.queueCounts(now()), watched);
    return c.text(text, 200, { 'content-type': metrics.contentType });
  });

  app.openapi(eventsRoute, (c) => {
    if (watching.size >= WATCHERS)
      return problem(c, 503, `${WATCHERS} streams are open already`, 'close one, or read GET /tasks/{id}/events');
    const last = Number(c.req.header('last-event-id') ?? Number.NaN);
    const asked = c.req.valid('query');
    const since = Number.isSafeInteger(last) && last >= 0 ? last : (asked.since ?? 0);
    const show = asked.as === 'changes' ? showChange : showEvent;
    return streamSSE(c, async (stream) => {
      watching.add(stream);
      await errorOf(follow(service, stream, { since, show }));
      watching.delete(stream);
    });
  });
  return app;
}

/** In order of seq, without gap or repeat, until the reader goes away. */
async function follow(
  { store }: Pick<ServiceContext, 'store'>,
  stream: SSEStreamingApi,
  { since, show }: { readonly since: number; readonly show: (event: StoredEvent) => SSEMessage },
): Promise<void> {
  let seq = since;
  let quietMs = 0;
  while (!stream.aborted && !stream.closed) {
    const page = await store.events({ afterSeq: seq, limit: PAGE });
    for (const event of page) await stream.writeSSE(show(event));
    seq = page.at(-1)?.seq ?? seq;
    if (page.length === PAGE) continue;
    quietMs = page.length > 0 ? 0 : quietMs + POLL_MS;
    if (quietMs >= PING_MS) {
      quietMs = 0;
      await stream.write(': still here\n\n');
    }
    await stream.sleep(POLL_MS);
  }
}

const showEvent = ({ seq, kind, repoId, taskId, actor, at, body }: StoredEvent) => ({
  id: String(seq),
  event: kind,
  data: JSON.stringify({ seq, kind, repo: repoId, task: taskId, actor, at: new Date(at).toISOString(), body }),
});

const showChange = ({ seq, repoId, taskId }: StoredEvent) => ({
  id: String(seq),
  data: JSON.stringify({ repo: repoId, task: taskId }),
});
