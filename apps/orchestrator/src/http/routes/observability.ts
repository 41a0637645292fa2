/** For operators: readiness and metrics. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { ServiceContext } from '../../context.ts';
import { errorOf } from '../../platform/errors.ts';
import type { ConditionRecord, StoreCondition } from '../../store/condition.ts';
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

export function observabilityRoutes(
  service: Pick<ServiceContext, 'metrics' | 'now' | 'store'>,
  { condition, streams }: { condition: Pick<ConditionRecord, 'current' | 'waits'>; streams: () => number },
) {
  const { store, metrics, now } = service;
  const app = new OpenAPIHono<{ Variables: { actor: string } }>();

  app.openapi(metricsRoute, async (c) => {
    const foreign = (await store.listRepos()).filter(isPausedByService).map(({ id }) => id);
    const watched = {
      condition: condition.current().kind,
      lockWaits: condition.waits(),
      foreign,
      streams: streams(),
    };
    const text = await metrics.text(await store.queueCounts(now()), watched);
    return c.text(text, 200, { 'content-type': metrics.contentType });
  });
  return app;
}
