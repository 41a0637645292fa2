/** `/notifications`: alerts on their way to receivers outside, the dead letters among them, and a message to try a receiver with. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { ServiceContext } from '../../context.ts';
import { serviceAlert } from '../../notifiers/alert-message.ts';
import { alertIn, NOTICE, routeNameOf } from '../../notifiers/notice-row.ts';
import type { OutboxMessage } from '../../store/port/index.ts';
import { jsonPage, pageOf, pageQuery, placeOf, tellPage } from '../page.ts';
import { problem } from '../problem.ts';
import { refuses } from '../refusals.ts';
import { json } from '../views.ts';

export const notificationView = z
  .object({
    id: z.number(),
    route: z.string(),
    state: z.enum(['pending', 'sent', 'dead']),
    about: z.string().openapi({ description: 'the task or repository' }),
    text: z.string(),
    attempts: z.number(),
    due_at: z.string(),
    last_error: z.string().nullable(),
  })
  .openapi('Notification');

export const triedView = z
  .object({ route: z.string(), status: z.enum(['told', 'untold', 'rejected']), reason: z.string().nullable() })
  .openapi('TriedRoute');

const list = createRoute({
  method: 'get',
  path: '/notifications',
  summary: 'Alerts for receivers outside, newest first',
  request: {
    query: pageQuery().extend({ state: z.enum(['pending', 'sent', 'dead']).default('dead') }),
  },
  responses: { 200: jsonPage(notificationView, 'the newest first') },
});
const resend = createRoute({
  method: 'post',
  path: '/notifications/{id}/resend',
  summary: 'Send a dead letter again',
  request: { params: z.object({ id: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) }) },
  responses: { 200: json(z.object({ id: z.number() }), 'it is due'), ...refuses(404) },
});
const tried = createRoute({
  method: 'post',
  path: '/notifications/test',
  summary: 'Send a message to each receiver now, and say how each answered',
  request: { query: z.object({ route: z.string().max(100).optional() }) },
  responses: { 200: json(z.array(triedView), 'one row for each route'), ...refuses(404, 409) },
});

export function notificationRoutes({ store, routes, now }: Pick<ServiceContext, 'now' | 'routes' | 'store'>) {
  const app = new OpenAPIHono<{ Variables: { actor: string } }>();
  app.openapi(list, async (c) => {
    const asked = c.req.valid('query');
    const [behindId] = placeOf(asked) ?? [];
    const of = { kind: NOTICE, state: asked.state };
    const read = await store.listOutbox({
      ...of,
      limit: asked.limit + 1,
      ...(typeof behindId === 'number' ? { behindId } : {}),
    });
    const page = pageOf(read, asked.limit, { total: await store.countOutbox(of), place: ({ id }) => [id] });
    tellPage(c, page);
    return c.json(page.rows.map(show), 200);
  });
  app.openapi(tried, async (c) => {
    const { route: name } = c.req.valid('query');
    const asked = routes.filter((route) => name === undefined || route.name === name);
    if (asked.length === 0) return noRoute(c, name, routes);
    const alert = serviceAlert({ key: 'test', text: 'this is a test: alerts of Gatehouse arrive here' });
    const answers = await Promise.all(
      asked.map(async ({ name: route, receiver }) => {
        const answer = await receiver.send({ id: `test-${now()}`, alerts: [alert] });
        return { route, status: answer.kind, reason: answer.kind === 'told' ? null : answer.reason };
      }),
    );
    return c.json(answers, 200);
  });
  app.openapi(resend, async (c) => {
    const { id } = c.req.valid('param');
    const isDue = await store.reviveOutbox(id, { kind: NOTICE, atMs: now() });
    return isDue
      ? c.json({ id }, 200)
      : problem(c, 404, `no dead letter has the number ${id}`, 'gatehouse notify ls lists them');
  });
  return app;
}

function noRoute(c: Parameters<typeof problem>[0], name: string | undefined, routes: ServiceContext['routes']) {
  if (name === undefined || routes.length === 0)
    return problem(
      c,
      409,
      'alerts go to the log alone: no receiver is configured',
      'set ORCH_TELEGRAM_TOKEN and ORCH_TELEGRAM_CHAT_ID, or ORCH_NOTIFY_WEBHOOK_URL, and start the service again',
    );
  const names = routes.map((route) => route.name).join(', ');
  return problem(c, 404, `no route is called ${JSON.stringify(name)}; there are ${names}`);
}

function show(row: OutboxMessage): z.infer<typeof notificationView> {
  const alert = alertIn(row);
  return {
    id: row.id,
    route: routeNameOf(row),
    state: row.state,
    about: alert?.task ?? alert?.repository ?? 'service',
    text: alert?.text ?? '',
    attempts: row.attempts,
    due_at: new Date(row.availableAt).toISOString(),
    last_error: row.lastError,
  };
}
